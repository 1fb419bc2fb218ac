# SPDX-License-Identifier: GPL-3.0-or-later
"""Ink as a mask, and its skeleton: lines one pixel wide."""

from __future__ import annotations

import numpy as np

from ..segmentation.windows import maximum

# Share of the most ink nearby that a pixel of ink has at least; nearby is within so many pixels.
_EDGE, _NEARBY = 0.5, 2

# Coverage that the ink of a line has at least.
FAINTEST = 0.12

# Steps to the eight neighbors of a pixel, in a circle: rows and columns.
_ROWS = np.array([-1, -1, 0, 1, 1, 1, 0, -1])
_COLUMNS = np.array([0, 1, 1, 1, 0, -1, -1, -1])


def ink_mask(coverage: np.ndarray, noise: float, scale: int) -> np.ndarray:
    """Return which pixels are ink: bool [H, W].

    The edge of a line that is thinner than a pixel is at half of its own coverage.
    """
    least = max(FAINTEST, 4.0 * noise)
    most = np.clip(maximum(coverage, _NEARBY * scale), 2.0 * least, 1.0)
    mask: np.ndarray = coverage > np.maximum(_EDGE * most, least)
    return mask


def thinned(mask: np.ndarray) -> np.ndarray:
    """Return the skeleton of a mask: lines of one pixel with the same connections, bool [H, W].

    Pixels of the edge are removed from four sides in turn, where that keeps connections and ends
    (Rosenfeld, "A characterization of parallel thinning algorithms", 1975).
    """
    padded = np.pad(mask, 1)
    width = padded.shape[1]
    pixels = padded.ravel()
    steps = _ROWS * width + _COLUMNS
    removable = _removable()
    live = np.flatnonzero(pixels)
    changed = True
    while changed:
        changed = False
        for side in (0, 4, 2, 6):  # above, below, right, left
            edge = live[~pixels[live + steps[side]]]
            codes = np.zeros(len(edge), np.int64)
            for bit, step in enumerate(steps):
                codes |= pixels[edge + step].astype(np.int64) << bit
            gone = edge[removable[codes]]
            if len(gone):
                pixels[gone] = False
                changed = True
                live = live[pixels[live]]
    return pixels.reshape(padded.shape)[1:-1, 1:-1]


def _removable() -> np.ndarray:
    """Return for each code of eight neighbors whether the pixel may go: bool [256].

    It may where the neighbors are one connected piece and more than one pixel.
    """
    codes = np.arange(256)
    around = (codes[:, None] >> np.arange(8)) & 1
    following = np.roll(around, -1, axis=1)
    third = np.roll(around, -2, axis=1)
    # Crossing number for 8-connected lines (Hilditch): gaps of a side, closed by no corner.
    sides = np.arange(0, 8, 2)
    pieces = ((1 - around) & (following | third))[:, sides].sum(axis=1)
    return (pieces == 1) & (around.sum(axis=1) > 1)
