# SPDX-License-Identifier: GPL-3.0-or-later
"""Traced outlines moved by fractions of a pixel until their rendering matches the picture.

Nodes stay what they are: smooth ones keep one tangent, straight cubics stay straight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..adam import Adam
from ..drawing import Path, Scene, pack, unpack
from ..errors import Cancelled
from ..progress import NO_PROGRESS, PreviewProgress
from ..rendering.native import Comparison

# Steps, and pixels a step at first and in the end.
_STEPS, _FIRST_RATE, _LAST_RATE = 50, 0.06, 0.004

# Gradients (of the squared error, summed over the picture) that are too small to follow.
_NEGLIGIBLE = 2e-3

# Turn at a node, as a cosine, up to which it is smooth; and how far (in pixels, and as a share of
# the chord) the handles of a straight cubic are from its chord at most.
_SMOOTH = np.cos(np.radians(8.0))
_STRAIGHT, _STRAIGHT_SHARE = 0.15, 0.01

# A node may move so far in all, in pixels.
_LONGEST_MOVE = 1.5


def refine(
    paths: Sequence[Path],
    image: np.ndarray,
    background: np.ndarray,
    threads: int = 0,
    progress: PreviewProgress = NO_PROGRESS,
    steps: int = _STEPS,
    held: Sequence[bool] = (),
    weight: np.ndarray | None = None,
) -> list[Path]:
    """Return the paths after some steps of Adam down the squared error against a picture.

    image: float32 [H, W, 3]; background: float32 [3], what lies beneath all paths. Fills stay.
    held: one for each path, whether it stays as it is; none by default. weight: float32 [H, W], of
    the pixels' errors; None for 1 everywhere.
    On a request to cancel, the paths so far are returned.
    """
    scene = pack(paths)
    shape = _Shape(scene)
    start = scene.points.copy()
    counts = np.diff(scene.subpath_starts[scene.path_starts])
    fixed = np.repeat(np.array(held or [False] * len(paths), bool), counts)
    adam = Adam(scene.points.shape, _FIRST_RATE, betas=(0.8, 0.95), epsilon=_NEGLIGIBLE)
    scale = np.float32(1.5 * image.shape[0] * image.shape[1])
    compare = Comparison(image, weight)
    best, least = scene.points.copy(), np.inf
    for step in range(steps + 1):
        fit = compare(scene, background=background, threads=threads, gradient_only=True)
        if fit.squared_error < least:
            best, least = scene.points.copy(), fit.squared_error
        if step == steps:
            break
        adam.learning_rate = _FIRST_RATE * (_LAST_RATE / _FIRST_RATE) ** (step / steps)
        scene.points[:] += adam.step(fit.point_gradient * scale)
        np.clip(scene.points, start - _LONGEST_MOVE, start + _LONGEST_MOVE, out=scene.points)
        shape.restore(scene.points)
        scene.points[fixed] = start[fixed]
        progress.report(step / steps)
        progress.preview(lambda: unpack(scene, paths))
        try:
            progress.check_cancelled()
        except Cancelled:
            break
    scene.points[:] = best
    return unpack(scene, paths)


class _Shape:
    """Shape of a scene's outlines that is kept: smooth nodes and straight cubics."""

    def __init__(self, scene: Scene) -> None:
        self._first = np.arange(0, len(scene.points), 3)  # the anchor of each cubic
        self._next = self._first + 3
        self._previous = self._first - 3
        starts, ends = scene.subpath_starts[:-1], scene.subpath_starts[1:]
        self._next[ends // 3 - 1] = starts
        self._previous[starts // 3] = ends - 3
        points = scene.points
        self._straight = self._find_straight(points)
        self._smooth = self._find_smooth(points)

    def restore(self, points: np.ndarray) -> None:
        """Make nodes smooth and cubics straight again, in place."""
        anchors = points[self._first]
        chord = points[self._next] - anchors
        straight = self._straight
        points[self._first[straight] + 1] = anchors[straight] + chord[straight] / 3
        points[self._first[straight] + 2] = anchors[straight] + chord[straight] * (2 / 3)
        into, out = self._handles(points)
        before = straight[self._previous // 3]
        fixed_in, fixed_out = before, straight
        direction = _unit(into) + _unit(out)
        direction[fixed_in] = into[fixed_in]
        only_out = fixed_out & ~fixed_in
        direction[only_out] = out[only_out]
        direction = _unit(direction)
        turn_in = self._smooth & ~fixed_in
        turn_out = self._smooth & ~fixed_out
        length_in, length_out = _length(into), _length(out)
        points[self._previous[turn_in] + 2] = (anchors - direction * length_in)[turn_in]
        points[self._first[turn_out] + 1] = (anchors + direction * length_out)[turn_out]

    def _handles(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From the handle before each node to it, and from it to the handle after: [N, 2]."""
        anchors = points[self._first]
        return anchors - points[self._previous + 2], points[self._first + 1] - anchors

    def _find_straight(self, points: np.ndarray) -> np.ndarray:
        anchors = points[self._first]
        chord = points[self._next] - anchors
        length = _length(chord)[:, 0]
        normal = np.stack([-chord[:, 1], chord[:, 0]], axis=1) / np.maximum(length, 1e-9)[:, None]
        off = [np.abs(((points[self._first + k] - anchors) * normal).sum(axis=1)) for k in (1, 2)]
        allowed = np.minimum(_STRAIGHT, _STRAIGHT_SHARE * length)
        return np.maximum(*off) <= np.maximum(allowed, 1e-3)

    def _find_smooth(self, points: np.ndarray) -> np.ndarray:
        into, out = self._handles(points)
        between = self._straight & self._straight[self._previous // 3]
        return ((_unit(into) * _unit(out)).sum(axis=1) > _SMOOTH) & ~between


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(_length(vectors), 1e-9)
