# SPDX-License-Identifier: GPL-3.0-or-later
"""Cubics as short straight segments on a fine grid, and where segments meet.

Coordinates are whole numbers, held in float64, so that tests of orientation are exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .effort import MOST_COMPARISONS, Effort, TooComplex

GRID = 2.0**24  # steps along the longer side of a job; products of two stay exact
_FLATNESS = 1e-4  # how far a segment may be from its curve, of the longer side
_MOST_PIECES = 64  # segments a cubic
_MOST_CELLS = 1024  # along one side of a job's grid of cells


class Segments(NamedTuple):
    """Straight pieces of curves.

    start, end: [N, 2], grid steps. curve: int [N]. before, after: [N], the curve's parameter at
    both ends. job: int [N], segments of different jobs never meet.
    """

    start: np.ndarray
    end: np.ndarray
    curve: np.ndarray
    before: np.ndarray
    after: np.ndarray
    job: np.ndarray

    def pick(self, chosen: np.ndarray) -> Segments:
        """Return some of the segments, by indices or a mask."""
        return Segments(*(values[chosen] for values in self))


def flattened(cubics: np.ndarray, job: np.ndarray) -> Segments:
    """Return cubics [K, 4, 2], grid steps, as segments."""
    bends = np.abs(np.diff(cubics, n=2, axis=1)).max(axis=(1, 2))
    pieces = np.ceil(np.sqrt(0.75 * bends / (_FLATNESS * GRID))).clip(1, _MOST_PIECES).astype(int)
    curve = np.repeat(np.arange(len(cubics)), pieces)
    step = np.arange(len(curve)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    before, after = step / pieces[curve], (step + 1) / pieces[curve]
    start = np.rint(points_at(cubics[curve], before))
    end = np.rint(points_at(cubics[curve], after))
    found = Segments(start, end, curve, before, after, job[curve])
    return found.pick((start != end).any(axis=1))


def points_at(cubics: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the points [N, 2] of cubics [N, 4, 2] at parameters [N]."""
    s, t = (1.0 - t)[:, None], t[:, None]
    a, b, c, d = cubics.swapaxes(0, 1)
    points: np.ndarray = s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d
    return points


def slopes_at(cubics: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the derivatives [N, 2] of cubics [N, 4, 2] at parameters [N]."""
    s, t = (1.0 - t)[:, None], t[:, None]
    a, b, c = (3.0 * np.diff(cubics, axis=1)).swapaxes(0, 1)
    slopes: np.ndarray = s * s * a + 2 * s * t * b + t * t * c
    return slopes


def runs(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for counts [N] the owner and the position within it of each item: [sum] each."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def close_pairs(segments: Segments, effort: Effort) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of segments of one job whose boxes touch: indices, each pair once.

    Only segments in the same cell of a grid are compared. Raises TooComplex.
    """
    cell, owner = _cells(segments)
    order = np.argsort(cell, kind="stable")
    cell, owner = cell[order], owner[order]
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    position = np.arange(len(cell)) - np.repeat(starts, np.diff(np.r_[starts, len(cell)]))
    effort.compare(int(position.sum()))
    low, high = _boxes(segments)
    keys = [np.zeros(0, np.int64)]
    for part in portions(position):
        second, back = runs(position[part])
        first = owner[part[second] - 1 - back]
        second = owner[part[second]]
        touch = ((low[first] <= high[second]) & (low[second] <= high[first])).all(axis=1)
        first, second = first[touch], second[touch]
        count = len(segments.curve)
        keys.append(np.unique(np.minimum(first, second) * count + np.maximum(first, second)))
        if sum(map(len, keys)) > MOST_COMPARISONS:
            raise TooComplex
    pairs = np.unique(np.concatenate(keys))
    return pairs // len(segments.curve), pairs % len(segments.curve)


def portions(counts: np.ndarray, most: int = 2_000_000) -> Iterable[np.ndarray]:
    """Yield indices in portions of a limited total count."""
    group = np.cumsum(counts) // most
    for number in np.unique(group):
        yield np.flatnonzero(group == number)


def _boxes(segments: Segments) -> tuple[np.ndarray, np.ndarray]:
    return np.minimum(segments.start, segments.end), np.maximum(segments.start, segments.end)


def _cells(segments: Segments) -> tuple[np.ndarray, np.ndarray]:
    """Return all cells that segments pass through, and the segments: [M] each."""
    row, owner, side = rows_of(segments)
    size = GRID / side[owner]
    start, end = segments.start[owner], segments.end[owner]
    top = (row * size)[:, None] + np.stack([np.zeros_like(size), size], axis=1)
    step = end - start
    with np.errstate(all="ignore"):
        share = (top - start[:, 1:]) / step[:, 1:]
    share = np.where(step[:, 1:] == 0.0, [0.0, 1.0], share).clip(0.0, 1.0)
    x = start[:, :1] + share * step[:, :1]
    columns = np.floor((np.sort(x, axis=1) + np.array([-1.0, 1.0])) / size[:, None])
    columns = columns.clip(0, side[owner][:, None] - 1).astype(np.int64)
    counts = columns[:, 1] - columns[:, 0] + 1
    if int(counts.sum()) > MOST_COMPARISONS:
        raise TooComplex
    entry, offset = runs(counts)
    owner, row = owner[entry], row[entry]
    base = segments.job[owner] * np.int64(_MOST_CELLS**2)
    return base + row * side[owner] + columns[entry, 0] + offset, owner


def rows_of(segments: Segments, density: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all rows of cells that segments pass through, the segments, and rows a segment's job.

    density: of rows, against a grid with a cell for each segment. Raises TooComplex.
    """
    per_job = np.bincount(segments.job)
    side = np.ceil(density * np.sqrt(per_job)).clip(1, _MOST_CELLS).astype(np.int64)[segments.job]
    size = GRID / side
    low, high = _boxes(segments)
    first = np.floor((low[:, 1] - 1.0) / size).clip(0, side - 1).astype(np.int64)
    last = np.floor((high[:, 1] + 1.0) / size).clip(0, side - 1).astype(np.int64)
    if int((last - first + 1).sum()) > MOST_COMPARISONS:
        raise TooComplex
    owner, offset = runs(last - first + 1)
    return first[owner] + offset, owner, side
