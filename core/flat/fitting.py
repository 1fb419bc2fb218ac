# SPDX-License-Identifier: GPL-3.0-or-later
"""Located edges as closed cubic Béziers: few nodes, corners sharp, ellipses exact.

Points of an edge are right to a few hundredths of a pixel, but for a pixel on either side of
a corner, which the pixels round off. So corners are found, and placed, by what the edge does
beyond: quadratics fitted to either side, continued to where they meet.
"""

from __future__ import annotations

import ctypes
from typing import NamedTuple

import numpy as np

from ..native.library import array, function
from ..tracing.contours import turned
from .edges import Edge

_fit = function(
    "semvec_fit_edge",
    *(ctypes.c_int, array(np.float64), array(np.float64), array(np.float64)),
    *(array(np.float64), array(np.float64), array(np.uint8)),
    *(array(np.float64), array(np.int32), array(np.int32)),
)

# Distance from the edge that no cubic exceeds, in pixels; and what a node is worth: a squared
# distance summed along the edge, in pixels cubed.
_LIMIT, _NODE_PRICE = 0.5, 1.0

# What distance costs where nobody sees the edge, as a share.
_HIDDEN_PRICE = 0.01

# Samples a pixel, and their number.
_DENSITY = 2.0
_FEWEST_SAMPLES, _MOST_SAMPLES = 24, 16384

# Pixels from a place that a one-sided fit leaves out, up to where it goes, and by how much a
# corner turns there at least, in degrees: short sides have no say in slight turns.
_SIDES = ((1.0, 9.0, 16.0), (1.0, 5.5, 24.0), (1.0, 3.0, 40.0), (0.5, 1.5, 60.0))

# A turn may be so much larger than what longer sides, where they are straight, say.
_BELIEVED = 1.8

# Sides of a corner are off by less than this, in pixels.
_SIDE_ERROR = 0.2

# A corner lies no further from the located edge than this, in pixels.
_LONGEST_SHIFT = 1.2


# Pixels on either side over which a tangent may be taken, and how far (in pixels) the edge may
# be off the quadratic there.
_WINDOWS = (1.0, 1.5, 2.5, 4.0, 7.0, 12.0, 20.0, 32.0)
_WINDOW_ERROR = 0.18


class Ring(NamedTuple):
    """Even samples of a closed edge: points [K, 2], tolerances [K]; step: pixels from one to the
    next. hidden: bool [K]."""

    points: np.ndarray
    tolerances: np.ndarray
    hidden: np.ndarray
    step: float


def sample(edge: Edge, tolerance: float, density: float = _DENSITY) -> Ring:
    """An edge as even samples."""
    closed = np.concatenate([edge.points, edge.points[:1]])
    steps = np.sqrt(np.square(np.diff(closed, axis=0)).sum(axis=1))
    lengths = np.concatenate([[0.0], np.cumsum(steps)])
    total = max(lengths[-1], 1e-6)
    count = int(np.clip(round(total * density), _FEWEST_SAMPLES, _MOST_SAMPLES))
    places = np.arange(count) * (total / count)
    points = np.stack([np.interp(places, lengths, closed[:, axis]) for axis in (0, 1)], axis=1)
    nearest = np.searchsorted(lengths[:-1], places, side="right") - 1
    hidden = ~edge.shows[nearest]
    tolerances = np.where(hidden, np.maximum(edge.tolerances[nearest], tolerance), tolerance)
    return Ring(points, tolerances, hidden, total / count)


class _Sides(NamedTuple):
    """What the samples on one side of each sample say of it: position and unit tangent there
    [K, 2], and how far the samples are from their quadratic at most [K]."""

    position: np.ndarray
    tangent: np.ndarray
    error: np.ndarray


def _one_sided(points: np.ndarray, first: int, last: int, sign: int) -> _Sides:
    """Quadratics through the samples `first` to `last` places before (−1) or after (1) each."""
    distance = np.arange(first, last + 1, dtype=np.float64)
    basis = np.stack([np.ones_like(distance), distance, distance**2], axis=1)
    solve = np.linalg.pinv(basis)
    near = np.stack([turned(points, (sign * k) % len(points)) for k in range(first, last + 1)])
    coefficients = np.einsum("cd,dkx->ckx", solve, near)
    error = np.sqrt(np.square(np.einsum("dc,ckx->dkx", basis, coefficients) - near).sum(axis=2))
    tangent = sign * coefficients[1]
    tangent /= np.maximum(np.sqrt(np.square(tangent).sum(axis=1, keepdims=True)), 1e-12)
    return _Sides(coefficients[0], tangent, error.max(axis=0))


