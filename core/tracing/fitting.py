# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed polylines as closed cubic Béziers: few nodes, corners kept, never tangled.

What an outline looks like is worked out here (even samples, corners, tangents); which
samples become nodes, and the handles between them, in core/native/fitting.c.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..drawing import circle, polygon
from ..native.library import array, function
from .contours import signed_area, turned

_fit_ring = function(
    "semvec_fit_ring",
    *(ctypes.c_int, array(np.float64), array(np.float64), array(np.float64)),
    *(array(np.float64), array(np.uint8)),
    *(array(np.float64), array(np.int32), array(np.int32)),
)
_find_crossings = function(
    "semvec_find_crossings",
    *(array(np.float32), ctypes.c_int, array(np.int32), array(np.int32)),
    *(ctypes.c_int, ctypes.c_int, ctypes.c_int, array(np.uint8)),
)

# Outlines are sampled every pixel; short and very long ones by their length.
_FEWEST_SAMPLES, _MOST_SAMPLES = 32, 8192

# Corners turn between sides of 4 samples: large ones by more than 40 degrees, and between
# sides of 12 by the same within 20 degrees, which no curve does and noise hardly ever;
# small ones by more than 50 degrees. All of these as cosines.
_SHORT_SIDE, _LONG_SIDE = 4, 12
_LARGE_TURN, _SAME_TURN, _SMALL_TURN = 0.766, 0.94, 0.643

# Smoothing rounds a corner off over so many samples on either side.
_ROUNDED = 2

# Thin shapes are fitted more closely: within this share of their mean thickness.
_SHARE_OF_THICKNESS = 0.35

# Tangents are taken over so many samples on either side.
_TANGENT_REACH = (2, 5)

# Factor on the tolerance where an outline crosses itself, and how often; factors tried for
# one that is to have fewer segments.
_TIGHTENING, _TIGHTENINGS = 0.5, 8
_LOOSER = tuple(1.35**k for k in range(1, 15))

# Chords a cubic when looking for crossings; share of the area that a fit may lose or add.
_CROSSING_SAMPLES = 40
_AREA_SLACK = 0.15


def fit_closed(
    points: np.ndarray,
    tolerance: float | np.ndarray = 1.0,
    maximum_segments: int | None = None,
) -> np.ndarray:
    """Fit a closed polyline [K, 2] with cubic Béziers: float32 [3·S, 2], as in `Path`.

    tolerance: largest distance in pixels between the two, one for all or one a point [K].
    maximum_segments: as in `fit_outlines`. Raises ValueError for fewer than three points
    or coordinates that are not finite.
    """
    return fit_outlines([points], [tolerance], maximum_segments)[0]


def fit_outlines(
    outlines: Sequence[np.ndarray],
    tolerances: Sequence[float | np.ndarray],
    maximum_segments: int | None = None,
) -> list[np.ndarray]:
    """Fit the outlines of one shape, so that none crosses itself or another.

    maximum_segments: most segments of all outlines together, at least 4; to hold it, the
    tolerance is raised, in the last resort up to a circle in place of the shape.
    """
    rings = [_sample_ring(*pair) for pair in zip(outlines, tolerances, strict=True)]
    fitted = _clean_fit(rings) or [polygon(np.asarray(points)) for points in outlines]
    if maximum_segments is None or _segments(fitted) <= maximum_segments:
        return fitted
    if maximum_segments < 4:
        raise ValueError(f"A shape can't be drawn with {maximum_segments} segments, only with 4.")
    for factor in _LOOSER:
        looser = _clean_fit([ring.loosened(factor) for ring in rings])
        if looser is not None and _segments(looser) <= maximum_segments:
            return looser
    return [_stand_in(rings[0])]


class _Ring(NamedTuple):
    """A closed outline as even samples: points [K, 2], tolerances [K] in pixels.

    looseness: how much larger the tolerances are than what was asked for.
    """

    points: np.ndarray
    tolerances: np.ndarray
    looseness: float = 1.0

    def loosened(self, factor: float) -> _Ring:
        return _Ring(self.points, self.tolerances * factor, self.looseness * factor)


class _Fit(NamedTuple):
    """Cubics as in `Path`, float32 [3·S, 2], and the samples where they start, int [S]."""

    controls: np.ndarray
    starts: np.ndarray


