# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums over the pixels where each path is visible, of which ramps are made.

They come from the renderer. The gradient of a path's color is the sum, over its pixels, of the
image's gradient times the path's fraction of the pixel; any values given in place of the image's
gradient are summed alike. With a radial ramp in place of a color, each pixel also counts by its
distance from the ramp's center.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..drawing import Ramps, Scene
from ..rendering.native import SceneGradient, render_backward

_RADIAL = 2  # of `Ramps.kinds`


class Moments(NamedTuple):
    """Moments of the visible pixels of N paths.

    Total weight [N], mean position [N, 2] and color [N, 3], covariance of the positions
    [N, 2, 2], and of the positions and the colors [N, 2, 3].
    """

    total: np.ndarray
    center: np.ndarray
    color: np.ndarray
    spread: np.ndarray
    trend: np.ndarray


class DistanceMoments(NamedTuple):
    """Moments of the distances of the visible pixels of N paths from one point a path.

    Mean [N] and variance [N], covariance with the positions [N, 2] and with the colors [N, 3].
    """

    mean: np.ndarray
    variance: np.ndarray
    drift: np.ndarray
    trend: np.ndarray


class VisibleSums:
    """Sums over the visible pixels of the paths of a flat scene.

    image: float32 [H, W, 3]. weight: float32 [H, W], how much each pixel matters.
    """

    def __init__(
        self, scene: Scene, image: np.ndarray, weight: np.ndarray, threads: int = 0
    ) -> None:
        self._scene, self._image, self._weight, self._threads = scene, image, weight, threads
        height, width = weight.shape
        rows, columns = np.mgrid[:height, :width].astype(np.float32) + np.float32(0.5)
        # About the middle of the canvas: squares of pixels would cost float32 its precision.
        self._middle = np.array([width, height]) / 2
        self._x, self._y = columns - width / 2, rows - height / 2

    def moments(self) -> Moments:
        """Return the moments of positions and colors."""
        image, x, y = self._image, self._x, self._y
        first = self._sums(self._plain)
        second = self._sums(np.stack([x * x, x * y, y * y], axis=2))
        colors, by_x, by_y = map(self._sums, (image, image * x[..., None], image * y[..., None]))
        total = np.maximum(first[:, :1], 1e-9)
        center, color = first[:, 1:] / total, colors / total
        spread = (second / total)[:, [0, 1, 1, 2]].reshape(-1, 2, 2)
        spread -= center[:, :, None] * center[:, None, :]
        trend = np.stack([by_x, by_y], axis=1) / total[:, None]
        trend -= center[:, :, None] * color[:, None]
        return Moments(first[:, 0], center + self._middle, color, spread, trend)

    def of_distances(
        self, moments: Moments, centers: np.ndarray, reach: np.ndarray
    ) -> DistanceMoments:
        """Return the moments of the distances from `centers` [N, 2].

        reach: [N], a distance of each path that none of its pixels is beyond.
        """
        ends = centers + np.stack([reach, np.zeros_like(reach)], axis=1)
        axes = np.concatenate([centers, ends], axis=1).astype(np.float32)
        kinds = np.full(len(axes), _RADIAL, np.int32)
        scene = self._scene._replace(ramps=Ramps(kinds, axes, np.zeros((len(axes), 3), np.float32)))
        scale = (reach / np.maximum(moments.total, 1e-9))[:, None]
        plain, colors = (self._sums(each, scene) * scale for each in (self._plain, self._image))
        mean, offsets = plain[:, 0], moments.center - centers
        # The mean square needs no sum of its own: it follows from the positions.
        square = np.trace(moments.spread, axis1=1, axis2=2) + np.square(offsets).sum(axis=1)
        drift = plain[:, 1:] - mean[:, None] * (moments.center - self._middle)
        trend = colors - mean[:, None] * moments.color
        return DistanceMoments(mean, np.maximum(square - mean**2, 0), drift, trend)

    @property
    def _plain(self) -> np.ndarray:
        """Values of which the sums are weights and positions: float32 [H, W, 3]."""
        return np.stack([np.ones_like(self._x), self._x, self._y], axis=2)

    def _sums(self, values: np.ndarray, scene: Scene | None = None) -> np.ndarray:
        """Return sums of three values a pixel [H, W, 3] over each path: float64 [N, 3].

        In a scene of ramps, each pixel counts by its position along the ramp.
        """
        weighted = np.ascontiguousarray(self._weight[..., None] * values, np.float32)
        gradient = render_backward(scene or self._scene, weighted, threads=self._threads)
        return _of_colors(gradient).astype(np.float64)


def _of_colors(gradient: SceneGradient) -> np.ndarray:
    """Return the gradient of the colors at the ends of ramps, or of flat fills: [N, 3]."""
    return gradient.colors[:, :3] if gradient.ramp_colors is None else gradient.ramp_colors
