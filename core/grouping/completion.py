# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion of what lies behind objects: regions are continued beneath those in front of them."""

from __future__ import annotations

import numpy as np

from ..segmentation.regions import connected_components


def completed(labels: np.ndarray, levels: np.ndarray) -> list[np.ndarray]:
    """Return the regions of each level, lowest first, as they are without those in front.

    labels: int [H, W], a partition, -1 outside. levels: int [N], of each region. In the results,
    int32 [H, W], pixels of lower levels are -1, and those of higher ones belong to the nearest
    region: at the lowest level all of them, above it those in places that are mostly surrounded by
    the level's own regions.
    """
    of_pixel = np.where(labels >= 0, levels[labels], -1)
    present = sorted(set(of_pixel[of_pixel >= 0].tolist()))
    result = []
    for level in present:
        own, above = of_pixel == level, of_pixel > level
        hidden = above if level == present[0] else _surrounded(above, own)
        seeds = np.where(own, labels, -1).astype(np.int32)
        result.append(_continued(seeds, hidden))
    return result


def _surrounded(places: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the connected parts of places whose borders mostly lie at own pixels: bool [H, W]."""
    parts = connected_components(np.where(places, 0, -1))
    count = int(parts.max(initial=-1)) + 1
    met, borders = np.zeros(count, int), np.zeros(count, int)
    for here, there in _neighbors(parts.shape):
        edge = places[here] & ~places[there]
        borders += np.bincount(parts[here][edge], minlength=count)
        met += np.bincount(parts[here][edge & own[there]], minlength=count)
    return places & np.append(2 * met > borders, False)[parts]


def _continued(labels: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the labels with hidden pixels filled from their neighbors, ring by ring."""
    labels = labels.copy()
    missing = hidden & (labels < 0)
    while missing.any():
        found = np.full_like(labels, -1)
        for here, there in _neighbors(labels.shape):
            take = missing[here] & (found[here] < 0) & (labels[there] >= 0)
            found[here][take] = labels[there][take]
        reached = found >= 0
        if not reached.any():
            break
        labels[reached] = found[reached]
        missing &= ~reached
    return labels


def _neighbors(
    shape: tuple[int, ...],
) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Return slices of pixels that have a neighbor, and of the neighbor, in four directions."""
    everything, low, high = slice(None), slice(None, -1), slice(1, None)
    pairs = [((low, everything), (high, everything)), ((everything, low), (everything, high))]
    return pairs + [(there, here) for here, there in pairs]
