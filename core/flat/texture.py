# SPDX-License-Identifier: GPL-3.0-or-later
"""Texture and glows, which flat art has not, and the few colors that explain compressed art."""

from __future__ import annotations

import numpy as np

from ..segmentation.windows import box_mean, dilated
from .palette import Palette, find_palette, premultiplied
from .shades import flattened
from .shares import SMALL_SIDE

# Fraction of a picture that is even in flat art: icons start at 0.73, JPEGs of them at 0.86; pencil
# drawings and dithered photographs end at 0.63. Engravings of few exact colors may have less.
_EVEN_FRACTION, _FEW_COLORS = 0.65, 6

# Changes a pixel between what is lighter and what is darker than its surroundings, in uneven areas:
# 0.12 to 0.25 of dots that are 6 to 12 pixels apart, which flat art may have; 0.3 of pencil on
# paper, 0.4 and more of dithered photographs. The surroundings are so many pixels on each side.
_COARSE, _SURROUNDINGS = 0.25, 4

# Fraction of what is no ground that no mixture of two colors nearby explains, over areas: 0.7 of a
# drawing of light, up to 0.1 of icons and up to 0.21 of their JPEGs.
_GLOW_FRACTION = 0.3

# Colors of compressed flat art at most, how far they are apart at least, of 255, the fraction that
# they fill, and what their mixtures leave unexplained of what is no ground, at most. Photographs
# have more colors, 9 to 27 apart, or more that is unexplained (0.47).
_FAR_COLORS, _APART, _FILLED, _UNEXPLAINED = 12, 36.0, 0.65, 0.23

# Pixels to the colors that are nearby; difference from their mixtures, of 255; and the reach of the
# areas that count.
_NEARBY, _DIFFERENCE, _AREA_REACH = 2, 10.0, 2


def is_textured(pixels: np.ndarray) -> bool:
    """Tell whether texture fills a picture, uint8 [H, W, 4], that flat art would have to leave out.

    At full size it may have had flat colors: dots of a few pixels, or paper.
    """
    if max(pixels.shape[:2]) < SMALL_SIDE:
        return False
    palette = find_palette(pixels)
    if not _is_uneven(palette) or not _is_uneven(find_palette(flattened(pixels).pixels)):
        return False
    return palette.noise > 0 or _changes(pixels, palette.numbers < 0) > _COARSE


def _is_uneven(palette: Palette) -> bool:
    is_exact = palette.noise == 0 and len(palette.colors) <= _FEW_COLORS
    return not is_exact and bool((palette.numbers >= 0).mean() < _EVEN_FRACTION)


def _changes(pixels: np.ndarray, uneven: np.ndarray) -> float:
    """Return how often a pixel of uneven areas is on the other side of the mean than the next."""
    gray = premultiplied(pixels)[..., :3].mean(axis=2)
    is_light = gray > box_mean(gray, _SURROUNDINGS)
    near = dilated(uneven, 1)
    across = (is_light[:, 1:] != is_light[:, :-1]) & near[:, 1:]
    down = (is_light[1:] != is_light[:-1]) & near[1:]
    return float((across.sum() + down.sum()) / (2.0 * near.sum()))


def has_glow(pixels: np.ndarray, rest: np.ndarray) -> bool:
    """Tell whether light or blur fills much of an exact picture, uint8 [H, W, 4].

    rest: bool [H, W], the pixels that are not the ground. Edges of flat colors are mixtures of
    the two beside them; what glows has shades of its own.
    """
    palette = find_palette(pixels)
    if palette.noise > 0:
        return False
    areas = _unexplained(pixels, palette)
    areas = dilated(~dilated(~areas, _AREA_REACH), _AREA_REACH)
    return bool(areas[rest].mean() > _GLOW_FRACTION)


def has_far_colors(pixels: np.ndarray, rest: np.ndarray) -> bool:
    """Tell whether a compressed picture, uint8 [H, W, 4], consists of few colors far apart.

    rest: bool [H, W], the pixels that are not the ground. Compression leaves hardly any two
    neighbors with one color where areas are small.
    """
    palette = find_palette(pixels)
    colors = premultiplied(palette.colors)
    if palette.noise == 0 or not 2 <= len(colors) <= _FAR_COLORS:
        return False
    apart = np.abs(colors[:, None] - colors[None]).max(axis=2)
    if apart[~np.eye(len(colors), dtype=bool)].min() < _APART:
        return False
    if (palette.numbers >= 0).mean() < _FILLED:
        return False
    return bool(_unexplained(pixels, palette)[rest].mean() < _UNEXPLAINED)


def _unexplained(pixels: np.ndarray, palette: Palette) -> np.ndarray:
    """Return the pixels that are no mixture of one or two colors of the palette near them."""
    flat, colors = palette.numbers, premultiplied(palette.colors)
    rest = flat < 0
    values = premultiplied(pixels)[rest]
    near = np.stack([dilated(flat == i, _NEARBY)[rest] for i in range(len(colors))])
    least = np.full(len(values), np.inf, np.float32)
    for i, one in enumerate(near):
        # A color with itself explains pixels that it alone is near to.
        for k in range(i + 1):
            both = one & near[k]
            off = _off_mixtures(values[both], colors[i], colors[k])
            least[both] = np.minimum(least[both], off)
    missed = np.zeros(rest.shape, bool)
    missed[rest] = least > _DIFFERENCE + palette.noise
    return missed


def _off_mixtures(values: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distance of values [P, 4] from the nearest mixture of two colors, of 255."""
    across = one - other
    share = np.clip((values - other) @ across / max(float(across @ across), 1e-9), 0.0, 1.0)
    off: np.ndarray = np.abs(values - other - share[:, None] * across).max(axis=1, initial=0.0)
    return off
