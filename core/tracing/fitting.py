# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed polylines as closed cubic Béziers: few nodes, corners kept, never tangled.

Which samples of an outline become nodes, and the handles between them, is worked out in
core/native/outline/fitting.c. Here fits are made sure to be clean, and capped.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..bezier import circle, outline_area, polygon, polygon_area
from ..native import structures
from ..native.library import array, function
from .contours import turned
from .rings import Ring, find_corners, sample_ring, sharpened, tangents

_fit_ring = function(
    "semvec_fit_ring",
    *(ctypes.POINTER(structures.Ring), array(np.float64), array(np.int32), array(np.int32)),
)
_find_crossings = function(
    "semvec_find_crossings",
    *(ctypes.POINTER(structures.Paths), ctypes.c_int, ctypes.c_int, array(np.uint8)),
)

# Factor on the tolerance where an outline crosses itself, and how often; factors tried for
# one that is to have fewer segments.
_TIGHTENING, _TIGHTENINGS = 0.5, 8
_LOOSER = np.cumprod(np.full(14, 1.35)).tolist()

# Chords a cubic when looking for crossings; share of the area that a fit may lose or add.
_CROSSING_SAMPLES = 40
_AREA_SLACK = 0.15


def fit_closed(
    points: np.ndarray,
    tolerance: float | np.ndarray = 1.0,
    maximum_segments: int | None = None,
) -> np.ndarray:
    """Fit a closed polyline [K, 2] with cubic Béziers: float32 [3·S, 2], as in `Path`.

    tolerance: largest distance in pixels between the two, one for all or one a point [K];
    thin shapes are fitted more closely. maximum_segments: as in `fit_outlines`.
    Raises ValueError for fewer than three points or coordinates that are not finite.
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
    if maximum_segments is not None and maximum_segments < 4:
        raise ValueError(f"A shape takes 4 segments, so {maximum_segments} are too few a cap.")
    rings = [sample_ring(*pair) for pair in zip(outlines, tolerances, strict=True)]
    fitted = _clean_fit(rings) or [polygon(np.asarray(points)) for points in outlines]
    if maximum_segments is None or _segments(fitted) <= maximum_segments:
        return fitted
    for factor in _LOOSER:
        looser = _clean_fit([ring.loosened(factor) for ring in rings])
        if looser is not None and _segments(looser) <= maximum_segments:
            return looser
    return [_stand_in(rings[0])]


class _Fit(NamedTuple):
    """Cubics as in `Path`, float32 [3·S, 2], and the samples where they start, int [S]."""

    controls: np.ndarray
    starts: np.ndarray


def _clean_fit(rings: Sequence[Ring]) -> list[np.ndarray] | None:
    """Fits that don't cross and keep their area, more exact where that takes it, or None."""
    for _ in range(_TIGHTENINGS):
        fits = [_fit(ring) for ring in rings]
        flags = _faulty_cubics(rings, fits)
        if not any(flag.any() for flag in flags):
            return [fit.controls for fit in fits]
        rings = [_tightened(*parts) for parts in zip(rings, fits, flags, strict=True)]
    return None


def _tightened(ring: Ring, fit: _Fit, flags: np.ndarray) -> Ring:
    """Return the ring with smaller tolerances along the flagged cubics."""
    count = len(ring.points)
    lengths = (turned(fit.starts, 1) - fit.starts - 1) % count + 1
    faulty = np.repeat(flags, lengths)  # [K], from the first node on
    factor = np.roll(np.where(faulty, _TIGHTENING, 1.0), fit.starts[0])
    return ring._replace(tolerances=ring.tolerances * factor)


def _faulty_cubics(rings: Sequence[Ring], fits: Sequence[_Fit]) -> list[np.ndarray]:
    """For each fit, bool [S]: cubics that cross another, or all where the area is wrong."""
    crossing = _crossing_cubics([fit.controls for fit in fits])
    for ring, fit, flags in zip(rings, fits, crossing, strict=True):
        area = polygon_area(ring.points)
        slack = _AREA_SLACK * max(ring.looseness, 1.0)
        if abs(outline_area(fit.controls) - area) > slack * abs(area):
            flags[:] = True
    return crossing


def _segments(fitted: Sequence[np.ndarray]) -> int:
    return sum(len(points) for points in fitted) // 3


def _crossing_cubics(outlines: Sequence[np.ndarray]) -> list[np.ndarray]:
    """For each outline, bool [S]: cubics that cross another of any of the outlines."""
    points = np.concatenate(outlines)
    starts = np.cumsum([0, *map(len, outlines)]).astype(np.int32)
    crossing = np.zeros(len(points) // 3, np.uint8)
    paths = structures.Paths(
        points=points,
        subpath_starts=starts,
        path_starts=np.array([0, len(outlines)], np.int32),
        point_count=len(points),
        subpath_count=len(outlines),
        path_count=1,
    )
    _find_crossings(paths, _CROSSING_SAMPLES, 1, crossing)
    return np.split(crossing.astype(bool), starts[1:-1] // 3)


def _stand_in(ring: Ring) -> np.ndarray:
    """Return a circle as large as the outline, at its middle."""
    return circle(ring.points.mean(axis=0), np.sqrt(abs(polygon_area(ring.points)) / np.pi))


def _fit(ring: Ring) -> _Fit:
    """Return the fewest cubics within the ring's tolerances."""
    corners = find_corners(ring)
    if corners.any():
        return _fit_from(ring, corners, int(np.argmax(corners)))
    # Without a corner the first node may lie anywhere: best where another fit has one.
    starts = _fit_from(ring, corners, 0).starts
    return _fit_from(ring, corners, int(starts[len(starts) // 2]))


def _fit_from(ring: Ring, corners: np.ndarray, start: int) -> _Fit:
    """Fit the fewest cubics with a node at sample `start`, which is a corner where there is one."""
    count = len(ring.points)
    around = np.arange(start, start + count + 1) % count  # [K + 1], from start to start
    corners = corners[around]
    points = sharpened(ring.points[around], corners > 0, ring.tolerances[around])
    arriving, leaving = tangents(points, corners > 0)
    weights = 1.0 / np.square(ring.tolerances[around])
    controls = np.empty((3 * count, 2))
    starts = np.empty(count, np.int32)
    segments = np.zeros(1, np.int32)
    samples = structures.Ring(
        points=points,
        arriving=arriving,
        leaving=leaving,
        weights=weights,
        corners=corners,
        count=count,
    )
    _fit_ring(samples, controls, starts, segments)
    number = int(segments[0])
    return _Fit(controls[: 3 * number].astype(np.float32), around[starts[:number]])
