# SPDX-License-Identifier: GPL-3.0-or-later
"""Processor of Stage III: the CPU, or a GPU as long as that works and saves time."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from ..drawing import Path
from ..errors import GpuError
from ..native.library import thread_count
from ..rendering import native
from ..rendering.gpu.device import Device, list_devices, open_device
from ..rendering.gpu.layouts import memory_needed
from .device_optimization import AnyOptimization, FallbackOptimization
from .device_profile import failure_of, speeds_of, work_of
from .optimization import Compare, LossWeights, Optimization
from .target import Target

# Values of the setting `compute` beside the names of devices.
AUTO, CPU, GPU = "auto", "cpu", "gpu"

# A run that takes the CPU less gains nothing: a device takes longer to open.
_SHORTEST_RUN = 3.0
_SECONDS_PER_WORK = 3e-8  # of the CPU with one thread, roughly

# About so many pixels are covered once by each path, and so many points belong to it, in a
# drawing of a photograph: both are generous.
_LAYERS = 6
_POINTS_PER_PATH = 60


class Processor:
    """Makes optimizations on a device as long as that works, and on the CPU otherwise.

    name: what it ran on, for reports. notes: what a user should know, a sentence each.
    """

    def __init__(
        self,
        threads: int = 0,
        compare: Compare = native.Comparison,
        device: Device | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self._threads, self._compare, self._device = threads, compare, device
        self._used = [] if device is None else [str(device.info)]
        self.notes = list(notes)

    @property
    def device_name(self) -> str:
        """Name, system interface and driver of the device that it ran on; "" for the CPU."""
        return self._used[0] if self._used else ""

    @property
    def name(self) -> str:
        """Name of what it ran on: the CPU, a device, or both where the device failed."""
        return " and ".join([*self._used, *(["CPU"] if self._device is None else [])])

    def optimize(
        self, paths: Sequence[Path], target: Target, weights: LossWeights
    ) -> AnyOptimization:
        """Make an optimization of paths for a target."""
        if self._device is None:
            return Optimization(paths, target, weights, self._threads, self._compare)
        return FallbackOptimization(
            self._device,
            paths,
            target,
            weights,
            threads=self._threads,
            on_failure=self._fall_back,
        )

    def _fall_back(self, error: GpuError) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None
            self.notes.append(_continued(error))


def choose_processor(
    compute: str,
    *,
    size: tuple[int, int],
    budget: int,
    iterations: int,
    threads: int = 0,
    has_ramps: bool = False,
) -> Processor:
    """Choose what a run uses.

    compute: AUTO takes a GPU where there is a real one that passes the self-test and finishes
    sooner; CPU; GPU takes the best one whatever the work; or the name of a device, which may be
    a software driver. Where that is not possible, the CPU is used and a note says why.
    size: width and height of the working image.
    """
    work = work_of(*size, budget)
    if compute == CPU or (compute == AUTO and not _is_worth_looking(work, iterations, threads)):
        return Processor(threads)
    try:
        device = open_device(_best_real_device() if compute in (AUTO, GPU) else compute)
        _check_memory(device, size, budget, has_ramps)
        if failure := failure_of(device):
            raise GpuError(failure)
        if compute == AUTO and not speeds_of(device, threads).gains(work, iterations):
            return Processor(threads)
    except GpuError as error:
        # Without a GPU there is nothing that a user who chose no processor should know.
        is_silent = compute == AUTO and not any(each.is_real for each in list_devices())
        return Processor(threads, notes=() if is_silent else [_continued(error)])
    return Processor(threads, device=device)


def _is_worth_looking(work: float, iterations: int, threads: int) -> bool:
    """Return whether a device can gain time at all; looking for one takes a second."""
    seconds = iterations * work * _SECONDS_PER_WORK / thread_count(threads)
    return seconds > _SHORTEST_RUN and importlib.util.find_spec("wgpu") is not None


def _best_real_device() -> str:
    """Return the name of the best device that is no software driver. Raises GpuError."""
    names = [device.name for device in list_devices() if device.is_real]
    if not names:
        open_device()  # says why, where `wgpu` or every driver is missing
        raise GpuError("There is only a software driver for graphics.")
    return names[0]


def _check_memory(device: Device, size: tuple[int, int], budget: int, has_ramps: bool) -> None:
    """Raise GpuError where a buffer of the run would be larger than the device allows."""
    width, height = size
    pairs = _LAYERS * width * height // 256 + 4 * budget
    total = memory_needed(
        width, height, budget, _POINTS_PER_PATH * budget, pairs, 3 if has_ramps else 1
    )
    if max(1024 * pairs, 16 * width * height) > device.largest_buffer:
        raise GpuError(
            f"{device.info.name} has not enough memory: about {total / 2**20:.0f} MiB are needed."
        )


def _continued(error: GpuError) -> str:
    return f"Shapes were refined on the CPU: {error.message}"
