# SPDX-License-Identifier: GPL-3.0-or-later
"""Even samples of located edges, with their corners and tangents.

Located points are exact to a few hundredths of a pixel except within a pixel of a corner, which
pixels round off. Corners are therefore found and placed by quadratics that are fitted to the edge
beyond that pixel on either side and continued to where they meet.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..tracing.contours import turned
from .edges import Edge

# Samples per pixel, and limits of their number.
_DENSITY = 2.0
_FEWEST_SAMPLES, _MOST_SAMPLES = 24, 16384

# For each length of the sides of a corner: where they start and end, in pixels from it, and the
# smallest turn in degrees. Short sides are too uncertain for slight turns.
_SIDES = ((1.0, 9.0, 16.0), (1.0, 5.5, 24.0), (1.0, 3.0, 40.0), (0.5, 1.5, 60.0))

# Largest ratio of a turn to that between longer sides, where these fit too.
_MOST_GAIN = 1.8

# Largest distance of samples from the quadratic of a side, and of a corner from the located edge.
_SIDE_ERROR, _LONGEST_SHIFT = 0.2, 1.2

# Corners are this far apart, in pixels.
_APART = 3.5

# Pixels on either side over which a tangent is taken: the most for which samples stay within the
# error, in pixels, of a quadratic.
_WINDOWS = (1.0, 1.5, 2.5, 4.0, 7.0, 12.0, 20.0, 32.0)
_WINDOW_ERROR = 0.18


class Samples(NamedTuple):
    """Even samples of a closed edge.

    points: float64 [K, 2]. hidden: bool [K]. limits: float64 [K], the largest distance for a
    hidden course. step: pixels from one sample to the next.
    """

    points: np.ndarray
    hidden: np.ndarray
    limits: np.ndarray
    step: float


class Corners(NamedTuple):
    """Corners of a sampled edge: bool [K], and for each sample float64 [K, 2].

    places: of the corner. arriving, leaving: unit tangents before and after it.
    """

    flags: np.ndarray
    places: np.ndarray
    arriving: np.ndarray
    leaving: np.ndarray


def sample(edge: Edge, density: float = 1.0) -> Samples:
    """Sample an edge evenly, `density` times as finely as usual."""
    closed = np.concatenate([edge.points, edge.points[:1]])
    steps = np.sqrt(np.square(np.diff(closed, axis=0)).sum(axis=1))
    lengths = np.concatenate([[0.0], np.cumsum(steps)])
    total = max(lengths[-1], 1e-6)
    count = int(np.clip(round(total * _DENSITY * density), _FEWEST_SAMPLES, _MOST_SAMPLES))
    places = np.arange(count) * (total / count)
    points = np.stack([np.interp(places, lengths, closed[:, axis]) for axis in (0, 1)], axis=1)
    nearest = np.searchsorted(lengths[:-1], places, side="right") - 1
    return Samples(points, ~edge.shows[nearest], edge.tolerances[nearest], total / count)


def find_corners(samples: Samples) -> Corners:
    """Find the corners of the visible parts of an edge."""
    points, step = samples.points, samples.step
    count = len(points)
    flags = np.zeros(count, bool)
    places, arriving, leaving = (np.zeros((count, 2)) for _ in range(3))
    smallest = np.full(count, 180.0)  # turn between longer sides
    for start, end, least_turn in _SIDES:
        first = max(round(start / step), 1)
        last = max(round(end / step), first + 2)
        if 2 * last >= count:
            continue
        before, after = (_one_sided(samples, first, last, sign) for sign in (-1, 1))
        turn = _angle(before.tangents, after.tangents)
        fits = (before.errors < _SIDE_ERROR) & (after.errors < _SIDE_ERROR)
        meeting = _meeting(before, after)
        shift = np.sqrt(np.square(meeting - points).sum(axis=1))
        found = fits & ~samples.hidden & (shift < _LONGEST_SHIFT)
        found &= (turn > least_turn + _apparent_turn(before, after, end)) & (
            turn < _MOST_GAIN * smallest
        )
        smallest = np.where(fits, np.minimum(smallest, turn), smallest)
        gap = np.sqrt(np.square(before.positions - after.positions).sum(axis=1))
        free = distance_to(flags) > max(last, round(_APART / step))
        found = _least_nearby(np.where(found, shift + gap, np.inf), last, free)
        flags |= found
        places[found], arriving[found] = meeting[found], before.tangents[found]
        leaving[found] = after.tangents[found]
    return Corners(flags, places, arriving, leaving)


def sharpened(samples: Samples, corners: Corners) -> np.ndarray:
    """Return the points [K, 2] with those that pixels round off moved onto the sides of corners."""
    points, count = samples.points.copy(), len(samples.points)
    reach = max(round(0.9 / samples.step), 1)
    for i in np.flatnonzero(corners.flags):
        points[i] = corners.places[i]
        for sign, tangent in ((-1, -corners.arriving[i]), (1, corners.leaving[i])):
            for k in range(1, reach + 1):
                j = (i + sign * k) % count
                if corners.flags[j]:
                    break
                along = max(float((samples.points[j] - points[i]) @ tangent), 0.05 * k)
                points[j] = points[i] + tangent * along
    return points


def tangents(points: np.ndarray, step: float, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two unit tangents [K, 2] for each sample: over its widest window and the one before.

    corners: bool [K]; windows do not contain any.
    """
    count = len(points)
    free = distance_to(corners)
    wide = narrow = turned(points, 1) - turned(points, -1)
    for reach in _WINDOWS:
        window = max(round(reach / step), 1)
        if 2 * window + 1 > count:
            break
        offsets = np.arange(-window, window + 1)
        coefficients, errors = _quadratics(points, offsets)
        good = (errors < _WINDOW_ERROR) & (free >= window)
        narrow = np.where(good[:, None], wide, narrow)
        wide = np.where(good[:, None], coefficients[1], wide)
    return _unit(wide), _unit(narrow)


