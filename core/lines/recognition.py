# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognition of line drawings: thin ink of few colors on paper or transparency."""

from __future__ import annotations

import numpy as np

from ..segmentation.distances import distances
from ..segmentation.regions import connected_components
from ..segmentation.windows import maximum, shifted
from .ink import Ink, find_ink
from .skeleton import ink_mask, thinned

# Fraction of a picture that is ink in line drawings, and inks at most.
_LEAST_INK, _MOST_INK, _MOST_INKS = 0.002, 0.3, 5

# Fraction of the ink that no mixture of paper and an ink explains, at most; that is a smooth
# shade; that is thicker than lines; and that is in dots.
_UNEXPLAINED, _SHADES, _THICK, _DOTS = 0.08, 0.06, 0.3, 0.3

# Length of a line in its own widths, at least: what is shorter is a dot.
_LONGER = 2.0

# Length of all lines in widths, and widths in the long side of what is drawn, at least.
_LONG, _FINE = 45.0, 26.0

# Slope of a line's radius along its middle at most, and the pixels over which it is measured.
_STEEP, _REACH = 0.4, 5

# Noise of the coverage at most.
_MOST_NOISE = 0.1

# Difference in sRGB that is not explained; coverages and their change in a smooth shade.
_DIFFERENCE, _SHADE, _SMOOTH = 0.14, (0.15, 0.8), 0.06


def is_line_art(pixels: np.ndarray) -> bool:
    """Tell line drawings from all other pictures; pixels: uint8 [H, W, 4], sRGB and opacity."""
    if min(pixels.shape[:2]) < 16:
        return False
    ink = find_ink(pixels)
    if not 0 < len(ink.colors) <= _MOST_INKS or ink.noise > _MOST_NOISE:
        return False
    mask = ink_mask(ink.coverage, ink.noise, 1)
    fraction = mask.mean()
    if not _LEAST_INK <= fraction <= _MOST_INK:
        return False
    if _unexplained(pixels, ink).sum() > _UNEXPLAINED * mask.sum():
        return False
    return bool(_shades(ink) <= _SHADES * mask.sum()) and _is_thin(mask)


def _unexplained(pixels: np.ndarray, ink: Ink) -> np.ndarray:
    """Return the pixels that are no mixture of paper and their ink: bool [H, W]."""
    values = pixels.astype(np.float32) / np.float32(255.0)
    share = np.clip(ink.coverage, 0.0, 1.0)[..., None]
    colors = ink.colors[ink.labels]
    if ink.paper is None:
        off = np.abs(values[..., :3] - colors).max(axis=2) * (values[..., 3] > 0.5)
    else:
        over = values[..., :3] * values[..., 3:] + (1.0 - values[..., 3:])
        off = np.abs(over - (share * colors + (1.0 - share) * paper_near(over, ink))).max(axis=2)
    return off > _DIFFERENCE + 3.0 * ink.noise


def paper_near(rgb: np.ndarray, ink: Ink) -> np.ndarray:
    """Return the color of the paper where there is no ink, else its middle: [H, W, 3]."""
    assert ink.paper is not None
    return np.where((np.abs(ink.coverage) < 0.1)[..., None], rgb, ink.paper)


def _shades(ink: Ink) -> int:
    """Count pixels that lie within a smooth shade rather than at an edge."""
    coverage = ink.coverage
    padded = np.pad(coverage, 1, mode="edge")
    change = np.max(
        [np.abs(shifted(padded, y, x) - coverage) for y, x in ((0, 1), (2, 1), (1, 0), (1, 2))],
        axis=0,
    )
    inside = (coverage > _SHADE[0] + 3.0 * ink.noise) & (coverage < _SHADE[1])
    return int((inside & (change < _SMOOTH)).sum())


def _is_thin(mask: np.ndarray) -> bool:
    """Tell whether ink, bool [H, W], consists of long thin lines."""
    radii = distances(mask)
    along = _center_lines(radii, thinned(mask))
    length = int(along.sum())
    if not length:
        return False
    width = float(mask.sum()) / length
    y, x = np.nonzero(mask)
    side = max(np.ptp(y), np.ptp(x)) + 1
    usual = float(np.median(radii[along]))
    thick = (radii > 2.0 * usual + 1.5).sum() / mask.sum()
    if not (length >= _LONG * width and side >= _FINE * width and thick <= _THICK):
        return False
    return _dots(mask, radii, along) <= _DOTS


def _dots(mask: np.ndarray, radii: np.ndarray, along: np.ndarray) -> float:
    """Return the share of ink, bool [H, W], in pieces that are hardly longer than wide.

    A drawing has few of them; a screen of dots consists of them. along: the middle of lines.
    """
    pieces = connected_components(np.where(mask, 0, -1))
    count = int(pieces.max(initial=-1)) + 1
    lengths = np.bincount(pieces[along], minlength=count)
    largest = np.zeros(count)
    np.maximum.at(largest, pieces[mask], radii[mask])
    is_dot = np.append(lengths <= _LONGER * 2.0 * largest, False)
    return float(is_dot[pieces].sum() / max(int(mask.sum()), 1))


def _center_lines(radii: np.ndarray, skeleton: np.ndarray) -> np.ndarray:
    """Return the pixels of a skeleton that are in the middle of lines: bool [H, W].

    In areas branches of the skeleton run towards corners, and the radius falls along them.
    """
    nearby = maximum(np.where(skeleton, radii, np.float32(0.0)), _REACH)
    along: np.ndarray = skeleton & (nearby - radii < _STEEP * _REACH)
    return along
