# SPDX-License-Identifier: GPL-3.0-or-later
"""English names of colors, for the names of shapes and materials. No bpy here."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence

from ...core.drawing import Path

# Upper ends of hues, in degrees.
_HUES = (
    (15, "Red"), (40, "Orange"), (68, "Yellow"), (165, "Green"), (200, "Cyan"), (255, "Blue"),
    (290, "Purple"), (340, "Pink"), (360, "Red"),
)  # fmt: skip

# Names that the pipeline generates; all other names were chosen by the user.
_GENERATED = re.compile(r"(structural|detail)([.-]\d+)?|")


def color_name(rgb: Sequence[float]) -> str:
    """Return a name such as "Dark Red" for an sRGB color, each channel in [0, 1]."""
    red, green, blue = (min(max(float(channel), 0.0), 1.0) for channel in rgb[:3])
    hue, lightness, _ = colorsys.rgb_to_hls(red, green, blue)
    chroma = max(red, green, blue) - min(red, green, blue)
    if lightness < 0.06:
        return "Black"
    if lightness > 0.95:
        return "White"
    if chroma < 0.08:
        return f"{_shade(lightness, 0.35, 0.7)}Gray"
    name = next(name for limit, name in _HUES if hue * 360.0 <= limit)
    if (
        name in ("Orange", "Red")
        and lightness < 0.4
        and chroma < 0.6 * (red + green + blue)
        and hue < 0.5
    ):
        return f"{_shade(lightness, 0.2, 1.0)}Brown"
    return f"{_shade(lightness, 0.33, 0.7)}{name}"


def shape_name(path: Path, number: int) -> str:
    """Return the name of a shape's object: its own, else its color and its number."""
    if path.name == "background":
        return "Background"
    if _GENERATED.fullmatch(path.name):
        return f"{color_name(path.fill[:3].tolist())} {number:02d}"
    return path.name


def _shade(lightness: float, dark: float, light: float) -> str:
    return "Dark " if lightness < dark else "Light " if lightness > light else ""
