# SPDX-License-Identifier: GPL-3.0-or-later
"""English names of colors, for the names of objects, shapes and materials."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from functools import lru_cache

# Upper ends of hues, in degrees.
_HUES = (
    (15, "Red"), (40, "Orange"), (68, "Yellow"), (165, "Green"), (200, "Cyan"), (255, "Blue"),
    (290, "Purple"), (340, "Pink"), (360, "Red"),
)  # fmt: skip


def color_name(rgb: Sequence[float]) -> str:
    """Return a name such as "Dark Red" for an sRGB color, each channel in [0, 1]."""
    red, green, blue = rgb[:3]
    return _named(float(red), float(green), float(blue))


@lru_cache(maxsize=4096)
def _named(*rgb: float) -> str:
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in rgb)
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


def _shade(lightness: float, dark: float, light: float) -> str:
    return "Dark " if lightness < dark else "Light " if lightness > light else ""
