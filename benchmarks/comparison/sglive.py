# SPDX-License-Identifier: GPL-3.0-or-later
"""SGLIVE: as LIVE, but paths are born in the segments whose error is largest, and radial.

Zhou, Zhang and Wang, "Segmentation-guided layer-wise image vectorization with gradient
fills", 2024; SGLIVE/config/sglive.yaml of their repository: batches of 1, 1, 2, 4, ... up to
32 paths, circles of radius 5, LIVE's losses, 500 iterations a batch. A fill is a radial
gradient around the circle's center, both colors those of the pixel there; its radius is
that of the segment, within 0.1 and 0.5 of the canvas.
Departures: those of LIVE; one circle for their gradient's ellipse, and no offsets of its
colors along the radius (free_fit.py says what stands in); our built-in segmenter, which
merges along weak edges, for their gradient-aware one; no segmentation weight.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from semvec.core.drawing import Path, Ramp
from semvec.core.segmentation.builtin import over_segment

from . import live
from .free_fit import residual
from .task import Answer, Task

LEAST_RADIUS, LARGEST_RADIUS = 0.1, 0.5  # of a fill, as a share of the canvas


def draw(task: Task) -> Answer:
    """One batch after the other."""
    segments = over_segment(task.image, 2 * task.budget, threads=task.threads)
    centers, radii = deepest_points(segments), fill_radii(segments)
    paths: list[Path] = []
    for count in batches(task.budget):
        error = residual(paths, task.image)
        total = ndimage.sum_labels(error, segments, np.arange(len(centers)))
        worst = np.resize(np.argsort(-total, kind="stable"), count)
        paths += [radial_disc(centers[i], radii[i], task.image) for i in worst]
        paths = live.refined(paths, task)
    return Answer(task.drawing(paths))


def radial_disc(center: np.ndarray, radius: float, image: np.ndarray) -> Path:
    """Return a circle of radius 5 whose fill can begin to change towards this radius."""
    path = live.disc(center, image)
    end = center + np.array([radius, 0.0])
    ramp = Ramp("radial", center.astype(np.float32), end.astype(np.float32), path.fill[:3])
    return replace(path, ramp=ramp)


def fill_radii(labels: np.ndarray) -> np.ndarray:
    """Return a radius in pixels for each region: [N].

    It is that of the circle with the area of the ellipse of half the region's height and width,
    which are limited to fractions of the canvas.
    """
    height, width = labels.shape
    extents = np.array(
        [[rows.stop - rows.start, columns.stop - columns.start]
         for rows, columns in ndimage.find_objects(labels + 1)]
    )  # fmt: skip
    shares = np.clip(extents / (2.0 * height, 2.0 * width), LEAST_RADIUS, LARGEST_RADIUS)
    return np.sqrt(shares.prod(axis=1) * height * width)


def batches(budget: int) -> list[int]:
    """1, then those of LIVE: experiment_256 of their configuration."""
    return [1, *live.batches(budget - 1)]


def deepest_points(labels: np.ndarray) -> np.ndarray:
    """For each region the pixel center (x, y) farthest from its border: [N, 2]."""
    points = []
    for region, window in enumerate(ndimage.find_objects(labels + 1)):
        depth = ndimage.distance_transform_edt(np.pad(labels[window] == region, 1))[1:-1, 1:-1]
        row, column = np.unravel_index(depth.argmax(), depth.shape)
        points.append((window[1].start + column + 0.5, window[0].start + row + 0.5))
    return np.array(points)
