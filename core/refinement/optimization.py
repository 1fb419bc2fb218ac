# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimization of the points and colors of paths against one image, by Adam."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..adam import Adam
from ..drawing import Path, Ramps, Scene, pack, unpack
from ..rendering import native
from ..rendering.native import Containment, FitStep
from .given import is_locked
from .simplicity import add_penalties, crossing_cubics, keep_simple
from .target import Target

# Makes a renderer's steps for one target; arguments and result as of `native.Comparison`.
Compare = Callable[[np.ndarray, np.ndarray | None, np.ndarray | None], Callable[..., FitStep]]

# Factor of the learning rate of colors for the shapes of soft areas, which are faint and many.
SOFT_RATE = 0.1

# Shapes may overrun the canvas by this many pixels: Blender shows what an SVG viewer clips.
OVERRUN = 0.5


@dataclass(frozen=True)
class LossWeights:
    """Weights of the losses beside the error, and learning rates. Weight 0 switches a loss off.

    structural_rate, detail_rate, axis_rate: pixels a step, of points and of the ends of ramps.
    color_rate: of the range [0, 1] a step.
    sharpness: higher makes edges and texture count more, against even shades.
    fairness: higher gives rounder outlines; smoothness: fewer slight bends at anchors;
    spike_penalty: fewer spikes. containment_*: higher keeps shapes in their semantic
    regions. simple: whether outlines are kept from crossing themselves.
    transparency: whether all opacities are optimized, those of opaque shapes included.
    """

    structural_rate: float
    detail_rate: float
    axis_rate: float = 1.0
    color_rate: float = 0.01
    sharpness: float = 0.0
    fairness: float = 0.0
    smoothness: float = 0.0
    spike_penalty: float = 0.0
    structural_containment: float = 0.0
    detail_containment: float = 0.0
    simple: bool = True
    transparency: bool = False


class Optimization:
    """Paths that `step` moves towards a target; `paths` returns them.

    Locked paths (`GivenPath` in given.py) are drawn, but stay as they are.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        target: Target,
        weights: LossWeights,
        threads: int,
        compare: Compare = native.Comparison,
    ) -> None:
        self._paths = list(paths)
        self._target = target
        self._weights = weights
        self._threads = threads
        self._scene = pack(self._paths)
        self._containment = containment_of(self._paths, target, weights)
        regions = None if self._containment is None else self._containment.regions
        self._comparisons = [
            (background, compare(image, target.weight, regions))
            for background, image in target.backdrops
        ]
        points = len(self._scene.points)
        self._point_adam = Adam((points, 2), np.zeros((points, 1), np.float32))
        self._color_adam = Adam((len(self._paths), 4), weights.color_rate)
        self._axis_adam = Adam((len(self._paths), 4), weights.axis_rate)
        self._ramp_adam = Adam((len(self._paths), 3), weights.color_rate)
        self._rates = np.repeat(point_rates(self._paths, weights)[:, None], 2, axis=1)
        # The renderer's gradients are of a mean; pixels as the unit keep epsilon negligible.
        self._scale = np.float32(1.5 * target.weight.size)
        self._simple_points = self._scene.points.copy()
        self._locked = np.array([is_locked(path) for path in self._paths], bool)
        self._locked_points = self._locked[path_of_point(self._scene)]
        # Where some shapes are transparent, opaque ones stay so.
        self._moves_opacity = np.full(len(self._paths), weights.transparency)
        self._color_rates: float | np.ndarray = weights.color_rate
        self._ramp_speeds: float | np.ndarray = 1.0
        if target.transparent:
            self._moves_opacity |= self._scene.colors[:, 3] < 1
            fixed = np.array([[is_background(path)] for path in self._paths], bool)
            rates = np.where(fixed, SOFT_RATE, 1.0) * weights.color_rate
            self._color_rates = rates.astype(np.float32)

    def step(self, speed: float = 1.0) -> FitStep:
        """Run one iteration and return the fit before it; `speed` scales all learning rates."""
        target, weights, scene = self._target, self._weights, self._scene
        fit = self._fit(
            sharpness=weights.sharpness,
            containment=self._containment,
            gradient_only=not self._moves_opacity.any(),
        )
        gradient = fit.point_gradient * self._scale
        self._add_penalties(gradient)
        self._point_adam.learning_rate = self._rates * np.float32(speed)
        before = scene.points.copy()
        scene.points[:] += self._point_adam.step(gradient)
        if weights.simple:
            self._keep_on_canvas()
            reverted = keep_simple(scene, before, target.pixel, self._threads)
            self._point_adam.damp(reverted, 0.5)
        scene.points[self._locked_points] = before[self._locked_points]
        self._step_colors(fit.color_gradient * self._scale, speed)
        if scene.ramps is not None:
            self._step_ramps(scene.ramps, fit, speed)
        return fit

    def steps(self, speeds: Sequence[float], check_interval: int) -> Iterator[int]:
        """Take one step for each speed, and revert crossings every `check_interval` steps.

        Yields the number of steps after each piece of work, which here is a single step.
        """
        for i, speed in enumerate(speeds):
            self.step(speed)
            if self._weights.simple and (i + 1) % check_interval == 0:
                self.revert_crossings()
            yield 1

    def revert_crossings(self) -> None:
        """Revert self-intersecting paths to the last state verified at full sampling.

        `step` samples only a few points of each cubic, which is faster.
        """
        scene = self._scene
        owners = path_of_point(scene)
        crossing = np.zeros(len(self._paths), bool)
        crossing[owners[::3][crossing_cubics(scene, self._threads)]] = True
        back = crossing[owners]
        scene.points[back] = self._simple_points[back]
        self._point_adam.damp(back, 0.0)
        self._simple_points = scene.points.copy()

    def paths(self) -> list[Path]:
        """Return the paths in their current state."""
        return unpack(self._scene, self._paths)

    def measure(self) -> FitStep:
        """Return the fit of the paths in their current state, without moving them."""
        return self._fit()

    def _fit(self, **options: Any) -> FitStep:
        """Return the fit to the target, the mean over its backdrops."""
        fits = [
            step(self._scene, background=background, threads=self._threads, **options)
            for background, step in self._comparisons
        ]
        return fits[0] if len(fits) == 1 else _mean_fit(fits)

    def _add_penalties(self, gradient: np.ndarray) -> None:
        """Add the gradients of what outlines are penalized for to those of points [M, 2]."""
        weights = self._weights
        strengths = (weights.fairness, weights.smoothness, weights.spike_penalty)
        if any(strengths):
            add_penalties(self._scene, gradient, *strengths)

    def _step_colors(self, gradient: np.ndarray, speed: float) -> None:
        gradient[~self._moves_opacity, 3] = 0
        gradient[self._locked] = 0
        self._color_adam.learning_rate = self._color_rates * speed
        colors = self._scene.colors
        colors += self._color_adam.step(gradient)
        np.clip(colors, 0, 1, out=colors)

    def _step_ramps(self, ramps: Ramps, fit: FitStep, speed: float) -> None:
        """Move both ends of ramps and their end colors; a path's fill is the start color."""
        assert fit.ramp_axis_gradient is not None and fit.ramp_color_gradient is not None
        self._axis_adam.learning_rate = self._weights.axis_rate * self._ramp_speeds * speed
        axes = ramps.axes
        movable = np.where(self._locked, np.float32(0), self._scale)[:, None]
        axes += self._axis_adam.step(fit.ramp_axis_gradient * movable)
        self._ramp_adam.learning_rate = self._weights.color_rate * self._ramp_speeds * speed
        colors = ramps.colors
        colors += self._ramp_adam.step(fit.ramp_color_gradient * movable)
        np.clip(colors, 0, 1, out=colors)

    def _keep_on_canvas(self) -> None:
        """Move points that lie more than OVERRUN outside the canvas back to there."""
        height, width = self._target.weight.shape
        margin = OVERRUN * self._target.pixel
        for axis, size in enumerate((width, height)):
            along = self._scene.points[:, axis]
            np.clip(along, np.float32(-margin), np.float32(size) + np.float32(margin), out=along)


