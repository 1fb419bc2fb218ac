# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain Adam over all points, colors and ramps: what DiffVG's users write, on our renderer.

Independent of semvec's own Stage III, so that tuning that leaves the baselines alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from semvec.core.adam import Adam
from semvec.core.drawing import Path, Ramps, Scene, pack, unpack
from semvec.core.rendering.native import Containment, FitStep, fit_step, render

WHITE = np.ones(3, np.float32)
POINT_RATE, COLOR_RATE = 1.0, 0.01  # of DiffVG's painterly_rendering.py, and of all after it

Gradient = Callable[[Scene], np.ndarray]
Weight = Callable[[Scene], np.ndarray]


def fit(
    paths: Sequence[Path],
    image: np.ndarray,
    iterations: int,
    *,
    transparency: bool = False,
    weight: Weight | None = None,
    penalty: Gradient | None = None,
    containment: Containment | None = None,
    final_speed: float = 1.0,
    threads: int = 0,
) -> list[Path]:
    """Return the paths after so many steps against the squared error on a white canvas.

    weight(scene): float32 [H, W], renewed every 10 steps. penalty(scene): gradient [M, 2]
    of what is added to the mean over pixels of |render − image|². The learning rates fall
    linearly to `final_speed` of themselves. Ramps move where there are any.
    """
    scene = pack(paths)
    point_adam = Adam(scene.points.shape, POINT_RATE)
    color_adam = Adam(scene.colors.shape, COLOR_RATE)
    ramps = RampFit(scene.ramps) if scene.ramps is not None else None
    pixels = np.float32(image.shape[0] * image.shape[1])
    weights = None
    for i in range(iterations):
        if weight is not None and i % 10 == 0:
            weights = weight(scene)
        step = fit_step(
            scene, image, background=WHITE, weight=weights, containment=containment, threads=threads
        )
        # All times the number of pixels: Adam doesn't mind, but its epsilon then is nothing.
        point_gradient = 3 * pixels * step.point_gradient
        if penalty is not None:
            point_gradient += pixels * penalty(scene)
        color_gradient = 3 * pixels * step.color_gradient
        if not transparency:
            color_gradient[:, 3] = 0
        speed = 1 + (final_speed - 1) * i / iterations
        point_adam.learning_rate, color_adam.learning_rate = POINT_RATE * speed, COLOR_RATE * speed
        scene.points[:] += point_adam.step(point_gradient)
        scene.colors[:] = np.clip(scene.colors + color_adam.step(color_gradient), 0, 1)
        if ramps is not None:
            ramps.step(3 * pixels, step, speed)
    return unpack(scene, paths)


class RampFit:
    """Adam over the axes and colors of ramps, all at the rate of colors.

    SGLIVE gives that rate to centers, radii (pixels both), colors, and to the offsets of
    the colors along the radius, which our ramps don't have: what its outer offset does to a
    circle, our ends do by moving at that share of the radius.
    """

    def __init__(self, ramps: Ramps) -> None:
        self._ramps = ramps
        radii = np.hypot(*(ramps.axes[:, 2:] - ramps.axes[:, :2]).T)[:, None]
        self._rates = COLOR_RATE * np.hstack([np.ones_like(radii)] * 2 + [radii] * 2)
        self._axis_adam = Adam(ramps.axes.shape, self._rates)
        self._color_adam = Adam(ramps.colors.shape, COLOR_RATE)

    def step(self, scale: float, step: FitStep, speed: float) -> None:
        """One step against the gradients times `scale`."""
        axes, colors = self._ramps.axes, self._ramps.colors
        self._axis_adam.learning_rate = self._rates * speed
        self._color_adam.learning_rate = COLOR_RATE * speed
        axes += self._axis_adam.step(scale * step.ramp_axis_gradient)
        colors += self._color_adam.step(scale * step.ramp_color_gradient)
        np.clip(colors, 0, 1, out=colors)


def painted(paths: Sequence[Path], image: np.ndarray) -> np.ndarray:
    """Return the paths on white at the image's size: [H, W, 3]."""
    return render(pack(paths), image.shape[1], image.shape[0], WHITE)


def residual(paths: Sequence[Path], image: np.ndarray) -> np.ndarray:
    """Squared error of every pixel, summed over the channels: [H, W]."""
    return np.square(painted(paths, image) - image).sum(axis=2)


def measured(paths: Sequence[Path], image: np.ndarray, threads: int = 0) -> FitStep:
    """Errors and removal costs as the paths stand."""
    return fit_step(pack(paths), image, background=WHITE, threads=threads)
