# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks from the user's files: a label image, or one file for each mask."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from ..errors import ImageError, MaskError
from ..image import have_same_shape, load_image
from ..system.files import open_input

UNCOVERED = -1  # label of the pixels that no mask covers

PathLike = str | os.PathLike[str]


def load_masks(paths: PathLike | Sequence[PathLike], size: tuple[int, int]) -> np.ndarray:
    """Read the user's masks as labels int32 [H, W], for an image of `size` (height, width).

    One file is a label image: each distinct value (gray, 16-bit, palette entry or color)
    is a mask. Several files are one mask each, white on black; where they overlap, the
    smaller one is on top, and -1 marks pixels that none covers. Files of another resolution are
    scaled to `size` by nearest neighbor.
    Raises MaskError for a file that can't be read, has another shape than the image, or
    is empty.
    """
    files = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not files:
        raise MaskError("There are no mask files.", "Name a label image or several masks.")
    if len(files) == 1:
        return label_image(_pixel_values(files[0]), size)
    areas = [np.count_nonzero(_load_mask(file, size)) for file in files]
    labels = np.full(size, UNCOVERED, np.int32)
    for index in _large_to_small(areas):  # read again, as a large stack would fill the memory
        labels[_load_mask(files[index], size)] = index
    return labels


def paint_masks(masks: np.ndarray) -> np.ndarray:
    """Paint masks bool [M, H, W] as labels int32 [H, W], large masks under small ones.

    Of masks of equal size the later one is on top. -1 marks what no mask covers.
    """
    labels = np.full(masks.shape[1:], UNCOVERED, np.int32)
    for index in _large_to_small([np.count_nonzero(mask) for mask in masks]):
        labels[masks[index]] = index
    return labels


def label_image(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Assign a label to each distinct value of pixels [H0, W0] or [H0, W0, C]: int32 [H, W].

    The image is scaled to `size` by nearest neighbor. Raises MaskError for another shape.
    """
    values = _at_size(values, size)
    flat = values.reshape(size[0] * size[1], -1)  # [H·W, channels]
    labels = np.zeros(len(flat), np.int64)
    for channel in flat.T:  # pairs of numbers become numbers, channel by channel
        numbers = np.unique(channel, return_inverse=True)[1]
        labels = np.unique(labels * (numbers.max() + 1) + numbers, return_inverse=True)[1]
    return labels.astype(np.int32).reshape(size)


def _large_to_small(areas: Sequence[int]) -> list[int]:
    return sorted(range(len(areas)), key=lambda index: -areas[index])


def _load_mask(path: PathLike, size: tuple[int, int]) -> np.ndarray:
    """Read one mask bool [H, W]: more white than black, and more opaque than transparent."""
    try:
        picture = load_image(path)
    except ImageError as error:
        raise MaskError(error.message, error.hint) from None
    mask = _at_size(np.stack([_is_white(row) for row in picture.rows()]), size)
    if not mask.any():
        raise MaskError(f"The mask '{path}' is empty.", "Paint the mask white.")
    return mask


def _is_white(row: np.ndarray) -> np.ndarray:
    """Return which pixels of a row [W, 3 or 4] are more white than black, and opaque: bool [W]."""
    whiteness = row[:, :3].mean(axis=1)
    return (whiteness if row.shape[1] == 3 else whiteness * row[:, 3]) > 0.5


def _pixel_values(path: PathLike) -> np.ndarray:
    """Read the values of an image file, [H, W] or [H, W, C]; a palette image as its indices."""
    with open_input(path, MaskError) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata; oversized files are refused anyway
        try:
            return _decoded(stream)
        except ImageError as error:
            raise MaskError(f"The label image '{path}': {error.message}", error.hint) from None


def _decoded(stream: BinaryIO) -> np.ndarray:
    from ..decoding.opening import open_picture

    opened = open_picture(stream)
    if opened.missing is not None:
        raise ImageError("The file is cut off or damaged.", "Save it again as PNG.")
    if opened.values is not None:
        hidden = opened.values[..., -1] == 0 if opened.values.shape[2] in (2, 4) else False
        return np.where(np.expand_dims(hidden, -1), np.uint16(0), opened.values)
    return np.asarray(_without_hidden_colors(opened.picture))


def _without_hidden_colors(picture: Any) -> Any:
    """Make transparent pixels one color, so that they are one label."""
    if picture.mode not in ("LA", "La", "RGBa", "RGBA"):
        return picture
    from PIL import Image as Pillow

    picture = picture.convert("RGBA")
    empty = Pillow.new("RGBA", picture.size, (0, 0, 0, 0))
    return Pillow.composite(picture, empty, picture.getchannel("A").point(lambda a: 255 * (a > 0)))


def _at_size(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale values [H0, W0, ...] to `size` by nearest neighbor. Raises MaskError."""
    height, width = values.shape[:2]
    if not have_same_shape((height, width), size):
        raise MaskError(
            f"A mask is {width} x {height} pixels, the image {size[1]} x {size[0]}.",
            "Masks must have the same shape as the image; the resolution may differ.",
        )
    rows = ((np.arange(size[0]) + 0.5) * height / size[0]).astype(int)
    columns = ((np.arange(size[1]) + 0.5) * width / size[1]).astype(int)
    return values[rows[:, None], columns]
