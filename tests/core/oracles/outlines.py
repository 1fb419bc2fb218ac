# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as shapely sees them, and partitions to trace."""

from __future__ import annotations

import itertools

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from skimage.measure import label


def sampled(points, samples=40):
    """A sub-path [3·S, 2] as a closed polyline, by de Casteljau's construction: [S·K, 2]."""
    t = np.arange(samples)[:, None] / samples
    lines = []
    for i in range(0, len(points), 3):
        control = [points[(i + k) % len(points)].astype(np.float64) for k in range(4)]
        while len(control) > 1:
            control = [a + t * (b - a) for a, b in itertools.pairwise(control)]
        lines.append(control[0])
    return np.concatenate(lines)


def closed(polyline):
    return LineString(np.concatenate([polyline, polyline[:1]]))


def is_simple(points):
    """Tell whether a sub-path drawn with 40 chords a cubic neither crosses nor touches itself."""
    return closed(sampled(points)).is_simple


def distance(polyline, other):
    """The larger of the two one-sided distances between two closed polylines."""
    first, second = (closed(line).segmentize(0.5) for line in (polyline, other))
    return shapely.hausdorff_distance(first, second)


def runs_clockwise(polyline):
    """As seen on screen, with y down."""
    return Polygon(polyline).exterior.is_ccw


def covered(path, shape):
    """Pixels whose middle lies within a path: bool [H, W]."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    winding = np.zeros(shape, int)
    for points in path.subpaths:
        polygon = Polygon(sampled(points, 16))
        winding[shapely.contains_xy(polygon, x, y)] += 1 if runs_clockwise(sampled(points)) else -1
    return winding != 0


def painted(paths, shape):
    """The region of the topmost path at every pixel's middle, -1 where there is none."""
    regions = np.full(shape, -1)
    for path in paths:
        regions[covered(path, shape)] = path.region
    return regions


def parts_of(values, outside=None):
    """The 4-connected parts of equal values as a partition; `outside` is nobody's."""
    values = np.where(values == outside, -1, values) if outside is not None else values
    return label(values, background=-1, connectivity=1).astype(np.int32) - 1


def noise(seed, height, width, values, scale):
    """Blotches of `values` kinds and about `scale` pixels, or pure noise: int [H, W]."""
    random = np.random.default_rng(seed)
    if scale == 0:
        return random.integers(0, values, (height, width))
    y, x = np.mgrid[:height, :width] / scale
    waves = random.normal(0, 1, (values, 12, 2))
    phases = random.uniform(0, 6.28, (values, 12, 1, 1))
    fields = np.cos(waves[:, :, :1, None] * x + waves[:, :, 1:, None] * y + phases).sum(axis=1)
    return fields.argmax(axis=0)


def colorful(labels):
    """An image that gives each region its own clear color: float32 [H, W, 3]."""
    colors = np.random.default_rng(1).uniform(0, 1, (max(labels.max(), 0) + 2, 3))
    return colors[labels].astype(np.float32)
