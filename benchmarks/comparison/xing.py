# SPDX-License-Identifier: GPL-3.0-or-later
"""LIVE's self-crossing ("Xing") loss and its gradient (section 3.3; LIVE/xing_loss.py)."""

from __future__ import annotations

import numpy as np

from semvec.core.drawing import Scene

SCALE = 1e-3  # in their code, on top of the weight


def xing_loss(scene: Scene) -> float:
    """For a cubic ABCD: relu(−s) where B turns left, relu(s) else; s = sin(AB, CD).

    Mean over the cubics of a path, then over the paths, times 0.001.
    """
    first, last, shares = _handles(scene)
    sine, *_ = _sine(first, last)
    return float(SCALE * np.sum(shares * np.maximum(0, -_side(scene) * sine)))


def xing_gradient(scene: Scene) -> np.ndarray:
    """Gradient of `xing_loss` by the points: float32 [M, 2]."""
    first, last, shares = _handles(scene)
    sine, by_first, by_last = _sine(first, last)
    side = _side(scene)
    factor = (-SCALE * shares * side * (side * sine < 0))[:, None]
    ends = _next_anchor(scene)
    gradient = np.zeros(scene.points.shape)
    gradient[::3] -= factor * by_first
    gradient[1::3] += factor * by_first
    gradient[2::3] -= factor * by_last
    np.add.at(gradient, ends, factor * by_last)
    return gradient.astype(np.float32)


def _handles(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """AB and CD of every cubic [S, 2], and its share of the mean [S]."""
    points = scene.points.astype(np.float64)
    first = points[1::3] - points[::3]
    last = points[_next_anchor(scene)] - points[2::3]
    cubics = np.diff(scene.subpath_starts[scene.path_starts]) // 3
    shares = np.repeat(1.0 / np.maximum(cubics, 1), cubics) / max(len(cubics), 1)
    return first, last, shares


def _side(scene: Scene) -> np.ndarray:
    """1 where ABC turns to positive angles, −1 where not: [S]."""
    a, b, c = (scene.points[k::3].astype(np.float64) for k in range(3))
    return np.where(_cross(b - a, c - b) >= 0, 1.0, -1.0)


def _next_anchor(scene: Scene) -> np.ndarray:
    """Index of the anchor that each cubic ends in: [S]."""
    ends = np.arange(3, len(scene.points) + 3, 3)
    filled = np.diff(scene.subpath_starts) > 0
    ends[scene.subpath_starts[1:][filled] // 3 - 1] = scene.subpath_starts[:-1][filled]
    return ends


def _sine(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """sin of the angle from u to v, and its derivatives by u and by v."""
    long_u, long_v = (np.maximum(np.linalg.norm(w, axis=1), 1e-9)[:, None] for w in (u, v))
    u, v = u / long_u, v / long_v
    sine = _cross(u, v)
    by_u = (np.stack([v[:, 1], -v[:, 0]], axis=1) - sine[:, None] * u) / long_u
    by_v = (np.stack([-u[:, 1], u[:, 0]], axis=1) - sine[:, None] * v) / long_v
    return sine, by_u, by_v


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
