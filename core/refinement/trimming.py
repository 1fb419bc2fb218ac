# SPDX-License-Identifier: GPL-3.0-or-later
"""Needles cut off: thin lobes of shapes that reach where the drawing is better without them.

Gradients don't get rid of those. They make a needle thinner, down to where its sides would cross,
but hardly shorter: its length only depends on the error at its very tip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..drawing import Path, pack
from ..rendering import native
from .optimization import Target
from .repair import crossing_segments, is_sliver

# Of a needle, in pixels of the finished drawing: its width where it is cut off, and its length.
WIDEST = 2.5
SHORTEST = 3.0

# A needle lies within so many cubics to either side of its tip; each has so many places for a cut.
_REACH = 2
_PLACES = 8

_CUTS = 3  # a tip, of different lengths
_ROUNDS = 5  # in each of which one cut a path is tried
_FEWEST_ANCHORS = 3  # that are left of a sub-path

# Where the squared differences of color, times weight, come to less there is nothing to gain.
_LEAST_ERROR = 0.3

_MARGIN = 2  # pixels around a needle in which errors are compared as well


class _Cut(NamedTuple):
    """Cut off the outline from place `start` on to place `end`; their middle becomes an anchor.

    path: its number; subpath: its number in the path. A place is the number of an anchor plus t
    on the cubic after it. length: of what is cut off, px. box: of all that changes, least x and y,
    greatest x and y, [4].
    """

    path: int
    subpath: int
    start: float
    end: float
    length: float
    box: np.ndarray


def trimmed(paths: Sequence[Path], target: Target, threads: int = 0) -> list[Path]:
    """The paths without those needles that the drawing of the target is better without.

    Measured by the weighted squared error around each needle. Paths without any come back
    untouched, and the rest neither cross themselves, if they didn't, nor become slivers.
    """
    paths = list(paths)
    error = _error(paths, target, threads)
    cuts = _promising(range(len(paths)), paths, target.pixel, error)
    for _ in range(_ROUNDS):
        tried = {cut.path: cut for cut in reversed(cuts)}  # the longest of each path
        if not tried:
            break
        cuts = [cut for cut in cuts if cut is not tried[cut.path]]
        shorter = {number: _without(paths[number], cut) for number, cut in tried.items()}
        gained = error - _error(_replaced(paths, shorter), target, threads)
        gains = {number: _sum(gained, cut.box) for number, cut in tried.items()}
        better = [number for number in gains if gains[number] > 0 and _is_sound(shorter[number])]
        better.sort(key=lambda number: -gains[number])
        for together in (better, better[:1]):  # cuts that overlap may only seem to be better
            candidates = _replaced(paths, {number: shorter[number] for number in together})
            new_error = _error(candidates, target, threads) if together else error
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
    """Cuts of the paths with these numbers where there is an error, the longest first."""
    cuts = [
        cut
        for number in numbers
        for subpath, points in enumerate(paths[number].subpaths)
        for cut in _needles(number, subpath, points, pixel)
        if _sum(error, cut.box) > _LEAST_ERROR
    ]
    return sorted(cuts, key=lambda cut: -cut.length)


def _needles(path: int, subpath: int, points: np.ndarray, pixel: float) -> Iterator[_Cut]:
    """How the needles of a sub-path can be cut off.

    A needle is where outlines that leave an anchor, its tip, to both sides come close again.
    """
    count = len(points) // 3
    tips = points[::3].astype(np.float64)
    cubics, places = np.arange(_REACH).repeat(_PLACES), np.tile(_parameters(), _REACH)
    ahead = (np.arange(count)[:, None] + cubics) % count + places  # [A, K]
    behind = (np.arange(count)[:, None] - 1 - cubics) % count + 1 - places
    samples = _sampled(points)
    front, back = (_at(samples, side) for side in (ahead, behind))  # [A, K, 2]
    gap, length = _distances(front - tips[:, None], back - tips[:, None])
    needle = (gap < WIDEST * pixel) & (length > SHORTEST * pixel)
    needle &= cubics[:, None] + cubics <= count - _FEWEST_ANCHORS
    for tip in np.flatnonzero(needle.any(axis=(1, 2))):
        pairs = np.argwhere(needle[tip])
        pairs = pairs[np.argsort(-length[tip][tuple(pairs.T)])]
        for i, j in pairs[:: -(-len(pairs) // _CUTS)]:
            changed = [(each // _PLACES + 1) * _PLACES for each in (i, j)]  # all of both cubics
            piece = np.concatenate([front[tip, : changed[0]], back[tip, : changed[1]], tips[[tip]]])
            box = np.concatenate([piece.min(axis=0), piece.max(axis=0)])
            yield _Cut(path, subpath, behind[tip, j], ahead[tip, i], length[tip, i, j], box)


def _parameters() -> np.ndarray:
    """Of the places on a cubic, neither end among them: [K]."""
    return (np.arange(_PLACES) + 0.5) / _PLACES


def _sampled(points: np.ndarray) -> np.ndarray:
    """The places on each cubic of a sub-path [3·A, 2]: float64 [A, K, 2]."""
    t = _parameters()[:, None]
    basis = np.hstack([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3])
    return basis @ _cubics(points)


def _cubics(points: np.ndarray) -> np.ndarray:
    """The control points of each cubic of a sub-path [3·A, 2]: float64 [A, 4, 2]."""
    corners = points.astype(np.float64).reshape(-1, 3, 2)
    return np.concatenate([corners, np.roll(corners[:, :1], -1, axis=0)], axis=1)


def _at(samples: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The points at these places [A, K]: [A, K, 2]."""
    cubic = places.astype(int)
    return samples[cubic, ((places - cubic) * _PLACES).astype(int)]


