# SPDX-License-Identifier: GPL-3.0-or-later
"""Best radial trend of the colors of each path: least squares over its visible pixels.

A cone is a color that changes in proportion to the distance from a center. Given the center,
it is a line of least squares. The center is found in turns: from colors that change with the
distance from the last one and along a direction as well, the center is moved along that direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .visible_sums import DistanceMoments, Moments, VisibleSums

# Centers that are tried for each path; the first is the middle of its visible pixels.
_CENTERS = 3

# A center moves at most by so many times the spread of the pixels.
_FARTHEST = 2.0

# Added to the variance of distances, px²: keeps small shapes from steep ramps.
_LEAST_VARIANCE = 1.0

# Factor of that in the search for a center, which is checked afterwards.
_SLACK = 0.1

# How far the color at the center may be outside of what colors can be.
_OUTSIDE = 0.02


class Cone(NamedTuple):
    """Colors that change with the distance from a center: color + |p − center|·change.

    center: [2]; color, change: [3]. explained: how much larger the mean squared error of a flat
    fill is; 0 where the center is of a color that can't be. Of one path, or with a leading axis of
    many.
    """

    center: np.ndarray
    color: np.ndarray
    change: np.ndarray
    explained: np.ndarray


def fit_cones(sums: VisibleSums, moments: Moments, controls: Sequence[np.ndarray]) -> Cone:
    """Return the cones nearest to the image where each of N paths is visible.

    controls: [K, 2] for each path, its control points on the canvas.
    """
    centers, best = moments.center, None
    for _ in range(_CENTERS):
        distances = sums.of_distances(moments, centers, _reach(controls, centers))
        found = _cones(moments, centers, distances)
        best = found if best is None else _better(best, found)
        centers = centers + _steps(moments, distances)
    assert best is not None
    return best


def _reach(controls: Sequence[np.ndarray], centers: np.ndarray) -> np.ndarray:
    """Return the largest distance of each path's points from a center, above 0: [N]."""
    pairs = zip(controls, centers, strict=True)
    longest = [np.fmax.reduce(np.hypot(*(points - at).T), initial=1e-3) for points, at in pairs]
    return np.array(longest, np.float64)


def _cones(moments: Moments, centers: np.ndarray, distances: DistanceMoments) -> Cone:
    """Return the lines of least squares over the distances from `centers` [N, 2]."""
    variance = distances.variance + _LEAST_VARIANCE
    change = distances.trend / variance[:, None]
    color = moments.color - change * distances.mean[:, None]
    explained = np.square(distances.trend).sum(axis=1) / variance
    possible = (np.abs(color - np.clip(color, 0, 1)) <= _OUTSIDE).all(axis=1)
    return Cone(centers, np.clip(color, 0, 1), change, np.where(possible, explained, 0.0))


def _better(one: Cone, other: Cone) -> Cone:
    """Return for each path the one of two cones that explains more."""
    is_other = other.explained > one.explained
    columns = is_other[:, None]
    return Cone(
        np.where(columns, other.center, one.center),
        np.where(columns, other.color, one.color),
        np.where(columns, other.change, one.change),
        np.where(is_other, other.explained, one.explained),
    )


def _steps(moments: Moments, distances: DistanceMoments) -> np.ndarray:
    """Return how far to move each center: [N, 2].

    With r the distance from the old center, that from one moved by s is r − s·(p − center)/r at
    first order: colors that change by e·r + b·(p − center) are nearest to a cone for
    s = −b/e times the mean of r. Of the three channels, the mixture that changes most is taken.
    """
    spread = np.zeros((len(moments.total), 3, 3))
    spread[:, :2, :2] = moments.spread
    spread[:, :2, 2] = spread[:, 2, :2] = distances.drift
    spread[:, 2, 2] = distances.variance
    spread += _SLACK * _LEAST_VARIANCE * np.eye(3)
    trend = np.concatenate([moments.trend, distances.trend[:, None]], axis=1)
    planes = np.linalg.solve(spread, trend)  # [N, 3, 3], change by x, y and r of each channel
    channels = np.linalg.eigh(trend.transpose(0, 2, 1) @ planes)[1][:, :, 2]
    along_x, along_y, outward = np.einsum("nij,nj->in", planes, channels)
    slant = np.hypot(along_x, along_y)
    far = slant * distances.mean / np.maximum(np.abs(outward), 1e-12)
    size = np.sqrt(np.trace(moments.spread, axis1=1, axis2=2).clip(0))
    length = np.minimum(far, _FARTHEST * size) / np.maximum(slant, 1e-12)
    return -np.stack([along_x, along_y], axis=1) * (np.copysign(length, outward))[:, None]
