# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed polylines as even samples, and what they look like: corners and tangents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..bezier import polygon_area
from .contours import turned

# Outlines are sampled every pixel; short and very long ones by their length.
_FEWEST_SAMPLES, _MOST_SAMPLES = 32, 8192

# Thin shapes are fitted more closely: within this share of their mean thickness.
_SHARE_OF_THICKNESS = 0.35

# Corners turn between sides of 4 samples: large ones by more than 40 degrees, and between
# sides of 12 by the same within 20 degrees, which no curve does and noise hardly ever;
# small ones by more than 50 degrees. All of these as cosines.
_SHORT_SIDE, _LONG_SIDE = 4, 12
_LARGE_TURN, _SAME_TURN, _SMALL_TURN = 0.766, 0.94, 0.643

# Smoothing rounds a corner off over so many samples on either side; a corner that would
# have to move by more samples than this to be sharp is none.
_ROUNDED, _LONGEST_SHIFT = 2, 1.5

# Tangents are taken over so many samples on either side.
_TANGENT_REACH = (2, 5)


class Ring(NamedTuple):
    """A closed outline as even samples: points [K, 2], tolerances [K] in pixels.

    looseness: how much larger the tolerances are than what was asked for.
    """

    points: np.ndarray
    tolerances: np.ndarray
    looseness: float = 1.0

    def loosened(self, factor: float) -> Ring:
        return Ring(self.points, self.tolerances * factor, self.looseness * factor)


def sample_ring(points: np.ndarray, tolerance: float | np.ndarray) -> Ring:
    """Sample a closed polyline [K, 2] evenly. Raises ValueError for a degenerate one."""
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
    thickness = 2 * abs(polygon_area(points)) / max(lengths[-1], 1e-9)
    allowed = np.broadcast_to(np.asarray(tolerance, np.float64), len(points))
    allowed = np.clip(allowed, 1e-3, max(_SHARE_OF_THICKNESS * thickness, 1e-3))
    nearest = np.searchsorted(lengths[:-1], places, side="right") - 1
    return Ring(np.stack([x, y], axis=1), allowed[nearest])


def find_corners(ring: Ring) -> np.ndarray:
    """Find samples where the outline turns sharply, most of those nearby: uint8 [K].

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


def sharpened(points: np.ndarray, corners: np.ndarray, tolerances: np.ndarray) -> np.ndarray:
    """Restore the corners of a ring [K + 1, 2], which smoothing has rounded, where sides meet.

    A corner moves by less than its tolerance, and only where its sides are free of others.
    """
    count = len(points) - 1
    at = np.flatnonzero(corners[:-1])
    if len(at) == 0:
        return points
    near, far = _ROUNDED + 1, _ROUNDED + 3
    before, after = points[(at - near) % count], points[(at + near) % count]  # [C, 2]
    meeting = _intersection(points[(at - far) % count], before, after, points[(at + far) % count])
    shift = np.sqrt(np.sum((meeting - points[at]) ** 2, axis=1))
    longest = _LONGEST_SHIFT * np.sqrt(np.sum((points[1] - points[0]) ** 2))
    apart = np.minimum(np.diff(at, append=at[0] + count), np.diff(at, prepend=at[-1] - count))
    good = (shift < np.minimum(longest, tolerances[at])) & (apart > far)  # not where it is NaN
    at, meeting = at[good], meeting[good]
    points = points.copy()
    for sign, side in ((-1, before[good]), (1, after[good])):
        for step in range(near):
            points[(at + sign * step) % count] = meeting + (side - meeting) * (step / near)
    points[-1] = points[0]
    return points


def _intersection(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Intersect the lines a, b and c, d: [C, 2], not finite where there is none."""
    first, second, gap = b - a, d - c, c - b
    determinant = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    reach = gap[:, 0] * second[:, 1] - gap[:, 1] * second[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return b + first * (reach / determinant)[:, None]


def tangents(points: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit tangents before and after each sample of a ring [K + 1, 2]: [2, K + 1, 2] each.

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
    """Return unit vectors from the first to the second of each pair of samples: [P, K + 1, 2]."""
    count = len(points) - 1
    steps = np.stack([points[ahead % count] - points[back % count] for back, ahead in pairs])
    return steps / np.maximum(np.sqrt(np.sum(steps * steps, axis=2, keepdims=True)), 1e-12)
