# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings with fewer shapes: those go first that change the drawing least when they are left out.

The change is the squared difference of the color on top of each pixel, over a black and over a
white ground. It is counted on a small raster, and again after each part of the shapes is gone,
since others have come to light.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from ..bezier import flattened
from ..drawing import Path

_SIDE = 256  # long side of the raster
_CHORDS = 12  # for each cubic
_ROUNDS = 24  # in which shapes are left out


class _Layers(NamedTuple):
    """Pairs of a pixel and a shape that covers it, by pixel, then in painting order: int [P]."""

    pixels: np.ndarray
    shapes: np.ndarray


def keep_most_useful(
    paths: Sequence[Path],
    size: tuple[float, float],
    count: int,
    keep: Collection[int] = (),
) -> list[int]:
    """Return the numbers of the `count` paths that a drawing needs most, in painting order.

    size: width and height in pixels. keep: numbers of paths that stay in any case.
    """
    alive = np.ones(len(paths), bool)
    stays = np.isin(np.arange(len(paths)), list(keep))
    layers = _layers(paths, size)
    colors = _colors(paths)
    surplus = min(len(paths) - count, int((~stays).sum()))
    for left in range(_ROUNDS, 0, -1):
        if surplus <= 0:
            break
        useful = _usefulness(layers, alive, colors)
        useful[stays | ~alive] = np.inf
        going = np.argsort(useful, kind="stable")[: -(-surplus // left)]
        alive[going] = False
        surplus -= len(going)
    return np.flatnonzero(alive).tolist()


def _usefulness(layers: _Layers, alive: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Return the change of the drawing where each shape is left out: float64 [N]."""
    shown = alive[layers.shapes]
    pixels, shapes = layers.pixels[shown], layers.shapes[shown]
    ground = len(alive)
    on_top = np.append(pixels[1:] != pixels[:-1], True)[: len(pixels)]
    below = np.concatenate([[ground], shapes[:-1]])[: len(shapes)]
    lowest = np.insert(on_top[:-1], 0, True)[: len(pixels)]
    below = np.where(lowest, ground, below)
    top, under = shapes[on_top], below[on_top]
    opacity = colors[top, -1:]
    change = np.square(opacity * (colors[top, :-1] - colors[under, :-1])).sum(axis=1)
    return np.bincount(top, change, len(alive)).astype(np.float64)


def _colors(paths: Sequence[Path]) -> np.ndarray:
    """Return colors of paths and of the ground, over black and white, and opacity: [N + 1, 7]."""
    fills = np.array([_mean_fill(path) for path in paths], np.float64).reshape(-1, 4)
    both = np.concatenate([fills[:, :3], fills[:, :3], fills[:, 3:]], axis=1)
    return np.concatenate([both, [[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]]])


def _mean_fill(path: Path) -> np.ndarray:
    """Return the fill [4], for a ramp the mean of its ends."""
    if path.ramp is None:
        return path.fill
    return np.append((path.fill[:3] + path.ramp.color) / 2.0, path.fill[3])


def _layers(paths: Sequence[Path], size: tuple[float, float]) -> _Layers:
    scale = _SIDE / max(size)
    width, height = (max(1, round(side * scale)) for side in size)
    pixels, shapes = [np.zeros(0, int)], [np.zeros(0, int)]
    for number, path in enumerate(paths):
        covered = _covered(path, scale, width, height)
        pixels.append(covered)
        shapes.append(np.full(len(covered), number))
    every, owner = np.concatenate(pixels), np.concatenate(shapes)
    order = np.lexsort((owner, every))
    return _Layers(every[order], owner[order])


def _covered(path: Path, scale: float, width: int, height: int) -> np.ndarray:
    """Return the pixels (row · width + column) whose middle is inside a path: int [P]."""
    polygons = [flattened(points, _CHORDS) * scale - 0.5 for points in path.subpaths if len(points)]
    if not polygons:
        return np.zeros(0, int)
    start = np.concatenate(polygons)
    end = np.concatenate([np.roll(points, -1, axis=0) for points in polygons])
    low, high = np.minimum(start, end), np.maximum(start, end)
    top, bottom = max(int(np.ceil(low[:, 1].min())), 0), min(int(high[:, 1].max()), height - 1)
    left, right = max(int(np.ceil(low[:, 0].min())), 0), min(int(high[:, 0].max()), width - 1)
    if top > bottom or left > right:
        return np.zeros(0, int)
    rows = np.arange(top, bottom + 1)
    meets = (low[:, 1] <= rows[:, None]) & (high[:, 1] > rows[:, None])
    row, edge = np.nonzero(meets)
    step = end[edge] - start[edge]
    x = start[edge, 0] + (rows[row] - start[edge, 1]) / step[:, 1] * step[:, 0]
    column = (np.ceil(x).astype(int) - left).clip(0, right - left + 1)
    winding = np.zeros((len(rows), right - left + 2), int)
    np.add.at(winding, (row, column), np.where(step[:, 1] > 0.0, 1, -1))
    inside = np.cumsum(winding, axis=1)[:, :-1] != 0
    row, column = np.nonzero(inside)
    return (row + top) * width + column + left
