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
from .contours import signed_area

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

# A corner turns by more than 60 degrees between chords of so many samples.
_CORNER_CHORD = 4
_CORNER_COSINE = 0.5

# Thin shapes are fitted more closely: within this share of their mean thickness.
_SHARE_OF_THICKNESS = 0.35

# Tangents are taken over so many samples on either side.
_TANGENT_REACH = (2, 4)

# Tolerances tried for an outline that crosses itself, or is to have fewer segments.
_TIGHTER = (1.0, 0.6, 0.35, 0.2)
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
    fitted = _first_clean(rings, _TIGHTER)
    if fitted is None:
        fitted = [polygon(ring.points) for ring in rings]
    if maximum_segments is None or _segments(fitted) <= maximum_segments:
        return fitted
    if maximum_segments < 4:
        raise ValueError(f"A shape can't be drawn with {maximum_segments} segments, only with 4.")
    return _first_clean(rings, _LOOSER, maximum_segments) or [_stand_in(rings[0])]


class _Ring(NamedTuple):
    """A closed outline as even samples: points [K, 2], tolerances [K] in pixels."""

    points: np.ndarray
    tolerances: np.ndarray


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


def _first_clean(
    rings: Sequence[_Ring], factors: Sequence[float], maximum_segments: int | None = None
) -> list[np.ndarray] | None:
    """The fit with the first of these factors on the tolerance that is clean and small."""
    for factor in factors:
        fitted = [_fit(ring, factor) for ring in rings]
        small = maximum_segments is None or _segments(fitted) <= maximum_segments
        if small and _keep_area(rings, fitted, factor) and not _cross(fitted):
            return fitted
    return None


def _segments(fitted: Sequence[np.ndarray]) -> int:
    return sum(len(points) for points in fitted) // 3


def _keep_area(rings: Sequence[_Ring], fitted: Sequence[np.ndarray], factor: float) -> bool:
    slack = _AREA_SLACK * max(factor, 1.0)
    for ring, controls in zip(rings, fitted, strict=True):
        before = signed_area(ring.points)
        if abs(_area(controls) - before) > slack * abs(before):
            return False
    return True


def _area(controls: np.ndarray) -> float:
    """Area within a closed path of cubics, by Green's theorem, signed as `signed_area`."""
    p = controls.astype(np.float64).reshape(-1, 3, 2)
    p0, p1, p2, p3 = p[:, 0], p[:, 1], p[:, 2], np.roll(p[:, 0], -1, axis=0)

    def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]

    doubled = 6 * (cross(p0, p1) + cross(p2, p3)) + 3 * (
        cross(p0, p2) + cross(p1, p2) + cross(p1, p3)
    )
    return float((doubled + cross(p0, p3)).sum()) / 20


def _cross(fitted: Sequence[np.ndarray]) -> bool:
    """Whether any outline, drawn with 40 chords a cubic, crosses itself or another."""
    points = np.concatenate(fitted)
    starts = np.cumsum([0, *map(len, fitted)]).astype(np.int32)
    crossing = np.zeros(len(points) // 3, np.uint8)
    path = np.array([0, len(fitted)], np.int32)
    _find_crossings(points, len(points), starts, path, 1, _CROSSING_SAMPLES, 1, crossing)
    return bool(crossing.any())


def _stand_in(ring: _Ring) -> np.ndarray:
    """A circle as large as the outline, at its middle."""
    return circle(ring.points.mean(axis=0), np.sqrt(abs(signed_area(ring.points)) / np.pi))


def _fit(ring: _Ring, factor: float) -> np.ndarray:
    """The fewest cubics within the ring's tolerances times `factor`: float32 [3·S, 2]."""
    corners = _corners(ring.points, factor)
    if corners.any():
        return _fit_from(ring, corners, int(np.argmax(corners)), factor)[0]
    # Without a corner the first node may lie anywhere: best where another fit has one.
    _, starts = _fit_from(ring, corners, 0, factor)
    return _fit_from(ring, corners, int(starts[len(starts) // 2]), factor)[0]


def _fit_from(
    ring: _Ring, corners: np.ndarray, start: int, factor: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fit with a node at sample `start`. Returns the controls, and the samples of the nodes."""
    count = len(ring.points)
    around = np.arange(start, start + count + 1) % count  # [K + 1], from start to start
    corners = corners[around]
    points = _sharpened(ring.points[around], corners)
    weights = (factor * ring.tolerances[around]) ** -2.0
    arriving, leaving = _tangents(points, corners)
    controls = np.empty((3 * count, 2))
    starts = np.empty(count, np.int32)
    segments = np.zeros(1, np.int32)
    _fit_ring(count, points, arriving, leaving, weights, corners.astype(np.uint8),
              controls, starts, segments)  # fmt: skip
    number = int(segments[0])
    return controls[: 3 * number].astype(np.float32), around[starts[:number]]


def _corners(points: np.ndarray, factor: float) -> np.ndarray:
    """Samples where the outline turns sharply, and most sharply among those nearby: bool [K]."""
    chord = max(_CORNER_CHORD, min(round(_CORNER_CHORD * factor), len(points) // 8))
    before = points - np.roll(points, chord, axis=0)
    after = np.roll(points, -chord, axis=0) - points
    lengths = np.sqrt(np.sum(before * before, axis=1) * np.sum(after * after, axis=1))
    cosine = np.sum(before * after, axis=1) / np.maximum(lengths, 1e-12)
    corner = cosine < _CORNER_COSINE
    for k in range(1, chord // 2 + 1):
        corner &= (cosine < np.roll(cosine, k)) & (cosine <= np.roll(cosine, -k))
    return corner


def _sharpened(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The ring [K + 1, 2] with corners where the sides would meet: smoothing rounds them off."""
    count = len(points) - 1
    at = np.flatnonzero(corners[:-1])
    if len(at) == 0:
        return points
    sides = [points[(at + offset) % count] for offset in (-4, -2, 2, 4)]  # [C, 2] each
    along, back = sides[1] - sides[0], sides[2] - sides[3]
    gap = sides[2] - sides[1]
    determinant = along[:, 0] * back[:, 1] - along[:, 1] * back[:, 0]
    reach = gap[:, 0] * back[:, 1] - gap[:, 1] * back[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        meeting = sides[1] + along * (reach / determinant)[:, None]
        shift = np.sqrt(np.sum((meeting - points[at]) ** 2, axis=1))
    spacing = np.sqrt(np.sum((points[1] - points[0]) ** 2))
    apart = np.minimum(np.diff(at, append=at[0] + count), np.diff(at, prepend=at[-1] - count))
    good = (shift < 1.5 * spacing) & (apart > 4)  # NaN is not good
    points = points.copy()
    at, meeting = at[good], meeting[good]
    points[at] = meeting
    for neighbour, side in ((-1, sides[1]), (1, sides[2])):
        points[(at + neighbour) % count] = 0.5 * (meeting + side[good])
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
        before = np.concatenate([last[:1], last[:-1]])  # corner before, not at, each sample
        after = np.concatenate([following[1:], following[-1:]])
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
