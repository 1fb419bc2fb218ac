# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of Blender's image datablocks to the core's images and masks."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import ImageError, SaliencyError
from ...core.image import Image, from_blender, have_same_shape
from ...core.segmentation.user_masks import label_image
from ...core.worker.payloads import PixelsFile, save_array
from ...core.worker.process import Worker
from .image_part import WHOLE, Part, image_of_part


def find_image(name: str) -> bpy.types.Image:
    """Return the image datablock of this name. Raises ImageError."""
    image = bpy.data.images.get(name)
    if image is None:
        names = [known.name for known in bpy.data.images if known.source != "VIEWER"]
        known = f" There are: {', '.join(names[:5])}." if names else ""
        raise ImageError(f"There is no image '{name}' in this file.", f"Open it first.{known}")
    return image


def read_image(image: bpy.types.Image, part: Part = WHOLE) -> Image:
    """Return the pixels of an image from any source: a file, packed, generated or painted.

    Raises ImageError if there are no pixels, or none is visible.
    """
    with image_of_part(image, part) as shown:
        pixels, channels = _pixels(shown)
        width, height = shown.size
        return from_blender(pixels, width, height, channels, *_meaning(shown))


def send_image(image: bpy.types.Image, worker: Worker, part: Part = WHOLE) -> PixelsFile:
    """Write the pixels to a file for the worker, which converts them.

    The conversion takes 0.5 s for 12 megapixels, too long for the window. Raises ImageError if
    there are no pixels.
    """
    with image_of_part(image, part) as shown:
        pixels, channels = _pixels(shown)
        file = save_array(worker.folder, f"pixels-{worker.last_id + 1}", pixels)
        width, height = shown.size
        return PixelsFile(file, width, height, channels, *_meaning(shown))


def read_saliency(image: bpy.types.Image, width: int, height: int) -> np.ndarray:
    """Return a painted saliency map: float32 RGBA [H0, W0, 4], white where it matters.

    Raises SaliencyError if its shape is not that of the image, width x height.
    """
    if not have_same_shape((image.size[1], image.size[0]), (height, width)):
        raise SaliencyError(
            f"The saliency '{image.name}' is {image.size[0]} x {image.size[1]} pixels, "
            f"the image {width} x {height}.",
            "It must have the same shape as the image; the resolution may differ.",
        )
    painted = read_image(image)
    alpha = np.ones(painted.rgb.shape[:2]) if painted.alpha is None else painted.alpha
    return np.dstack([painted.rgb, alpha]).astype(np.float32)


def read_labels(image: bpy.types.Image, width: int, height: int) -> np.ndarray:
    """Return masks painted in flat colors: int32 [height, width], a number for each color.

    Raises MaskError if the shape is not that of the image.
    """
    pixels, channels = _pixels(image)
    upright = pixels.reshape(image.size[1], image.size[0], channels)[::-1]
    return label_image(upright[..., :3], (height, width))


def _meaning(image: bpy.types.Image) -> tuple[bool, bool, bool]:
    """Return whether an image is linear, premultiplied, and has an opacity channel.

    Float images are linear and premultiplied; images marked as data are not converted.
    """
    linear = image.is_float and not image.colorspace_settings.is_data
    return linear, image.is_float, image.alpha_mode not in ("NONE", "CHANNEL_PACKED")


def _pixels(image: bpy.types.Image) -> tuple[np.ndarray, int]:
    """Return all values, flat, bottom row first, and the channel count. Raises ImageError."""
    width, height = image.size  # reads the file where that has not happened yet
    if not image.has_data or 0 in (width, height):
        missing = image.source == "FILE" and not image.packed_file
        where = bpy.path.abspath(image.filepath) if missing else image.source.lower()
        raise ImageError(
            f"The image '{image.name}' has no pixels ({where}).",
            "Find its file again or choose another image.",
        )
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels, image.channels