def _distances(front: np.ndarray, back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between each two points of [A, K, 2], and from the origin to their middle: [A, K, K]."""
    squares = np.square(front).sum(axis=2)[:, :, None] + np.square(back).sum(axis=2)[:, None]
    double = 2 * front @ back.transpose(0, 2, 1)
    return np.sqrt(np.maximum(squares - double, 0)), np.sqrt(np.maximum(squares + double, 0)) / 2


def _without(path: Path, cut: _Cut) -> Path:
    """The path after a cut. What is left of both cubics keeps its shape, moved a little."""
    cubics = _cubics(path.subpaths[cut.subpath])
    last, first = int(cut.start), int(cut.end)
    _, leaving = _split(cubics[first], cut.end - first)
    arriving, _ = _split(cubics[last], cut.start - last)
    middle = (leaving[0] + arriving[3]) / 2
    leaving[:2] += middle - leaving[0]
    arriving[2:] += middle - arriving[3]
    between = np.arange(first + 1, first + 1 + (last - first - 1) % len(cubics)) % len(cubics)
    kept = np.concatenate([leaving[:3], *cubics[between, :3], arriving[:3]])
    subpaths = [*path.subpaths]
    subpaths[cut.subpath] = kept.astype(np.float32)
    return replace(path, subpaths=subpaths)


def _split(cubic: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
    """A cubic [4, 2] before and after t, by De Casteljau's construction."""
    levels = [cubic]
    while len(levels[-1]) > 1:
        levels.append((1 - t) * levels[-1][:-1] + t * levels[-1][1:])
    return np.array([level[0] for level in levels]), np.array([level[-1] for level in levels[::-1]])


def _is_sound(path: Path) -> bool:
    return not is_sliver(path, 2.0) and not crossing_segments([path])[0].any()


def _error(paths: Sequence[Path], target: Target, threads: int) -> np.ndarray:
    """The weighted squared error of each pixel: [H, W]."""
    height, width = target.weight.shape
    image = native.render(pack(paths), width, height, target.background, threads)
    difference = image - target.image
    return target.weight * np.einsum("yxc,yxc->yx", difference, difference)


def _sum(error: np.ndarray, box: np.ndarray) -> float:
    """Of the pixels in a box and around it."""
    height, width = error.shape
    left, top = np.clip(np.floor(box[:2]).astype(int) - _MARGIN, 0, [width - 1, height - 1])
    right, bottom = np.clip(np.ceil(box[2:]).astype(int) + _MARGIN, 1, [width, height])
    return float(error[top:bottom, left:right].sum())
