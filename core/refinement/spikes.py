# SPDX-License-Identifier: GPL-3.0-or-later
"""Pruning of spikes: thin lobes of shapes without which the drawing is better.

Gradient descent does not remove them. It makes a spike thinner, until its sides would cross,
but hardly shorter, because its length only depends on the error at its very tip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..bezier import bernstein, cubics, split
from ..drawing import Path
from .given import is_locked
from .repair import crossing_segments, is_sliver
from .target import Target

# Largest width of a spike where it is cut off, and least length, in pixels of the drawing.
WIDEST = 2.5
SHORTEST = 3.0

# A spike spans at most so many cubics on either side of its tip; each is sampled for cuts.
_CUBICS = 2
_SAMPLES = 8

_CUTS = 3  # of different lengths for each tip
_ROUNDS = 5  # each tries one cut for each path
_FEWEST_ANCHORS = 3  # of what is left of a sub-path

# Weighted squared error around a spike below which there is nothing to gain.
_LEAST_ERROR = 0.3

_MARGIN = 2  # pixels around a spike whose errors are compared as well


class _Cut(NamedTuple):
    """Removal of the outline from position `start` to `end`, whose middle becomes an anchor.

    path: index of the path; subpath: index in the path. A position is the index of an anchor
    plus t on the cubic after it. length: of the removed part, px. box: bounds of the change,
    least x and y, greatest x and y, [4].
    """

    path: int
    subpath: int
    start: float
    end: float
    length: float
    box: np.ndarray


def prune_spikes(paths: Sequence[Path], target: Target, threads: int = 0) -> list[Path]:
    """Return the paths without those spikes whose removal brings the drawing nearer the target.

    Measured by the weighted squared error around each spike. Paths without any, and locked
    ones, are returned unchanged; pruned ones neither cross themselves, if they did not before,
    nor become slivers.
    """
    paths = list(paths)
    error = target.squared_error(paths, threads)
    movable = [number for number, path in enumerate(paths) if not is_locked(path)]
    cuts = _promising(movable, paths, target.pixel, error)
    for _ in range(_ROUNDS):
        tried = {cut.path: cut for cut in reversed(cuts)}  # the longest of each path
        if not tried:
            break
        cuts = [cut for cut in cuts if cut is not tried[cut.path]]
        shorter = {number: _without(paths[number], cut) for number, cut in tried.items()}
        gained = error - target.squared_error(_replaced(paths, shorter), threads)
        gains = {number: _sum(gained, cut.box) for number, cut in tried.items()}
        better = [number for number in gains if gains[number] > 0 and _is_sound(shorter[number])]
        better.sort(key=lambda number: -gains[number])
        for together in (better, better[:1]):  # cuts that overlap may only seem to be better
            candidates = _replaced(paths, {number: shorter[number] for number in together})
            new_error = target.squared_error(candidates, threads) if together else error
            if new_error.sum() < error.sum():
                paths, error = candidates, new_error
                cuts = [cut for cut in cuts if cut.path not in together]
                cuts += _promising(together, paths, target.pixel, error)
                break
    return paths


def _replaced(paths: Sequence[Path], others: dict[int, Path]) -> list[Path]:
    return [others.get(number, path) for number, path in enumerate(paths)]


def _promising(
    numbers: Sequence[int], paths: Sequence[Path], pixel: float, error: np.ndarray
) -> list[_Cut]:
    """Return cuts of the paths with these indices where there is an error, the longest first."""
    cuts = [
        cut
        for number in numbers
        for subpath, points in enumerate(paths[number].subpaths)
        for cut in _spike_cuts(number, subpath, points, pixel)
        if _sum(error, cut.box) > _LEAST_ERROR
    ]
    return sorted(cuts, key=lambda cut: -cut.length)


def _spike_cuts(path: int, subpath: int, points: np.ndarray, pixel: float) -> Iterator[_Cut]:
    """Yield cuts of the spikes of a sub-path.

    A spike is where the outlines on both sides of an anchor, its tip, come close again.
    """
    count = len(points) // 3
    tips = points[::3].astype(np.float64)
    offsets, positions = np.arange(_CUBICS).repeat(_SAMPLES), np.tile(_parameters(), _CUBICS)
    ahead = (np.arange(count)[:, None] + offsets) % count + positions  # [A, K]
    behind = (np.arange(count)[:, None] - 1 - offsets) % count + 1 - positions
    samples = _sampled(points)
    front, back = (_at(samples, side) for side in (ahead, behind))  # [A, K, 2]
    gap, length = _distances(front - tips[:, None], back - tips[:, None])
    spike = (gap < WIDEST * pixel) & (length > SHORTEST * pixel)
    spike &= offsets[:, None] + offsets <= count - _FEWEST_ANCHORS
    for tip in np.flatnonzero(spike.any(axis=(1, 2))):
        pairs = np.argwhere(spike[tip])
        pairs = pairs[np.argsort(-length[tip][tuple(pairs.T)])]
        for i, j in pairs[:: -(-len(pairs) // _CUTS)]:
            changed = [(each // _SAMPLES + 1) * _SAMPLES for each in (i, j)]  # all of both cubics
            piece = np.concatenate([front[tip, : changed[0]], back[tip, : changed[1]], tips[[tip]]])
            box = np.concatenate([piece.min(axis=0), piece.max(axis=0)])
            yield _Cut(path, subpath, behind[tip, j], ahead[tip, i], length[tip, i, j], box)


def _parameters() -> np.ndarray:
    """Return the parameters of the samples of a cubic, without its ends: [K]."""
    return (np.arange(_SAMPLES) + 0.5) / _SAMPLES


def _sampled(points: np.ndarray) -> np.ndarray:
    """Return the samples of each cubic of a sub-path [3·A, 2]: float64 [A, K, 2]."""
    return bernstein(_parameters()) @ cubics(points)


def _at(samples: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the samples at these positions [A, K]: [A, K, 2]."""
    cubic = positions.astype(int)
    return samples[cubic, ((positions - cubic) * _SAMPLES).astype(int)]


