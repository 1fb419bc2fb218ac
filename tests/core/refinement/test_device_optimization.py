# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage III on a device: as good as on the CPU, the same on every run, and safe where it fails."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from recorded_progress import RecordedProgress
from skimage.data import astronaut

from semvec.core.bezier import rectangle
from semvec.core.drawing import Path, pack
from semvec.core.errors import GpuError
from semvec.core.image import Image, resize
from semvec.core.refinement.device_optimization import DeviceOptimization, FallbackOptimization
from semvec.core.refinement.optimization import Optimization
from semvec.core.refinement.refine import CLEAN, PUBLISHED, Refinement
from semvec.core.refinement.simplicity import crossing_cubics
from semvec.core.refinement.target import Target
from semvec.core.rendering.gpu.device import Device

SIDE = 128
DETAIL = 40


@pytest.fixture(scope="module")
def target() -> Target:
    image = resize(Image(astronaut().astype(np.float32) / 255), SIDE).rgb
    weight, regions = np.ones((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.int32)
    regions[:, SIDE // 2 :] = 1
    return Target(image, weight, np.zeros(3, np.float32), regions, np.arange(2, dtype=np.int32))


@pytest.fixture(scope="module")
def native(target: Target) -> list[Path]:
    """The result of the CPU."""
    return refined(target)


def background() -> Path:
    fill = np.array([0.5, 0.5, 0.5, 1.0], np.float32)
    return Path([rectangle(0, 0, SIDE, SIDE)], fill, region=-1)


def refined(target: Target, **options: Any) -> list[Path]:
    chosen = {"iterations": 100, "threads": 2, **options}
    labels = np.zeros((SIDE, SIDE), np.int32)
    return Refinement(target, labels, **chosen).run([background()], DETAIL, seed=0)


def psnr(paths: list[Path], target: Target) -> float:
    error = Optimization(paths, target, CLEAN.weights, 1).measure().squared_error
    return float(-10 * np.log10(error))


def on(device: Device) -> Any:
    return partial(DeviceOptimization, device)


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("schedule", [CLEAN, PUBLISHED], ids=["clean", "published"])
def test_whole_runs_are_as_good_as_on_the_cpu(
    device: Device, target: Target, schedule: Any, ramps: bool
) -> None:
    options = {"schedule": schedule, "ramps": ramps}
    native = refined(target, **options)
    paths = refined(target, optimize=on(device), **options)
    assert len(paths) == len(native) == DETAIL + 1
    assert psnr(paths, target) > psnr(native, target) - 0.6  # runs differ as much by chance
    if schedule is CLEAN:
        assert not crossing_cubics(pack(paths)).any()


def test_a_whole_run_gives_the_same_bytes_again(device: Device, target: Target) -> None:
    first, second = (refined(target, optimize=on(device)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.fill, other.fill)
        assert all(map(np.array_equal, one.subpaths, other.subpaths))


def test_previews_change_nothing_and_progress_reaches_one(device: Device, target: Target) -> None:
    progress = RecordedProgress()
    watched = refined(target, optimize=on(device), progress=progress)
    fractions = progress.fractions
    assert all(progress.previews)
    assert fractions == sorted(fractions) and fractions[-1] == 1
    unwatched = refined(target, optimize=on(device))
    assert np.array_equal(pack(watched).points, pack(unwatched).points)


def test_stopping_leaves_a_drawing(device: Device, target: Target) -> None:
    paths = refined(target, optimize=on(device), progress=RecordedProgress(checks=7, watches=False))
    assert len(paths) > 1 and np.isfinite(pack(paths).points).all()


def test_measuring_agrees_with_the_cpu(device: Device, target: Target) -> None:
    paths = refined(target, iterations=20)
    native = Optimization(paths, target, CLEAN.weights, 1).measure()
    measured = DeviceOptimization(device, paths, target, CLEAN.weights).measure()
    assert np.abs(measured.image - native.image).max() < 1e-4
    assert measured.squared_error == pytest.approx(native.squared_error, rel=1e-5)
    scale = np.abs(native.removal_cost).max()
    assert np.abs(measured.removal_cost - native.removal_cost).max() < 1e-5 * scale


class Failing:
    """A device that fails at the n-th reading of an array."""

    def __init__(self, device: Device, readings: int) -> None:
        self._device, self._left = device, readings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._device, name)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise GpuError("The GPU was lost.")

    def receive(self, fetch: Any) -> np.ndarray:
        self._count()
        return self._device.receive(fetch)

    def read(self, *arguments: Any) -> np.ndarray:
        self._count()
        return self._device.read(*arguments)


@pytest.mark.parametrize("readings", [0, 5, 20, 60])
def test_a_failing_device_hands_over_to_the_cpu(
    device: Device, target: Target, native: list[Path], readings: int
) -> None:
    """Whenever it fails: with the budget and all iterations, and one report each time."""
    failing, failures = Failing(device, readings), []
    progress = RecordedProgress(watches=False)

    def optimize(*arguments: Any) -> Any:
        if failures:
            return Optimization(*arguments, threads=2)
        return FallbackOptimization(failing, *arguments, threads=2, on_failure=failures.append)

    paths = refined(target, optimize=optimize, progress=progress)
    fractions = progress.fractions
    assert len(paths) == DETAIL + 1 and len(failures) == 1
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert psnr(paths, target) > psnr(native, target) - 0.6


def test_after_a_failure_all_steps_are_taken(device: Device, target: Target) -> None:
    """From the paths read last the CPU repeats what the device did not report."""
    paths, failures = refined(target, iterations=20), []
    arguments = (paths, target, CLEAN.weights)
    optimization = FallbackOptimization(
        Failing(device, 0), *arguments, threads=1, on_failure=failures.append
    )
    assert sum(optimization.steps([0.5] * 12, 5)) == 12
    optimization.revert_crossings()
    native = Optimization(*arguments, threads=1)
    assert sum(native.steps([0.5] * 12, 5)) == 12
    native.revert_crossings()
    assert len(failures) == 1
    assert np.array_equal(pack(optimization.paths()).points, pack(native.paths()).points)
