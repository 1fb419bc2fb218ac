# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimization of paths that have a place already, and should leave it for a reason only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..drawing import Path
from ..rendering import native
from .optimization import Compare, LossWeights, Optimization
from .target import Target

# Strength of the pull back for a path of freedom 0: in units of the error's gradient, of a pixel
# that is off by one of the range [0, 1], for each pixel of distance; and for a color that is off.
_POINT_PULL = 0.6
_COLOR_PULL = 30.0

# Gradients below which points and colors move less: Adam alone moves by as much for noise.
_POINT_EPSILON = 0.05
_COLOR_EPSILON = 1.0


class PulledOptimization(Optimization):
    """An optimization that pulls points and colors back to where they were at the start.

    freedom: float [N] in [0, 1]: 0 leaves a path exactly as it is, 1 moves it without a pull; in
    between it moves as much slower and is pulled back as much more strongly. point_freedom: the
    same for points, float [M], where they are to move more freely than their paths.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        target: Target,
        weights: LossWeights,
        freedom: np.ndarray,
        threads: int = 0,
        point_freedom: np.ndarray | None = None,
        compare: Compare = native.Comparison,
    ) -> None:
        super().__init__(paths, target, weights, threads, compare)
        fills = np.asarray(freedom, np.float32)[:, None]
        counts = [sum(map(len, path.subpaths)) for path in self._paths]
        points = np.repeat(fills, counts, axis=0)
        if point_freedom is not None:
            points = np.maximum(points, np.asarray(point_freedom, np.float32)[:, None])
        ends = np.cumsum(counts)[:-1]
        self._pinned = [not np.any(each) for each in np.split(points, ends)]
        self._point_pull = _POINT_PULL * (1 - points)
        self._color_pull = _COLOR_PULL * (1 - fills)
        self._start = self._scene.points.copy()
        self._start_colors = self._scene.colors.copy()
        self._point_adam.epsilon = _POINT_EPSILON
        self._color_adam.epsilon = _COLOR_EPSILON
        self._rates = self._rates * points
        self._color_rates = np.float32(1) * self._color_rates * fills
        self._ramp_speeds = fills

    def paths(self) -> list[Path]:
        """Return the paths in their current state; those that may not move are the given ones."""
        moved = super().paths()
        pairs = zip(self._paths, moved, self._pinned, strict=True)
        return [given if pinned else path for given, path, pinned in pairs]

    def _add_penalties(self, gradient: np.ndarray) -> None:
        super()._add_penalties(gradient)
        gradient += self._point_pull * (self._scene.points - self._start)

    def _step_colors(self, gradient: np.ndarray, speed: float) -> None:
        gradient += self._color_pull * (self._scene.colors - self._start_colors)
        super()._step_colors(gradient, speed)