def _distances(front: np.ndarray, back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances of all pairs of points [A, K, 2], and of their middles: [A, K, K]."""
    squares = np.square(front).sum(axis=2)[:, :, None] + np.square(back).sum(axis=2)[:, None]
    double = 2 * front @ back.transpose(0, 2, 1)
    return np.sqrt(np.maximum(squares - double, 0)), np.sqrt(np.maximum(squares + double, 0)) / 2


def _without(path: Path, cut: _Cut) -> Path:
    """Return the path after a cut. The rest of both cubics keeps its shape, slightly moved."""
    curves = cubics(path.subpaths[cut.subpath])
    last, first = int(cut.start), int(cut.end)
    _, leaving = split(curves[first], cut.end - first)
    arriving, _ = split(curves[last], cut.start - last)
    middle = (leaving[0] + arriving[3]) / 2
    leaving[:2] += middle - leaving[0]
    arriving[2:] += middle - arriving[3]
    between = np.arange(first + 1, first + 1 + (last - first - 1) % len(curves)) % len(curves)
    kept = np.concatenate([leaving[:3], *curves[between, :3], arriving[:3]])
    subpaths = [*path.subpaths]
    subpaths[cut.subpath] = kept.astype(np.float32)
    return replace(path, subpaths=subpaths)


def _is_sound(path: Path) -> bool:
    return not is_sliver(path, 2.0) and not crossing_segments([path])[0].any()


def _sum(error: np.ndarray, box: np.ndarray) -> float:
    """Return the error of the pixels in a box and around it."""
    height, width = error.shape
    left, top = np.clip(np.floor(box[:2]).astype(int) - _MARGIN, 0, [width - 1, height - 1])
    right, bottom = np.clip(np.ceil(box[2:]).astype(int) + _MARGIN, 1, [width, height])
    return float(error[top:bottom, left:right].sum())
