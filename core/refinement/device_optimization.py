# SPDX-License-Identifier: GPL-3.0-or-later
"""The optimization of `optimization.py` on a GPU, which goes on on the CPU where the GPU fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

from ..drawing import Path, pack, unpack
from ..errors import GpuError
from ..rendering.gpu.device import Device
from ..rendering.gpu.loop import Loop, Motion
from ..rendering.gpu.scene_buffers import Objective
from ..rendering.native import FitStep
from .optimization import (
    OVERRUN,
    LossWeights,
    Optimization,
    containment_of,
    point_rates,
)
from .simplicity import MOVING_AREA, MOVING_THICKNESS
from .target import Target


class AnyOptimization(Protocol):
    """Interface of an optimization, on the CPU or a device."""

    def steps(self, speeds: Sequence[float], check_interval: int) -> Iterator[int]:
        """Take one step for each speed; yields the number of steps after each piece of work."""

    def revert_crossings(self) -> None:
        """Put paths that cross themselves back to where they were at the last check."""

    def paths(self) -> list[Path]:
        """Return the paths as they are now."""

    def measure(self) -> FitStep:
        """Return how well the paths fit as they are now."""


T = TypeVar("T")

# Steps after which the paths are read back, for what a failure of the device may cost.
_KEPT = 50

# Makes an optimization of paths for a target with weights.
Optimize = Callable[[Sequence[Path], Target, LossWeights], AnyOptimization]


class DeviceOptimization:
    """An optimization whose steps run on a device; raises GpuError where the device fails."""

    def __init__(
        self, device: Device, paths: Sequence[Path], target: Target, weights: LossWeights
    ) -> None:
        self._device, self._target, self._weights = device, target, weights
        self._paths = list(paths)
        self._loop: Loop | None = None

    def steps(self, speeds: Sequence[float], check_interval: int) -> Iterator[int]:
        """Enqueue one step for each speed; yields after every submission."""
        self._loop = self._make_loop(check_interval if self._weights.simple else 0)
        yield from self._loop.run(speeds)

    def revert_crossings(self) -> None:
        """Put paths that cross themselves back to where they were at the last check."""
        if self._loop is not None:
            self._loop.revert_crossings()

    def paths(self) -> list[Path]:
        """Read the paths back as they are now."""
        return self._paths if self._loop is None else unpack(self._loop.scene(), self._paths)

    def measure(self) -> FitStep:
        """Return how well the paths fit as they are now, without sharpness and containment."""
        target = self._target
        objective = Objective(target.image, target.background, target.weight)
        return Loop(self._device, pack(self.paths()), objective).fit_step()

    def _make_loop(self, check_interval: int) -> Loop:
        target, weights = self._target, self._weights
        containment = containment_of(self._paths, target, weights)
        objective = Objective(
            target.image, target.background, target.weight, weights.sharpness, containment
        )
        motion = Motion(
            point_rates(self._paths, weights),
            color_rate=weights.color_rate,
            axis_rate=weights.axis_rate,
            moves_opacity=weights.transparency,
            fairness=weights.fairness,
            smoothness=weights.smoothness,
            spike_penalty=weights.spike_penalty,
            check_interval=check_interval,
            minimum_area=MOVING_AREA * target.pixel**2,
            minimum_thickness=MOVING_THICKNESS * target.pixel,
        )
        if weights.simple:
            motion = replace(motion, overrun=OVERRUN * target.pixel)
        return Loop(self._device, pack(self._paths), objective, motion)


class FallbackOptimization:
    """An optimization on a device that goes on on the CPU where the device fails.

    It goes on from the paths that were read last, at most some `_KEPT` steps earlier, and repeats
    the steps since. on_failure: called once, with the error. threads: of the CPU.
    """

    def __init__(
        self,
        device: Device,
        paths: Sequence[Path],
        target: Target,
        weights: LossWeights,
        *,
        threads: int,
        on_failure: Callable[[GpuError], None],
    ) -> None:
        self._make_native = partial(Optimization, target=target, weights=weights, threads=threads)
        self._on_failure = on_failure
        self._now: AnyOptimization = DeviceOptimization(device, paths, target, weights)
        self._has_failed = False
        self._last_paths = list(paths)
        self._speeds: list[float] = []
        self._check_interval = 0
        self._done = self._read_at = 0

    def steps(self, speeds: Sequence[float], check_interval: int) -> Iterator[int]:
        """Take one step for each speed; yields the number of steps after each piece of work."""
        self._speeds, self._check_interval = list(speeds), check_interval
        try:
            for count in self._now.steps(self._speeds, check_interval):
                self._done += count
                if self._done - self._read_at >= _KEPT:
                    self.paths()
                yield count
                if self._has_failed:
                    break
        except GpuError as error:
            self._give_up(error)
        if self._has_failed:
            yield from self._now.steps(self._speeds[self._done :], check_interval)

    def revert_crossings(self) -> None:
        """Put paths that cross themselves back to where they were at the last check."""
        self._try(lambda: self._now.revert_crossings())

    def paths(self) -> list[Path]:
        """Return the paths as they are now."""
        self._last_paths = self._try(lambda: self._now.paths())
        self._read_at = self._done
        return self._last_paths

    def measure(self) -> FitStep:
        """Return how well the paths fit as they are now."""
        return self._try(lambda: self._now.measure())

    def _try(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except GpuError as error:
            self._give_up(error)
            return action()

    def _give_up(self, error: GpuError) -> None:
        """Go on on the CPU: from the last paths, and with the steps since."""
        self._has_failed = True
        self._on_failure(error)
        self._now = self._make_native(self._last_paths)
        for _ in self._now.steps(self._speeds[self._read_at : self._done], self._check_interval):
            pass
