# SPDX-License-Identifier: GPL-3.0-or-later
"""Palettes that users give: a list of hexadecimal colors, or a .gpl, .ase or image file."""

from __future__ import annotations

import os
import re
import struct

import numpy as np

from ..errors import PaletteError, SemvecError
from ..image import load_image
from ..system.files import open_input
from .palette import find_palette, to_bytes

MOST_COLORS = 256

_HEXADECIMAL = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_LARGEST_FILE = 2**20


def parse_palette(text: str) -> np.ndarray:
    """Return the colors of a palette: uint8 [N, 3].

    text: hexadecimal colors separated by commas or spaces, or the path of a GIMP palette (.gpl),
    an Adobe Swatch Exchange file (.ase) or an image. Raises PaletteError.
    """
    words = text.replace(",", " ").replace(";", " ").split()
    if words and all(_HEXADECIMAL.fullmatch(word) for word in words):
        return _limited([parse_color(word) for word in words])
    suffix = os.path.splitext(text)[1].lower()
    if suffix == ".gpl":
        return _limited(_gimp_colors(_read(text).decode("utf-8", "replace")))
    if suffix == ".ase":
        return _limited(_swatches(_read(text)))
    if not os.path.isfile(text):
        raise PaletteError(
            f"'{text}' is neither a list of colors nor a file.",
            "Give colors like '#dc2828, #fff', or a .gpl, .ase or image file.",
        )
    try:
        image = load_image(text)
    except SemvecError as error:
        raise PaletteError(f"The palette '{text}' can't be read: {error}") from None
    colors = find_palette(to_bytes(image.rgb, image.alpha)).colors
    return _limited(colors[colors[:, 3] > 0, :3].tolist())


def parse_color(text: str) -> list[int]:
    """Return the channels of a hexadecimal color. Raises PaletteError."""
    match = _HEXADECIMAL.fullmatch(text.strip())
    if not match:
        raise PaletteError(f"'{text}' is no color.", "Colors are written like #dc2828 or #fff.")
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    return [int(digits[i : i + 2], 16) for i in (0, 2, 4)]


def color_to_leave_out(text: str) -> str | tuple[int, int, int]:
    """Return the color that the setting names, or "" or "background". Raises PaletteError."""
    named = text.strip().lower()
    if named in ("", "background"):
        return named
    red, green, blue = parse_color("#fff" if named == "white" else named)
    return red, green, blue


def _limited(colors: list[list[int]]) -> np.ndarray:
    unique = list(dict.fromkeys(map(tuple, colors)))
    if not 1 <= len(unique) <= MOST_COLORS:
        raise PaletteError(
            f"The palette has {len(unique)} colors.", f"It must have 1 to {MOST_COLORS}."
        )
    return np.array(unique, np.uint8).reshape(-1, 3)


def _read(path: str) -> bytes:
    with open_input(path, PaletteError) as stream:
        data = stream.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise PaletteError(f"The palette '{path}' is larger than 1 MB.")
    return data


def _gimp_colors(text: str) -> list[list[int]]:
    """Return the colors of a GIMP palette: lines that begin with three numbers."""
    if not text.lstrip("\ufeff").startswith("GIMP Palette"):
        raise PaletteError("This is no GIMP palette: its first line is not 'GIMP Palette'.")
    found = [
        re.match(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\b", line) for line in text.splitlines()
    ]
    return [[min(int(value), 255) for value in match.groups()] for match in found if match]


def _swatches(data: bytes) -> list[list[int]]:
    """Return the RGB, gray and CMYK colors of an Adobe Swatch Exchange file, version 1.

    A header of 12 bytes, then blocks: type (uint16), length (uint32), data; a color's data are its
    name in UTF-16 (length first), four letters for the model, and floats. All are big-endian.
    """
    if data[:4] != b"ASEF":
        raise PaletteError("This is no Adobe Swatch Exchange file.")
    colors, place = [], 12
    try:
        while place + 6 <= len(data):
            kind, length = struct.unpack_from(">HI", data, place)
            if kind == 1:
                characters = struct.unpack_from(">H", data, place + 6)[0]
                colors += _swatch(data, place + 8 + 2 * characters)
            place += 6 + length
    except struct.error:
        raise PaletteError("The Adobe Swatch Exchange file is damaged.") from None
    return colors


def _swatch(data: bytes, place: int) -> list[list[int]]:
    """Return the color at a place of a swatch file in a list, which is empty for other models."""
    model = data[place : place + 4]
    count = {b"RGB ": 3, b"CMYK": 4, b"Gray": 1}.get(model)
    if count is None:
        return []
    values = np.nan_to_num(struct.unpack_from(f">{count}f", data, place + 4)).clip(0.0, 1.0)
    if count == 4:
        values = (1.0 - values[:3]) * (1.0 - values[3])
    return [np.rint(np.broadcast_to(values, 3) * 255.0).astype(int).tolist()]