def find_corners(ring: Ring) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Corners: flags bool [K], and at each sample its corner's place, arriving and leaving
    tangents [K, 2]."""
    count = len(ring.points)
    flags = np.zeros(count, bool)
    place, arriving, leaving = (np.zeros((count, 2)) for _ in range(3))
    largest = np.full(count, 180.0)
    for start, end, least_turn in _SIDES:
        first = max(round(start / ring.step), 1)
        last = max(round(end / ring.step), first + 2)
        if 2 * last >= count:
            continue
        before = _one_sided(ring.points, first, last, -1)
        after = _one_sided(ring.points, first, last, 1)
        turn = np.degrees(np.arccos(np.clip((before.tangent * after.tangent).sum(axis=1), -1, 1)))
        sound = (before.error < _SIDE_ERROR) & (after.error < _SIDE_ERROR)
        good = sound & ~ring.hidden & (turn > least_turn) & (turn < _BELIEVED * largest)
        largest = np.where(sound, np.minimum(largest, turn), largest)
        meeting = _meeting(before, after)
        shift = np.sqrt(np.square(meeting - ring.points).sum(axis=1))
        good &= shift < _LONGEST_SHIFT
        # Of the places around a corner the one that its sides agree on is right.
        gap = np.sqrt(np.square(before.position - after.position).sum(axis=1))
        cost = np.where(good, shift + gap, np.inf)
        good = _least_nearby(cost, last, _distance_to(flags) > max(last, round(3.5 / ring.step)))
        flags |= good
        place[good], arriving[good] = meeting[good], before.tangent[good]
        leaving[good] = after.tangent[good]
    return flags, place, arriving, leaving


def _least_nearby(cost: np.ndarray, reach: int, allowed: np.ndarray) -> np.ndarray:
    """The allowed places whose finite cost [K] is the least within `reach`: bool [K]."""
    chosen = np.zeros(len(cost), bool)
    free = allowed & np.isfinite(cost)
    for i in np.argsort(cost, kind="stable"):
        if free[i]:
            chosen[i] = True
            free[np.arange(i - reach, i + reach + 1) % len(cost)] = False
    return chosen


def _meeting(before: _Sides, after: _Sides) -> np.ndarray:
    """Where the tangents of both sides meet, [K, 2]; not finite if nowhere."""
    gap = after.position - before.position
    determinant = _cross(before.tangent, after.tangent)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = _cross(gap, after.tangent) / determinant
        return before.position + before.tangent * reach[:, None]


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def fit_edge(edge: Edge, density: float = 1.0) -> np.ndarray:
    """Fit an edge with cubics: float32 [3·S, 2], as in `Path`.

    density: how much finer than usual the edge is sampled; for pictures of few pixels.
    """
    ring = sample(edge, _LIMIT, _DENSITY * density)
    count = len(ring.points)
    flags, place, arriving, leaving = find_corners(ring)
    points = ring.points.copy()
    points[flags] = place[flags]
    # The pixels on either side of a corner are rounded off: they go onto the tangents.
    spread = max(round(0.9 / ring.step), 1)
    for i in np.flatnonzero(flags):
        for sign, tangent in ((-1, -arriving[i]), (1, leaving[i])):
            for k in range(1, spread + 1):
                j = (i + sign * k) % count
                if flags[j]:
                    break
                along = max(float(((ring.points[j] - place[i]) * tangent).sum()), 0.05 * k)
                points[j] = place[i] + tangent * along
    start = int(np.argmax(flags)) if flags.any() else 0
    around = np.arange(start, start + count + 1) % count
    wide, narrow = _smooth_tangents(points, ring.step, flags)
    ins, ins2 = (np.where(flags[:, None], arriving, t) for t in (wide, narrow))
    outs, outs2 = (np.where(flags[:, None], leaving, t) for t in (wide, narrow))
    controls = np.empty((3 * count, 2))
    starts, segments = np.empty(count, np.int32), np.zeros(1, np.int32)
    price = _LIMIT**2 * ring.step / _NODE_PRICE * np.where(ring.hidden, _HIDDEN_PRICE, 1.0)
    _fit(
        count,
        np.ascontiguousarray(points[around]),
        np.ascontiguousarray(np.stack([ins[around], ins2[around]])),
        np.ascontiguousarray(np.stack([outs[around], outs2[around]])),
        1.0 / np.square(ring.tolerances[around]),
        price[around],
        flags[around].astype(np.uint8),
        controls,
        starts,
        segments,
    )
    return controls[: 3 * int(segments[0])].astype(np.float32)


def _smooth_tangents(
    points: np.ndarray, step: float, corners: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Unit tangents [K, 2] of quadratics around each sample: over the widest piece that one
    follows, and over the next narrower."""
    count = len(points)
    free = _distance_to(corners)
    wide = narrow = _directions(points, 1)
    for reach in _WINDOWS:
        window = max(round(reach / step), 1)
        if 2 * window + 1 > count:
            break
        offsets = np.arange(-window, window + 1)
        near = np.stack([turned(points, k % count) for k in offsets])
        basis = np.stack([np.ones(len(offsets)), offsets, offsets**2], axis=1).astype(np.float64)
        coefficients = np.einsum("cd,dkx->ckx", np.linalg.pinv(basis), near)
        error = np.square(np.einsum("dc,ckx->dkx", basis, coefficients) - near).sum(axis=2)
        good = (error.max(axis=0) < _WINDOW_ERROR**2) & (free >= window)
        direction = coefficients[1]
        narrow = np.where(good[:, None], wide, narrow)
        wide = np.where(good[:, None], direction, wide)
    return _unit(wide), _unit(narrow)


def _distance_to(flags: np.ndarray) -> np.ndarray:
    """Samples from each to the nearest flagged one, around the ring: int [K]."""
    count = len(flags)
    if not flags.any():
        return np.full(count, count)
    at = np.flatnonzero(flags)
    around = np.concatenate([at - count, at, at + count])
    place = np.searchsorted(around, np.arange(count))
    return np.minimum(around[place] - np.arange(count), np.arange(count) - around[place - 1])


def _directions(points: np.ndarray, reach: int) -> np.ndarray:
    return turned(points, reach) - turned(points, -reach)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.sqrt(np.square(vectors).sum(axis=1, keepdims=True)), 1e-12)