def _mean_fit(fits: Sequence[FitStep]) -> FitStep:
    """Return the mean of fits over several backdrops, with the image over the first."""
    means = {
        name: np.mean([getattr(fit, name) for fit in fits], axis=0, dtype=np.float32)
        for name, value in fits[0]._asdict().items()
        if isinstance(value, np.ndarray) and name != "image"
    }
    error = float(np.mean([fit.squared_error for fit in fits]))
    return fits[0]._replace(squared_error=error, **means)


def path_of_point(scene: Scene) -> np.ndarray:
    """Return the index of the path that each point belongs to: int [M]."""
    counts = np.diff(scene.subpath_starts[scene.path_starts])
    return np.repeat(np.arange(len(counts)), counts)


def containment_of(
    paths: Sequence[Path], target: Target, weights: LossWeights
) -> Containment | None:
    """Return what keeps each path in its semantic region; None where nothing does."""
    strengths = {
        "structural": weights.structural_containment,
        "detail": weights.detail_containment,
    }
    if not any(strengths.values()):
        return None
    parents = np.append(target.parents, np.int32(-1))  # the last is for no region
    return Containment(
        target.regions,
        parents[[path.region for path in paths]],
        np.array([strengths[path.kind] for path in paths], np.float32),
    )


def point_rates(paths: Sequence[Path], weights: LossWeights) -> np.ndarray:
    """Return the learning rate of every point [M]; 0 for the background."""
    rates = {"structural": weights.structural_rate, "detail": weights.detail_rate}
    by_path = [0.0 if is_background(path) else rates[path.kind] for path in paths]
    counts = [sum(map(len, path.subpaths)) for path in paths]
    return np.repeat(by_path, counts).astype(np.float32)


def is_background(path: Path) -> bool:
    """Return whether a path stays where it is: the canvas, or a shape of a soft area."""
    return path.kind == "structural" and path.region < 0
