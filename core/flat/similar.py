# SPDX-License-Identifier: GPL-3.0-or-later
"""Similar colors as one."""

from __future__ import annotations

import numpy as np

from .photo_palette import oklab

# The unit of distances: black and white are 100 apart.
_UNIT = 0.01


def merged_similar(
    colors: np.ndarray, weights: np.ndarray, distance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Merge colors nearer to each other than a distance until none are, the nearest first.

    colors: float [N, 3] or [N, 4], sRGB and opacity in [0, 1]; weights: [N], positive. A merged
    color is the weighted mean, which is the least squared error. distance: hundredths of OKLab,
    and of the opacity. Returns the number of the color that stands for each, int [N], and the
    colors, of which only those that stand for some are used: float64 [N, 3] or [N, 4].
    """
    colors, weights = colors.astype(np.float64), weights.astype(np.float64)
    mapping, places = np.arange(len(colors)), _places(colors)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    least = apart.min(axis=1, initial=np.inf)
    while least.size and least.min() < distance * _UNIT:
        one = int(least.argmin())
        other = int(apart[one].argmin())
        colors[one] = np.average(colors[[one, other]], axis=0, weights=weights[[one, other]])
        places[one] = _places(colors[one])
        weights[one] += weights[other]
        mapping[mapping == other] = one
        is_left = mapping == np.arange(len(mapping))
        # Only for colors that had one of both as their nearest, all others are compared anew.
        stale = is_left & (apart[:, [one, other]].min(axis=1) <= least)
        near = np.where(is_left, np.linalg.norm(places - places[one], axis=1), np.inf)
        near[one] = apart[other] = apart[:, other] = np.inf
        apart[one] = apart[:, one] = near
        least = np.where(is_left, np.minimum(least, near), np.inf)
        least[stale] = apart[stale].min(axis=1)
    return mapping, colors


def _places(colors: np.ndarray) -> np.ndarray:
    """Return colors [..., 3 or 4] in OKLab, with their opacity where they have one."""
    return np.concatenate([oklab(colors[..., :3]), colors[..., 3:]], axis=-1)
