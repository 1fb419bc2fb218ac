# SPDX-License-Identifier: GPL-3.0-or-later
"""Hidden continuation of paths beneath others that are about to move away from them.

Where a path ends at one that lies above it and moves in another way, the border between both opens
and shows what is behind. Nodes of the lower path are moved beneath the upper one before, as far as
nobody sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..bezier import flattened, outline_area
from ..drawing import Path, pack
from ..refinement.optimization import is_background
from ..rendering import native
from ..segmentation.windows import box_mean
from .flow import sample
from .uncrossed import uncrossed

# Pixels by which a path goes on beneath another one, and at most this share of what covers it.
_DEPTH = 6
_SHARE = 0.5

# Relative displacement in pixels for which it does, and the least move of a node.
_APART = 0.25
_LEAST = 0.5

# Squared change of a pixel, the mean of a square around it, that is seen; each trial moves the
# nodes there by half as much.
_SEEN = 1e-2
_REACH = 1
_SAMPLES = 8  # of a cubic
_TRIALS = 5


def underlapped(
    paths: Sequence[Path], owner: np.ndarray, motions: np.ndarray, threads: int = 0
) -> list[Path]:
    """Return the paths, of which nodes are moved beneath paths that move differently.

    owner: int32 [H, W], the path on top at each pixel, -1 for several. motions: float64 [N, 2, 3],
    of each path to the next frame. Paths without such nodes are returned as they are.
    """
    cover = _without_edges(owner)
    shifts = {
        (i, k): shift
        for i, path in enumerate(paths)
        for k, points in enumerate(path.subpaths)
        if not is_background(path)
        and (shift := _hidden_shift(points, i, cover, motions)) is not None
    }
    if not shifts:
        return list(paths)
    before = _rendered(paths, owner.shape, threads)
    for _ in range(_TRIALS):
        moved = uncrossed(paths, _shifted(paths, shifts))
        change = np.square(_rendered(moved, owner.shape, threads) - before).sum(axis=2)
        shifts = _lessened(moved, shifts, box_mean(change, _REACH))
    return uncrossed(paths, _shifted(paths, shifts))


def _hidden_shift(
    points: np.ndarray, index: int, cover: np.ndarray, motions: np.ndarray
) -> np.ndarray | None:
    """Return how far the anchors of an outline of a path move outward beneath others: [S, 2]."""
    anchors, normals = points[::3].astype(np.float64), _normals(points)
    steps = np.arange(-_DEPTH, 2 * _DEPTH) + 0.5
    along = anchors[:, None] + steps[None, :, None] * normals[:, None]
    height, width = cover.shape
    columns, rows = np.floor(along).astype(int).transpose(2, 0, 1)
    is_inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    above = cover[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    covered = (above > index) & is_inside & _moves_apart(anchors, above, index, motions)
    hidden = np.cumprod(covered[:, _DEPTH - 1 :: -1], axis=1).sum(axis=1)
    ahead = np.cumprod(covered[:, _DEPTH:], axis=1).sum(axis=1)
    distance = np.minimum(_DEPTH - hidden, _SHARE * ahead)
    distance = np.where(distance >= _LEAST, distance, 0)
    return distance[:, None] * normals if distance.any() else None


def _normals(points: np.ndarray) -> np.ndarray:
    """Return the outward normals of an outline at its anchors: float64 [S, 2]."""
    tangents = (points[1::3] - np.roll(points, 1, axis=0)[::3]).astype(np.float64)
    normals = np.stack([tangents[:, 1], -tangents[:, 0]], axis=1) * np.sign(outline_area(points))
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


def _moves_apart(
    anchors: np.ndarray, above: np.ndarray, index: int, motions: np.ndarray
) -> np.ndarray:
    """Return whether the paths above anchors [K, 2] move differently there: bool [K, M]."""
    places = np.column_stack([anchors, np.ones(len(anchors))])
    others = np.einsum("kmij,kj->kmi", motions[above], places)
    return np.linalg.norm(others - (places @ motions[index].T)[:, None], axis=2) > _APART


def _shifted(paths: Sequence[Path], shifts: dict[tuple[int, int], np.ndarray]) -> list[Path]:
    """Return the paths with the anchors of some sub-paths, and their handles, moved."""
    moved = list(paths)
    for (i, k), shift in shifts.items():
        each = np.stack([shift, shift, np.roll(shift, -1, axis=0)], axis=1).reshape(-1, 2)
        subpaths = list(moved[i].subpaths)
        subpaths[k] = (subpaths[k] + each).astype(np.float32)
        moved[i] = replace(moved[i], subpaths=subpaths)
    return moved


def _lessened(
    moved: Sequence[Path], shifts: dict[tuple[int, int], np.ndarray], change: np.ndarray
) -> dict[tuple[int, int], np.ndarray]:
    """Return half of the shifts of anchors beside which the picture has changed."""
    result = {}
    for (i, k), shift in shifts.items():
        places = flattened(moved[i].subpaths[k], _SAMPLES)
        found = sample(change, places[:, 0] - 0.5, places[:, 1] - 0.5).reshape(-1, _SAMPLES)
        first, last = (found > _SEEN).reshape(-1, 2, _SAMPLES // 2).any(axis=2).T
        less = np.where((first | np.roll(last, 1))[:, None], 0.5 * shift, shift)
        less[np.linalg.norm(less, axis=1) < _LEAST] = 0
        if less.any():
            result[i, k] = less
    return result


def _rendered(paths: Sequence[Path], shape: tuple[int, ...], threads: int) -> np.ndarray:
    height, width = shape
    return native.render(pack(paths), width, height, (0, 0, 0), threads)


def _without_edges(owner: np.ndarray) -> np.ndarray:
    """Return the owners where pixels of several paths count as of the lowest of them around."""
    most = np.iinfo(np.int32).max
    height, width = owner.shape
    padded = np.pad(np.where(owner < 0, most, owner), 1, "edge")
    around = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    lowest = np.min(around, axis=0)
    return np.where(owner >= 0, owner, np.where(lowest < most, lowest, 0))
