# SPDX-License-Identifier: GPL-3.0-or-later
"""From an image file to colors and opacity, some rows at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image as Pillow

from .color_profiles import Conversion, conversion_to_srgb, plain
from .opening import Opened, open_picture

# Colors [H, W, 3], sRGB in [0, 1], and opacity [H, W] or None, both float32.
Part = tuple[np.ndarray, "np.ndarray | None"]


class Decoded(NamedTuple):
    """An image file.

    part: returns the colors and the opacity of a range of rows. notes: sentences for the report.
    """

    height: int
    width: int
    part: Callable[[int, int], Part]
    notes: tuple[str, ...]


def decode(stream: BinaryIO) -> Decoded:
    """Decode an image file, in a quarter of the memory of its floats.

    Colors are converted to sRGB by the file's ICC profile, or gamma. Pixels that a cut-off file
    lacks are transparent. Raises ImageError, and MemoryError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid metadata; large images are refused
        opened = open_picture(stream)
        picture = opened.picture
        convert = None if picture is None else conversion_to_srgb(picture)
    width, height = _size(opened)

    def part(top: int, bottom: int) -> Part:
        if opened.values is not None:
            rgb, alpha = _from_values(opened.values[top:bottom], convert)
        else:
            rgb, alpha = _from_picture(picture.crop((0, top, width, bottom)), convert)
        if opened.missing is None:
            return rgb, alpha
        there = (~opened.missing[top:bottom]).astype(np.float32)
        return rgb, there if alpha is None else alpha * there

    return Decoded(height, width, part, opened.notes)


def _size(opened: Opened) -> tuple[int, int]:
    if opened.values is not None:
        height, width = opened.values.shape[:2]
        return int(width), int(height)
    width, height = opened.picture.size
    return int(width), int(height)


def _from_picture(picture: Any, convert: Conversion | None) -> Part:
    """Return the colors and the opacity of a Pillow image of 8 bits or floats."""
    if picture.mode == "F":
        gray = np.nan_to_num(np.asarray(picture, np.float32)).clip(0.0, 1.0)
        return np.repeat(gray[..., None], 3, axis=-1), None
    picture = convert(picture) if convert is not None else plain(picture)
    mode = "RGBA" if picture.mode in ("LA", "RGBA") else "RGB"
    values = np.asarray(picture.convert(mode)).astype(np.float32)
    values /= 255.0
    return values[..., :3], values[..., 3] if mode == "RGBA" else None


def _from_values(values: np.ndarray, convert: Conversion | None) -> Part:
    """Return the colors and the opacity of values of 16 bits, [H, W, 1 to 4]."""
    channels = values.shape[2]
    alpha = values[..., -1] / np.float32(65535.0) if channels in (2, 4) else None
    colors = values[..., : 3 if channels >= 3 else 1]
    rgb = colors / np.float32(65535.0) if convert is None else _between_levels(colors, convert)
    return np.broadcast_to(rgb, (*rgb.shape[:2], 3)), alpha


def _between_levels(colors: np.ndarray, convert: Conversion) -> np.ndarray:
    """Convert 16-bit gray or RGB [H, W, C]: linear between two levels of 8 bits, [H, W, 3].

    Pillow applies profiles to 8 bits only.
    """
    level, rest = np.divmod(colors, 257)
    below, above = (
        np.asarray(convert(_picture(np.minimum(level + step, 255)))).astype(np.float32)
        for step in (0, 1)
    )
    return (below + (above - below) * (rest / np.float32(257.0))) / np.float32(255.0)


def _picture(values: np.ndarray) -> Any:
    """Return the Pillow image of gray [H, W, 1] or RGB [H, W, 3]."""
    pixels = values.astype(np.uint8)
    return Pillow.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
