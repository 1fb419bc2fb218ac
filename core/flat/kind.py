# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognition of the kind of a picture from its pixels."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .palette import find_palette, in_blocks, pixel_codes, premultiplied
from .shades import flattened, smooth_areas
from .shares import SMALL_SIDE, find_shares
from .texture import has_far_colors, has_glow

Kind = Literal["photo", "flat", "line", "pixel"]

# Fraction of a picture, without its ground, that its most frequent flat colors fill in flat art.
# Photographs reach 0.12, JPEGs of icons start at 0.17, and PNGs of icons at 0.88.
_FLAT_FRACTION, _FLAT_COLORS = 0.15, 64

# Colors looked at for the above, and how close (of 255) to a more frequent one they don't count.
_TRIED_COLORS, _MODE_REACH = 512, 8

# Colors of a small icon at most, pixels for each of them, and the fraction of its pixels that are
# mixtures of two. In small photographs of few hues nearly all pixels are, but at most 0.02 of them
# are flat as above; of small icons, at least 0.08.
_ICON_COLORS, _ICON_PIXELS, _ICON_EXACT, _ICON_FLAT = 24, 12, 0.7, 0.06

# Fraction of a picture, without its ground, that lies in smooth areas where it is drawn in shades
# and flat colors: photographs reach 0.39. Then, the fraction that these and their mixtures explain,
# that they fill (0.4 and 0.26 in photographs), and that one of them fills at most: a shade without
# any outline is none of a drawing.
_SMOOTH_FRACTION, _EXPLAINED, _FILLED, _ALONE = 0.45, 0.65, 0.5, 0.98

# Fraction of a small icon that lies in shades, where these make it one; 0.12 in photographs.
_ICON_SHADED = 0.25

# Long side up to which what lies on a ground of one color is an icon, never a photograph, and the
# fraction of its pixels that are mixtures of two colors where its outlines can be told from them.
_TINY_SIDE, _TINY_EXACT = 32, 0.6

# Fraction of the border within shades, up to which they are drawn on paper rather than paper.
_PAPER_FRACTION = 0.25

# Fraction of the border that one color fills where it is the ground.
_GROUND_FRACTION = 0.25

# Fraction of the visible pixels that are half transparent, with all their neighbors, in soft
# shadows and glows; edges are thinner.
_SOFT_FRACTION = 0.03

# Long side of pixel art at most, as it is and before it was enlarged, and number of colors.
_PIXEL_ART_SIDE, _ENLARGED_SIDE, _PIXEL_ART_COLORS = 64, 128, 64

# Anti-aliased pixels mix two of so many main colors; their channels are off by rounding only. The
# fraction of all other colors that are such mixtures in an anti-aliased picture.
_MAIN_COLORS, _ROUNDING, _MIXED_FRACTION = 4, 2.5, 0.5


def recognize(pixels: np.ndarray) -> Kind:
    """Tell pixel art, flat art and photographs apart; pixels: uint8 [H, W, 4] of `to_bytes`."""
    if is_pixel_art(pixels):
        return "pixel"
    codes = pixel_codes(pixels)
    rest = codes != _ground(codes)
    if not rest.any():
        return "flat"
    flat = in_blocks(codes)
    fraction = _pixels_of_modes(codes[flat & rest]) / rest.sum()
    if fraction > _ICON_FLAT and _is_small_icon(pixels, rest):
        return "flat"
    if fraction >= _FLAT_FRACTION and not _is_soft(pixels, flat) and not has_glow(pixels, rest):
        return "flat"
    if has_shades(pixels) or has_far_colors(pixels, rest):
        return "flat"
    if max(codes.shape) > _TINY_SIDE or _ground(codes) < 0:
        return "photo"
    return "flat" if _is_small_icon(pixels, rest, _TINY_EXACT) else "pixel"


def has_shades(pixels: np.ndarray, on_paper: bool = False) -> bool:
    """Tell whether a picture is drawn in flat colors and shades, of which it has some.

    on_paper: whether the shades are to lie on a ground rather than be the ground.
    """
    codes = pixel_codes(pixels)
    rest = codes != _ground(codes)
    is_small = max(codes.shape) < SMALL_SIDE
    if not is_small:
        is_smooth = smooth_areas(pixels) >= 0
        if not rest.any() or is_smooth[rest].mean() < _SMOOTH_FRACTION:
            return False
    flat = flattened(pixels)
    if flat.inside is None or flat.explained is None:
        return False
    border = np.concatenate(
        [flat.inside[i] for i in (0, -1)] + [flat.inside[:, i] for i in (0, -1)]
    )
    if on_paper and border.mean() > _PAPER_FRACTION:
        return False
    codes = pixel_codes(flat.pixels)
    filled = in_blocks(codes) & rest
    if np.unique(codes, return_counts=True)[1].max() > _ALONE * codes.size:
        return False
    fraction = _pixels_of_modes(codes[filled]) / rest.sum()
    if fraction > _FILLED and flat.explained[rest].mean() > _EXPLAINED:
        return True
    if flat.inside[rest].mean() < _ICON_SHADED:
        return False
    return fraction > _ICON_FLAT and _is_small_icon(flat.pixels, rest)


