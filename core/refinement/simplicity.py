# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping outlines simple and fair while they move.

`keep_simple` corrects an optimiser's step so that no outline crosses itself
(core/native/simplicity.c). `fairness_gradient` adds a pull towards even, smooth outlines
to the gradient, so that edges don't turn saw-toothed on pixel noise.
"""

from __future__ import annotations

import ctypes

import numpy as np

from ..drawing import Scene
from ..native.library import array, function, thread_count

_keep_simple = function(
    "semvec_keep_simple",
    *(array(np.float32), array(np.float32), ctypes.c_int),
    *(array(np.int32), array(np.int32), ctypes.c_int, ctypes.c_int, array(np.uint8)),
)


def keep_simple(scene: Scene, before: np.ndarray, threads: int = 1) -> np.ndarray:
    """Correct `scene.points` in place after a step from `before` (float32 [M, 2], simple).

    Returns bool [M]: the points that had to go back to where they were.
    """
    reverted = np.empty(len(scene.points), np.uint8)
    _keep_simple(
        *(scene.points, before, len(scene.points)),
        *(scene.subpath_starts, scene.path_starts, len(scene.colors)),
        *(thread_count(threads), reverted),
    )
    return reverted.astype(bool)


class Ring:
    """Neighbours of every control point along its closed sub-path, as index arrays [M]."""

    def __init__(self, subpath_starts: np.ndarray) -> None:
        indices = np.arange(subpath_starts[-1])
        self.previous, self.following = indices - 1, indices + 1
        first, last = subpath_starts[:-1], subpath_starts[1:] - 1
        self.previous[first] = last
        self.following[last] = first

    def unevenness(self, points: np.ndarray) -> np.ndarray:
        """How far each point lies from the middle between its neighbours: [M, 2]."""
        return points - 0.5 * (points[self.previous] + points[self.following])


def fairness_gradient(ring: Ring, points: np.ndarray) -> np.ndarray:
    """Gradient of the squared change of `Ring.unevenness` along the outline: [M, 2].

    Zero where the control polygon bends evenly, as that of a circle does.
    """
    return ring.unevenness(ring.unevenness(points))
