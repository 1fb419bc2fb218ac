# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of a device's first use: whether it passed the self-test, and how fast it is.

They are kept in a file of the data directory, by device, driver, version and kernels, so that
each device is tested and measured once.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path as File
from typing import Any

import numpy as np

from ..bezier import circle
from ..drawing import Path
from ..errors import GpuError, SemvecError
from ..native.library import thread_count
from ..rendering.gpu.device import Device
from ..rendering.gpu.kernels import all_sources
from ..rendering.gpu.self_test import check_device
from ..system.content_key import content_key
from ..system.data_directory import home
from ..system.files import write_output
from ..version import VERSION
from .device_optimization import AnyOptimization, DeviceOptimization, Optimize
from .optimization import LossWeights, Optimization
from .target import Target

# Pixels of the canvas that take the CPU as long as one path does, apart from its area.
_PIXELS_PER_PATH = 600

# The scenes that are measured: long side in pixels, paths, and steps.
_SMALL, _LARGE = (128, 32, 20), (512, 256, 12)

# Seconds of a run that opening a device and compiling kernels take.
_START = 2.0

_WEIGHTS = LossWeights(structural_rate=0.3, detail_rate=1.0, sharpness=0.5, smoothness=0.025)


@dataclass(frozen=True)
class Speed:
    """Seconds of one step: `fixed` + `per_work` times `work_of` the scene."""

    fixed: float
    per_work: float

    def seconds(self, work: float) -> float:
        """Return the seconds of a step of so much work."""
        return self.fixed + self.per_work * work


@dataclass(frozen=True)
class Speeds:
    """Speeds of a device, and of the CPU with some number of threads."""

    device: Speed
    cpu: Speed

    def gains(self, work: float, iterations: int) -> bool:
        """Return whether the device finishes a run of so many steps before the CPU would."""
        return iterations * (self.cpu.seconds(work) - self.device.seconds(work)) > _START

    @property
    def least_work(self) -> float:
        """The work of a step from which on the device is faster, apart from its start."""
        slope = self.cpu.per_work - self.device.per_work
        return max(0.0, (self.device.fixed - self.cpu.fixed) / slope) if slope > 0 else np.inf


def work_of(width: int, height: int, paths: int) -> float:
    """Return a measure of the work of one step, in pixels."""
    return float(width * height + _PIXELS_PER_PATH * paths)


def failure_of(device: Device) -> str:
    """Return what the self-test of a device finds wrong, "" for nothing; it is remembered."""
    key = content_key(str(device.info), VERSION, all_sources())
    known = _load().get(key)
    if not isinstance(known, str):
        try:
            check_device(device)
            known = ""
        except GpuError as error:
            known = error.message
        _save(key, known)
    return known


def speeds_of(device: Device, threads: int) -> Speeds:
    """Return the speeds of a device and the CPU, which are remembered. Raises GpuError."""
    count = thread_count(threads)
    key = content_key(str(device.info), VERSION, all_sources(), count)
    known = _load().get(key)
    with contextlib.suppress(KeyError, TypeError):
        return Speeds(Speed(**known["device"]), Speed(**known["cpu"]))  # type: ignore[index]
    speeds = Speeds(
        _speed(partial(DeviceOptimization, device)), _speed(partial(_native, threads=count))
    )
    _save(key, asdict(speeds))
    return speeds


def _native(
    paths: Sequence[Path], target: Target, weights: LossWeights, threads: int
) -> AnyOptimization:
    return Optimization(paths, target, weights, threads)


def _speed(optimize: Optimize) -> Speed:
    """Measure steps of a small and of a large scene."""
    works, seconds = [], []
    for side, count, steps in (_SMALL, _LARGE):
        optimization = optimize(_discs(side, count), _target(side), _WEIGHTS)
        _run(optimization, 3)  # compiles kernels, and finds how many steps a submission holds
        works.append(work_of(side, side, count))
        seconds.append(_run(optimization, steps) / steps)
    per_work = max(0.0, (seconds[1] - seconds[0]) / (works[1] - works[0]))
    return Speed(max(0.0, seconds[0] - per_work * works[0]), per_work)


def _run(optimization: AnyOptimization, steps: int) -> float:
    """Take some steps; returns the seconds until the result is there."""
    started = time.perf_counter()
    for _ in optimization.steps([0.1] * steps, 10):
        pass
    optimization.paths()
    return time.perf_counter() - started


def _target(side: int) -> Target:
    image = np.random.default_rng(0).random((side, side, 3), dtype=np.float32)
    regions, parents = np.zeros((side, side), np.int32), np.zeros(1, np.int32)
    return Target(
        image, np.ones((side, side), np.float32), np.zeros(3, np.float32), regions, parents
    )


def _discs(side: int, count: int) -> Sequence[Path]:
    random = np.random.default_rng(0)
    radius = 1.5 * side / np.sqrt(count)
    return [
        Path([circle(random.uniform(0, side, 2), radius, 6)], np.ones(4, np.float32), "detail")
        for _ in range(count)
    ]


def _file() -> File:
    return home() / "gpu_devices.json"


def _load() -> dict[str, Any]:
    """Read the file; one that is missing or spoiled is as good as empty."""
    try:
        known = json.loads(_file().read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _save(key: str, value: Any) -> None:
    """Add to the file where that is possible; else the next run finds out again."""
    with contextlib.suppress(OSError, SemvecError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        write_output(_file(), json.dumps({**_load(), key: value}, indent=1).encode())
