# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines that touch in nodes, pulled apart there. No bpy here.

Blender's default solver takes nodes in the same place for one, and then fills wrongly.
"""

from __future__ import annotations

import numpy as np


def pulled_apart(outlines: list[np.ndarray], distance: float) -> list[np.ndarray]:
    """Return outlines [3·S, D] none of whose nodes are in the same place.

    Nodes that were move into their corners, by `distance` or a few times as much: the sharper
    the corner, the farther, so that one that lies in another stays in it.
    """
    if not outlines:
        return outlines
    anchors = np.concatenate([points[::3] for points in outlines]).astype(np.float64)
    cells = np.rint(anchors / (0.5 * distance))
    if len(set(map(tuple, cells.tolist()))) == len(cells):  # far faster than np.unique, and usual
        return outlines
    _, place, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    shared = np.flatnonzero(counts[place.ravel()] > 1)
    before = np.concatenate([np.roll(points[::3], 1, axis=0) for points in outlines])
    after = np.concatenate([np.roll(points[::3], -1, axis=0) for points in outlines])
    inwards = _unit(before - anchors) + _unit(after - anchors)
    sharpness = np.linalg.norm(inwards, axis=1)
    moved = anchors.copy()
    for spot in np.unique(place.ravel()[shared]):
        nodes = np.flatnonzero(place.ravel() == spot)
        order = nodes[np.argsort(sharpness[nodes], kind="stable")]
        factors = np.arange(1, len(order) + 1)[:, None]
        moved[order] += distance * factors * _unit(inwards[order])
    pieces = np.split(moved, np.cumsum([len(points) // 3 for points in outlines])[:-1])
    return [_with_anchors(points, nodes) for points, nodes in zip(outlines, pieces, strict=True)]


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors [N, D] with length 1; zero vectors stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0.0, lengths, 1.0)


def _with_anchors(points: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Return an outline whose nodes lie elsewhere; handles move along."""
    step = (anchors - points[::3]).astype(points.dtype)
    moved = points.copy()
    moved[::3] += step
    moved[1::3] += step
    moved[2::3] += np.roll(step, -1, axis=0)
    return moved
