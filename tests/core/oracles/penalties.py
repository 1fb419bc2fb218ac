# SPDX-License-Identifier: GPL-3.0-or-later
"""The losses that keep outlines even, in numpy."""

from __future__ import annotations

import numpy as np


class Ring:
    """Previous and next index of every control point along its closed sub-path.

    previous, following: [M], of every control point. previous_cubic, following_cubic: [A], of the
    cubic that starts at each anchor.
    """

    def __init__(self, subpath_starts: np.ndarray) -> None:
        indices = np.arange(subpath_starts[-1])
        self.previous, self.following = indices - 1, indices + 1
        filled = subpath_starts[1:] > subpath_starts[:-1]
        first, last = subpath_starts[:-1][filled], subpath_starts[1:][filled] - 1
        self.previous[first] = last
        self.following[last] = first
        self.previous_cubic = self.previous[::3] // 3
        self.following_cubic = self.following[2::3] // 3

    def unevenness(self, points: np.ndarray) -> np.ndarray:
        """Return the offset of each point from the middle between its neighbors: [M, 2]."""
        neighbors = points.take(self.previous, axis=0)
        neighbors += points.take(self.following, axis=0)
        neighbors *= 0.5
        return points - neighbors

    def at_anchors(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the vectors from the handle before each anchor, and to that after it: [A, 2]."""
        anchors = points[::3]
        return anchors - points[2::3].take(self.previous_cubic, axis=0), points[1::3] - anchors

    def gradient(self, at_anchors: np.ndarray, at_handles: np.ndarray) -> np.ndarray:
        """Return the gradient of all points [M, 2], given those at anchors and both handles."""
        gradient = np.empty((3 * len(at_anchors), 2), at_anchors.dtype)
        gradient[::3] = at_anchors
        gradient[1::3] = at_handles
        gradient[2::3] = at_handles.take(self.following_cubic, axis=0)
        return gradient


def fairness_gradient(ring: Ring, points: np.ndarray) -> np.ndarray:
    """Return the gradient of the squared change of `Ring.unevenness` along the outline: [M, 2].

    Zero where the control polygon bends evenly, as that of a circle does.
    """
    return ring.unevenness(ring.unevenness(points))


def smoothness_gradient(ring: Ring, points: np.ndarray) -> np.ndarray:
    """Return the gradient that aligns both handles of each anchor to one tangent: [M, 2].

    Handles u (arriving) and v (leaving) of an anchor share the tangent u + v; both deviate
    from it by the same amount to opposite sides. The gradient is that amount, less the more the
    outline turns and none from 60 degrees on: a slight bend is removed, a corner stays.
    """
    arriving, leaving = ring.at_anchors(points)
    tangent = arriving + leaving
    tangent /= np.maximum(_length(tangent), 1e-6)
    deviation = arriving - _dot(arriving, tangent) * tangent
    pull = deviation * np.clip(2 * _cosine(arriving, leaving) - 1, 0, 1)
    return ring.gradient(2 * pull, -pull)


def spike_gradient(ring: Ring, points: np.ndarray) -> np.ndarray:
    """Return the gradient that moves the tip of each spike between its handles: [M, 2].

    Its size is the length of the spike, times more the sharper it is, and none where the
    outline turns by less than 100 degrees: a corner stays.
    """
    arriving, leaving = ring.at_anchors(points)
    pull = 0.5 * (arriving - leaving) * np.clip(-0.2 - _cosine(arriving, leaving), 0, 1)
    return ring.gradient(pull, -0.5 * pull)


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the scalar products of vectors [A, 2]: [A, 1]."""
    products = first * second
    return products[:, :1] + products[:, 1:]


def _cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between vectors [A, 2]: [A, 1]; 0 for zero-length vectors."""
    return _dot(first, second) / np.maximum(_length(first) * _length(second), 1e-6)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(_dot(vectors, vectors))
