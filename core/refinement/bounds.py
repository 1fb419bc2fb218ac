# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds of paths, and searches for those that overlap, in time about linear in their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..drawing import Path

# Cells along each side of a grid at most: more make large bounds slow to enter.
_MOST_CELLS = 64


def bounds_of(paths: Sequence[Path]) -> np.ndarray:
    """Return the bounds of the control points of each path: [N, 4], least x, y, most x, y."""
    if not paths:
        return np.empty((0, 4), np.float32)
    points = np.concatenate([points for path in paths for points in path.subpaths])
    counts = [sum(map(len, path.subpaths)) for path in paths]
    starts = np.cumsum([0, *counts[:-1]])
    least, most = (f.reduceat(points, starts, axis=0) for f in (np.minimum, np.maximum))
    return np.hstack([least, most])


class _Grid:
    """Bounds [N, 4] sorted into cells, to which they are added one by one.

    A cell that one of the bounds covers as a whole keeps only that one: what touches the cell
    overlaps it.
    """

    def __init__(self, bounds: np.ndarray) -> None:
        least, most = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
        self._side = int(np.clip(np.sqrt(len(bounds)), 1, _MOST_CELLS))
        scale = self._side / np.maximum(most - least, 1e-6)
        places = np.floor((bounds - np.tile(least, 2)) * np.tile(scale, 2))
        places = np.clip(places, 0, self._side - 1).astype(int)
        at_edge = bounds == np.concatenate([least, most])
        inside = places + np.where(at_edge, 0, [1, 1, -1, -1])
        self._places, self._inside = places.tolist(), inside.tolist()
        self._bounds = bounds.tolist()
        self._members: list[list[int]] = [[] for _ in range(self._side**2)]
        self._covered = [False] * self._side**2

    def overlapping(self, index: int) -> Iterator[int]:
        """Yield added bounds that overlap or touch these.

        Of those that cover a cell together, one is enough; some come several times.
        """
        left, top, right, bottom = self._bounds[index]
        for cell in self._cells(self._places[index]):
            for other in self._members[cell]:
                x, y, far_x, far_y = self._bounds[other]
                if x <= right and far_x >= left and y <= bottom and far_y >= top:
                    yield other

    def add(self, index: int) -> None:
        for cell in self._cells(self._places[index]):
            if not self._covered[cell]:
                self._members[cell].append(index)
        for cell in self._cells(self._inside[index]):
            if not self._covered[cell]:
                self._members[cell] = [index]
                self._covered[cell] = True

    def _cells(self, places: Sequence[int]) -> Iterator[int]:
        left, top, right, bottom = places
        for row in range(top, bottom + 1):
            yield from range(row * self._side + left, row * self._side + right + 1)


def apart(paths: Sequence[Path], candidates: np.ndarray) -> set[int]:
    """Return those candidates, indices of paths, whose bounds don't overlap an earlier one's."""
    if len(candidates) == 0:
        return set()
    indices = candidates.tolist()
    grid = _Grid(bounds_of([paths[index] for index in indices]))
    chosen = set()
    for i, index in enumerate(indices):
        if next(grid.overlapping(i), None) is None:
            grid.add(i)
            chosen.add(index)
    return chosen


def overlapping_groups(paths: Sequence[Path]) -> list[list[Path]]:
    """Return the paths in groups whose bounds overlap, directly or by others of the group.

    Groups are in the order of their last paths.
    """
    if not paths:
        return []
    grid = _Grid(bounds_of(paths))
    parents = list(range(len(paths)))

    def root_of(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for i in range(len(paths)):
        for other in grid.overlapping(i):
            parents[root_of(other)] = i
        grid.add(i)
    groups: dict[int, list[Path]] = {}
    for i, path in enumerate(paths):
        groups.setdefault(root_of(i), []).append(path)
    return [groups[last] for last in sorted(groups)]