def distance_to(flags: np.ndarray) -> np.ndarray:
    """Count the samples from each to the nearest flagged one around the ring: int [K]."""
    count = len(flags)
    if not flags.any():
        return np.full(count, count)
    at = np.flatnonzero(flags)
    around = np.concatenate([at - count, at, at + count])
    place = np.searchsorted(around, np.arange(count))
    return np.minimum(around[place] - np.arange(count), np.arange(count) - around[place - 1])


class _Sides(NamedTuple):
    """Continuation of one side to each sample.

    positions, tangents: [K, 2], the tangents of length 1. curvatures: [K], per pixel, without a
    sign. errors: [K], pixels.
    """

    positions: np.ndarray
    tangents: np.ndarray
    curvatures: np.ndarray
    errors: np.ndarray


def _one_sided(samples: Samples, first: int, last: int, sign: int) -> _Sides:
    """Fit the samples `first` to `last` places before (sign −1) or after (1) each sample."""
    coefficients, errors = _quadratics(samples.points, sign * np.arange(first, last + 1))
    bend = 2.0 * np.sqrt(np.square(coefficients[2]).sum(axis=1)) / samples.step**2
    return _Sides(coefficients[0], _unit(coefficients[1]), bend, errors)


def _apparent_turn(before: _Sides, after: _Sides, end: float) -> np.ndarray:
    """Estimate the turn in degrees [K] that quadratics show where two sides are one arc.

    The tangent of a quadratic through an arc of length s and curvature k, continued to its end,
    is off by (k·s)² / 6.
    """
    bend = 0.5 * (before.curvatures + after.curvatures) * end
    return np.degrees(np.square(bend) / 3.0)


def _quadratics(points: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit quadratics to the samples at some offsets from each: [3, K, 2], largest errors [K].

    offsets: int [D], in a row.
    """
    count, first, last = len(points), int(offsets.min()), int(offsets.max())
    basis, inverse = _fit_of(first, last)
    places = np.arange(first, last + 1)[:, None] + np.arange(count)
    near = points.take(places, axis=0, mode="wrap").reshape(len(basis), -1)
    coefficients = inverse @ near
    error = np.square(basis @ coefficients - near).reshape(len(basis), count, 2)
    largest = np.sqrt((error[..., 0] + error[..., 1]).max(axis=0))
    return coefficients.reshape(3, count, 2), largest


@lru_cache(maxsize=1024)
def _fit_of(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 1, x and x² for x from first to last, [D, 3], and its pseudo-inverse."""
    offsets = np.arange(first, last + 1)
    basis = np.stack([np.ones(len(offsets)), offsets, offsets**2], axis=1).astype(np.float64)
    return basis, np.linalg.pinv(basis)


def _least_nearby(cost: np.ndarray, reach: int, allowed: np.ndarray) -> np.ndarray:
    """Choose the allowed places whose finite cost [K] is the least within `reach`: bool [K]."""
    chosen = np.zeros(len(cost), bool)
    free = allowed & np.isfinite(cost)
    for i in np.argsort(cost, kind="stable"):
        if not np.isfinite(cost[i]):
            break
        if free[i]:
            chosen[i] = True
            free[np.arange(i - reach, i + reach + 1) % len(cost)] = False
    return chosen


def _meeting(before: _Sides, after: _Sides) -> np.ndarray:
    """Intersect the tangents of both sides: [K, 2], not finite where they are parallel."""
    gap = after.positions - before.positions
    determinant = _cross(before.tangents, after.tangents)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = _cross(gap, after.tangents) / determinant
        return before.positions + before.tangents * reach[:, None]


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the angles between unit vectors [K, 2] in degrees: [K]."""
    return np.degrees(np.arccos(np.clip((a * b).sum(axis=1), -1.0, 1.0)))


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.sqrt(np.square(vectors).sum(axis=1, keepdims=True)), 1e-12)
