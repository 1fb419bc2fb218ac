# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's image datablocks as the core's images and masks."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import ImageError, SaliencyError
from ...core.image import Image, from_blender, have_same_shape
from ...core.segmentation.user_masks import label_image
from ...core.worker.payloads import PixelsFile, save_array
from ...core.worker.process import Worker


def find_image(name: str) -> bpy.types.Image:
    """The image datablock of this name. Raises ImageError."""
    image = bpy.data.images.get(name)
    if image is None:
        names = [known.name for known in bpy.data.images if known.source != "VIEWER"]
        known = f"There are: {', '.join(names[:5])}." if names else ""
        raise ImageError(f"There is no image '{name}' in this file.", f"Open it first. {known}")
    return image


def read_image(image: bpy.types.Image) -> Image:
    """The picture as it looks, whatever its source: a file, packed, generated or painted.

    Raises ImageError where there are no pixels or nothing is visible.
    """
    pixels, channels = _pixels(image)
    width, height = image.size
    return from_blender(pixels, width, height, channels, *_meaning(image))


def send_image(image: bpy.types.Image, worker: Worker) -> PixelsFile:
    """The same for a worker, which has the time for it: 0.5 s for 12 megapixels.

    Raises ImageError where there are no pixels.
    """
    pixels, channels = _pixels(image)
    file = save_array(worker.folder, f"pixels-{worker.last_id + 1}", pixels)
    width, height = image.size
    return PixelsFile(file, width, height, channels, *_meaning(image))


def read_saliency(image: bpy.types.Image, width: int, height: int) -> np.ndarray:
    """A painted saliency map: float32 RGBA [H0, W0, 4], white where it matters.

    Raises SaliencyError where its shape is not that of the picture, width x height.
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
    """Masks painted in flat colors: int32 [height, width], a number for each color.

    Raises MaskError where its shape is not that of the picture.
    """
    pixels, channels = _pixels(image)
    upright = pixels.reshape(image.size[1], image.size[0], channels)[::-1]
    return label_image(upright[..., :3], (height, width))


def _meaning(image: bpy.types.Image) -> tuple[bool, bool, bool]:
    """Whether values are linear light, colors multiplied by the opacity, and that is one.

    Float images hold linear light, multiplied by their alpha; images marked as data are taken
    as they are.
    """
    linear = image.is_float and not image.colorspace_settings.is_data
    return linear, image.is_float, image.alpha_mode not in ("NONE", "CHANNEL_PACKED")


def _pixels(image: bpy.types.Image) -> tuple[np.ndarray, int]:
    """All values, flat, bottom row first, and the number of channels. Raises ImageError."""
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