def _sample_ring(points: np.ndarray, tolerance: float | np.ndarray) -> _Ring:
    points = np.asarray(points, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise ValueError(f"An outline needs three points [K, 2] or more, not {points.shape}.")
    if not np.isfinite(points).all():
        raise ValueError("An outline has coordinates that are not finite.")
    closed = np.concatenate([points, points[:1]])
    steps = np.diff(closed, axis=0)
    lengths = np.concatenate([[0.0], np.cumsum(np.sqrt(np.sum(steps * steps, axis=1)))])
    count = int(np.clip(round(lengths[-1]), _FEWEST_SAMPLES, _MOST_SAMPLES))
    places = np.arange(count) * (lengths[-1] / count)
    x, y = (np.interp(places, lengths, closed[:, axis]) for axis in (0, 1))
    thickness = 2 * abs(signed_area(points)) / max(lengths[-1], 1e-9)
    allowed = np.broadcast_to(np.asarray(tolerance, np.float64), len(points))
    allowed = np.clip(allowed, 1e-3, max(_SHARE_OF_THICKNESS * thickness, 1e-3))
    nearest = np.searchsorted(lengths[:-1], places, side="right") - 1
    return _Ring(np.stack([x, y], axis=1), allowed[nearest])


def _clean_fit(rings: Sequence[_Ring]) -> list[np.ndarray] | None:
    """Fits that don't cross and keep their area, more exact where that takes it, or None."""
    for _ in range(_TIGHTENINGS):
        fits = [_fit(ring) for ring in rings]
        flags = _faulty_cubics(rings, fits)
        if not any(flag.any() for flag in flags):
            return [fit.controls for fit in fits]
        rings = [_tightened(*parts) for parts in zip(rings, fits, flags, strict=True)]
    return None


def _tightened(ring: _Ring, fit: _Fit, flags: np.ndarray) -> _Ring:
    """The ring with smaller tolerances along the flagged cubics."""
    count = len(ring.points)
    lengths = (turned(fit.starts, 1) - fit.starts - 1) % count + 1
    faulty = np.repeat(flags, lengths)  # [K], from the first node on
    factor = np.roll(np.where(faulty, _TIGHTENING, 1.0), fit.starts[0])
    return ring._replace(tolerances=ring.tolerances * factor)


def _faulty_cubics(rings: Sequence[_Ring], fits: Sequence[_Fit]) -> list[np.ndarray]:
    """For each fit, bool [S]: cubics that cross another, or all where the area is wrong."""
    crossing = _crossing_cubics([fit.controls for fit in fits])
    for ring, fit, flags in zip(rings, fits, crossing, strict=True):
        area = signed_area(ring.points)
        slack = _AREA_SLACK * max(ring.looseness, 1.0)
        if abs(_area(fit.controls) - area) > slack * abs(area):
            flags[:] = True
    return crossing


def _segments(fitted: Sequence[np.ndarray]) -> int:
    return sum(len(points) for points in fitted) // 3


def _area(controls: np.ndarray) -> float:
    """Area within a closed path of cubics, by Green's theorem, signed as `signed_area`."""
    p = controls.astype(np.float64).reshape(-1, 3, 2)
    p0, p1, p2, p3 = p[:, 0], p[:, 1], p[:, 2], turned(p[:, 0], 1)

    def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]

    doubled = 6 * (cross(p0, p1) + cross(p2, p3)) + 3 * (
        cross(p0, p2) + cross(p1, p2) + cross(p1, p3)
    )
    return float((doubled + cross(p0, p3)).sum()) / 20


