# SPDX-License-Identifier: GPL-3.0-or-later
"""SGLIVE: as LIVE, but paths are born in the segments whose error is largest.

Zhou, Zhang and Wang, "Segmentation-guided layer-wise image vectorization with gradient
fills", 2024; SGLIVE/config/sglive.yaml of their repository: batches of 1, 1, 2, 4, ... up to
32 paths, circles of radius 5, LIVE's losses, 500 iterations a batch.
Departures: those of LIVE; our renderer knows no gradients, so fills are flat where theirs
are radial, which costs them fidelity in smooth shades; our built-in segmenter, which
merges along weak edges, stands in for their gradient-aware one; no segmentation weight.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from semvec.core.drawing import Path
from semvec.core.segmentation.builtin import over_segment

from . import live
from .free_fit import residual
from .task import Answer, Task


def draw(task: Task) -> Answer:
    """One batch after the other."""
    segments = over_segment(task.image, 2 * task.budget, threads=task.threads)
    centers = deepest_points(segments)
    paths: list[Path] = []
    for count in batches(task.budget):
        error = residual(paths, task.image)
        total = ndimage.sum_labels(error, segments, np.arange(len(centers)))
        worst = np.resize(np.argsort(-total, kind="stable"), count)
        paths += [live.disc(centers[segment], task.image) for segment in worst]
        paths = live.refined(paths, task)
    return Answer(task.drawing(paths))


def batches(budget: int) -> list[int]:
    """1, then those of LIVE: experiment_256 of their configuration."""
    return [1, *live.batches(budget - 1)]


def deepest_points(labels: np.ndarray) -> np.ndarray:
    """For each region the pixel centre (x, y) farthest from its border: [N, 2]."""
    points = []
    for region, window in enumerate(ndimage.find_objects(labels + 1)):
        depth = ndimage.distance_transform_edt(np.pad(labels[window] == region, 1))[1:-1, 1:-1]
        row, column = np.unravel_index(depth.argmax(), depth.shape)
        points.append((window[1].start + column + 0.5, window[0].start + row + 0.5))
    return np.array(points)