def _is_small_icon(pixels: np.ndarray, rest: np.ndarray, exact: float = _ICON_EXACT) -> bool:
    """Tell whether a small picture consists of few colors and their mixtures.

    rest: bool [H, W], the pixels that are not the ground. Few of them are flat. exact: the fraction
    of them that mixtures have to explain.
    """
    if max(pixels.shape[:2]) >= SMALL_SIDE:
        return False
    found = find_shares(pixels, find_palette(pixels))
    if len(found.palette.colors) > min(_ICON_COLORS, rest.sum() // _ICON_PIXELS):
        return False
    return bool(found.exact[rest].mean() > exact)


def _pixels_of_modes(codes: np.ndarray) -> int:
    """Count the pixels, of codes [P], of colors that are the most frequent ones around.

    The bands of a smooth shade are many colors in a row, of which few count.
    """
    values, counts = np.unique(codes, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_TRIED_COLORS]
    colors = values[order, None].view(np.uint8).reshape(-1, 4).astype(np.int16)
    modes: list[int] = []
    for i in range(len(colors)):
        apart = np.abs(colors[modes] - colors[i]).max(axis=1)
        if len(modes) < _FLAT_COLORS and not (apart <= _MODE_REACH).any():
            modes.append(i)
    return int(counts[order][modes].sum())


def is_pixel_art(pixels: np.ndarray) -> bool:
    """Tell whether every pixel, or block of an enlarged pixel, has one of few unmixed colors."""
    small = reduced(pixels)
    height, width = small.shape[:2]
    most = _PIXEL_ART_SIDE if small.shape == pixels.shape else _ENLARGED_SIDE
    if max(height, width) > most or min(height, width) < 2:
        return False
    values, counts = np.unique(pixel_codes(small), return_counts=True)
    if len(values) > min(_PIXEL_ART_COLORS, height * width // 6):
        return False
    order = np.argsort(-counts, kind="stable")
    colors = premultiplied(values[order, None].view(np.uint8).reshape(-1, 4)).astype(np.float64)
    return not _are_mixtures(colors)


def block_size(pixels: np.ndarray) -> int:
    """Return the side of the blocks that an enlarged picture consists of; 1 for any other."""
    codes = pixel_codes(pixels)
    height, width = codes.shape
    rows = np.flatnonzero((codes[1:] != codes[:-1]).any(axis=1)) + 1
    columns = np.flatnonzero((codes[:, 1:] != codes[:, :-1]).any(axis=0)) + 1
    if len(rows) + len(columns) < 4:
        return 1
    return int(np.gcd.reduce([*rows.tolist(), *columns.tolist(), height, width]))


def reduced(pixels: np.ndarray) -> np.ndarray:
    """Return the picture with one pixel for each block."""
    size = block_size(pixels)
    return np.ascontiguousarray(pixels[::size, ::size])


def _are_mixtures(colors: np.ndarray) -> bool:
    """Tell whether most colors [N, 4], the main ones first, lie between two main ones."""
    main, others = colors[:_MAIN_COLORS], colors[2:]
    if len(others) < 3:
        return False
    mixed = np.zeros(len(others), bool)
    for i in range(len(main)):
        for j in range(i):
            across = main[i] - main[j]
            share = np.clip((others - main[j]) @ across / (across @ across), 0.0, 1.0)
            off = np.abs(main[j] + share[:, None] * across - others).max(axis=1)
            mixed |= (off <= _ROUNDING) & (share > 0.0) & (share < 1.0)
    return bool(mixed.mean() > _MIXED_FRACTION)


def _ground(codes: np.ndarray) -> int:
    """Return the color of most of the border, or -1 where none prevails."""
    border = np.concatenate([codes[0], codes[-1], codes[:, 0], codes[:, -1]])
    values, counts = np.unique(border, return_counts=True)
    return int(values[counts.argmax()]) if counts.max() >= _GROUND_FRACTION * len(border) else -1


def _is_soft(pixels: np.ndarray, flat: np.ndarray) -> bool:
    """Tell whether a soft shadow or glow takes a good part of what is visible."""
    alpha = pixels[..., 3]
    soft = np.pad((alpha > 0) & (alpha < 255) & ~flat, 1)
    inner = soft[1:-1, 1:-1] & soft[:-2, 1:-1] & soft[2:, 1:-1] & soft[1:-1, :-2] & soft[1:-1, 2:]
    return bool(inner.sum() > _SOFT_FRACTION * (alpha > 0).sum())