def _crossing_cubics(outlines: Sequence[np.ndarray]) -> list[np.ndarray]:
    """For each outline, bool [S]: cubics that cross another of any of the outlines."""
    points = np.concatenate(outlines)
    starts = np.cumsum([0, *map(len, outlines)]).astype(np.int32)
    crossing = np.zeros(len(points) // 3, np.uint8)
    path = np.array([0, len(outlines)], np.int32)
    _find_crossings(points, len(points), starts, path, 1, _CROSSING_SAMPLES, 1, crossing)
    return np.split(crossing.astype(bool), starts[1:-1] // 3)


def _stand_in(ring: _Ring) -> np.ndarray:
    """A circle as large as the outline, at its middle."""
    return circle(ring.points.mean(axis=0), np.sqrt(abs(signed_area(ring.points)) / np.pi))


def _fit(ring: _Ring) -> _Fit:
    """The fewest cubics within the ring's tolerances."""
    corners = _corners(ring)
    if corners.any():
        return _fit_from(ring, corners, int(np.argmax(corners)))
    # Without a corner the first node may lie anywhere: best where another fit has one.
    starts = _fit_from(ring, corners, 0).starts
    return _fit_from(ring, corners, int(starts[len(starts) // 2]))


def _fit_from(ring: _Ring, corners: np.ndarray, start: int) -> _Fit:
    """The fewest cubics with a node at sample `start`, which is a corner where there is one."""
    count = len(ring.points)
    around = np.arange(start, start + count + 1) % count  # [K + 1], from start to start
    corners = corners[around]
    points = _sharpened(ring.points[around], corners > 0, ring.tolerances[around])
    arriving, leaving = _tangents(points, corners > 0)
    weights = ring.tolerances[around] ** -2.0
    controls = np.empty((3 * count, 2))
    starts = np.empty(count, np.int32)
    segments = np.zeros(1, np.int32)
    _fit_ring(count, points, arriving, leaving, weights, corners, controls, starts, segments)
    number = int(segments[0])
    return _Fit(controls[: 3 * number].astype(np.float32), around[starts[:number]])


def _corners(ring: _Ring) -> np.ndarray:
    """Samples where the outline turns sharply, and most so among those nearby: uint8 [K].

    1 for a small corner, 2 for a large one, else 0.
    """
    points = ring.points
    short, long = (
        max(_SHORT_SIDE, min(round(side * ring.looseness), len(points) // 8))
        for side in (_SHORT_SIDE, _LONG_SIDE)
    )
    near, far = _turn_cosine(points, short), _turn_cosine(points, long)
    peak = near < _LARGE_TURN
    for k in range(1, short // 2 + 1):
        peak &= (near < turned(near, -k)) & (near <= turned(near, k))
    difference = near * far + np.sqrt((1 - near**2) * (1 - far**2))  # its cosine
    large = peak & (far < _LARGE_TURN) & (difference > _SAME_TURN) & (long > short)
    small = peak & (near < _SMALL_TURN)
    return np.where(large, 2, small).astype(np.uint8)


def _turn_cosine(points: np.ndarray, side: int) -> np.ndarray:
    """Cosine of the turn at each sample between the chords to those `side` away: [K]."""
    before = points - turned(points, -side)
    after = turned(points, side) - points
    lengths = np.sqrt(np.sum(before * before, axis=1) * np.sum(after * after, axis=1))
    return np.clip(np.sum(before * after, axis=1) / np.maximum(lengths, 1e-12), -1.0, 1.0)


def _sharpened(points: np.ndarray, corners: np.ndarray, tolerances: np.ndarray) -> np.ndarray:
    """The ring [K + 1, 2] with corners where the sides would meet: smoothing rounds them off."""
    count = len(points) - 1
    at = np.flatnonzero(corners[:-1])
    if len(at) == 0:
        return points
    inner, outer = _ROUNDED + 1, _ROUNDED + 3
    sides = [points[(at + offset) % count] for offset in (-outer, -inner, inner, outer)]  # [C, 2]
    along, back = sides[1] - sides[0], sides[2] - sides[3]
    gap = sides[2] - sides[1]
    determinant = along[:, 0] * back[:, 1] - along[:, 1] * back[:, 0]
    reach = gap[:, 0] * back[:, 1] - gap[:, 1] * back[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        meeting = sides[1] + along * (reach / determinant)[:, None]
        shift = np.sqrt(np.sum((meeting - points[at]) ** 2, axis=1))
    spacing = np.sqrt(np.sum((points[1] - points[0]) ** 2))
    apart = np.minimum(np.diff(at, append=at[0] + count), np.diff(at, prepend=at[-1] - count))
    good = (shift < np.minimum(1.5 * spacing, tolerances[at])) & (apart > outer)  # no NaN
    points = points.copy()
    at, meeting = at[good], meeting[good]
    for sign, side in ((-1, sides[1][good]), (1, sides[2][good])):
        for step in range(inner):
            points[(at + sign * step) % count] = meeting + (side - meeting) * (step / inner)
    points[-1] = points[0]
    return points


def _tangents(points: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit tangents before and after each sample of a ring [K + 1, 2]: [2, K + 1, 2] each.

    The direction between two samples on either side, at most as far as the next corner.
    Where there are corners, the ring starts with one.
    """
    count = len(points) - 1
    index = np.arange(count + 1)
    if corners[0]:
        last = np.maximum.accumulate(np.where(corners, index, 0))
        following = np.minimum.accumulate(np.where(corners, index, count)[::-1])[::-1]
        # The corners before and after, not at, each sample; beyond the cut they go on around.
        before = np.concatenate([last[-2:-1] - count, last[:-1]])
        after = np.concatenate([following[1:], following[1:2] + count])
    else:
        last = before = index - count
        following = after = index + count
    arriving, leaving = [], []
    for reach in _TANGENT_REACH:
        back, ahead = index - reach, index + reach
        arriving.append((np.maximum(back, before), np.minimum(ahead, following)))
        leaving.append((np.maximum(back, last), np.minimum(ahead, after)))
    return _directions(points, arriving), _directions(points, leaving)


def _directions(points: np.ndarray, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Unit vectors from the first to the second of each pair of samples: [P, K + 1, 2]."""
    count = len(points) - 1
    steps = np.stack([points[ahead % count] - points[back % count] for back, ahead in pairs])
    return steps / np.maximum(np.sqrt(np.sum(steps * steps, axis=2, keepdims=True)), 1e-12)
