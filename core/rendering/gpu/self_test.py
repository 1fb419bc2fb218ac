# SPDX-License-Identifier: GPL-3.0-or-later
"""A test that a device must pass before it is used: a scene of 64 paths, as the CPU computes it."""

from __future__ import annotations

import numpy as np

from ...bezier import circle
from ...drawing import Path, Ramp, Scene, pack
from ...errors import GpuError
from .. import native
from .device import Device
from .fit_step import fit_step
from .loop import Loop, Motion
from .scene_buffers import Objective

# The largest differences from the native step: of a color in the picture, and 1 less the cosine
# between gradients of points and of colors.
IMAGE_TOLERANCE, POINT_TOLERANCE, COLOR_TOLERANCE = 1e-4, 1e-9, 1e-12

_SIDE, _PATHS, _STEPS = 128, 64, 10
_RATE = 0.5


def check_device(device: Device) -> None:
    """Compare the device with the native step. Raises GpuError where it computes wrong."""
    scene, random = _scene(), np.random.default_rng(1)
    target = random.random((_SIDE, _SIDE, 3), dtype=np.float32)
    weight = random.uniform(0.2, 2, (_SIDE, _SIDE)).astype(np.float32)
    regions = (np.arange(_SIDE * _SIDE, dtype=np.int32).reshape(_SIDE, _SIDE) // 24) % 9
    containment = native.Containment(
        regions,
        random.integers(-1, 9, _PATHS).astype(np.int32),
        random.uniform(0, 0.2, _PATHS).astype(np.float32),
    )
    objective = Objective(target, (0.9, 0.8, 0.7), weight, 0.5, containment)
    _compare(device, scene, objective)
    _move(device, scene, objective)


def _compare(device: Device, scene: Scene, objective: Objective) -> None:
    options = {
        "background": objective.background,
        "weight": objective.weight,
        "sharpness": objective.sharpness,
        "containment": objective.containment,
    }
    expected = native.fit_step(scene, objective.target, **options)  # type: ignore[arg-type]
    step = fit_step(device, scene, objective.target, **options)  # type: ignore[arg-type]
    agrees = (
        np.abs(step.image - expected.image).max() <= IMAGE_TOLERANCE
        and _apart(step.point_gradient, expected.point_gradient) <= POINT_TOLERANCE
        and _apart(step.color_gradient, expected.color_gradient) <= COLOR_TOLERANCE
        and _apart(step.ramp_axis_gradient, expected.ramp_axis_gradient) <= POINT_TOLERANCE
        and _apart(step.ramp_color_gradient, expected.ramp_color_gradient) <= COLOR_TOLERANCE
    )
    if not agrees:
        raise _wrong(device)


def _move(device: Device, scene: Scene, objective: Objective) -> None:
    """Check a device's steps against Adam's first one, and that they repeat to the byte.

    Adam's first step is the rate against the sign of each gradient.
    """
    rates = np.full(len(scene.points), _RATE, np.float32)
    loop = Loop(device, scene, objective, Motion(rates, color_rate=0.01))
    before = loop.fit_step()
    _run(loop, 1)
    moved = loop.scene()
    is_clear = np.abs(before.point_gradient) > 1e-3 * np.abs(before.point_gradient).max()
    expected = -_RATE * np.sign(before.point_gradient)
    is_right = np.abs(moved.points - scene.points - expected)[is_clear].max() < 1e-2 * _RATE
    motion = Motion(rates, color_rate=0.01, axis_rate=0.5, check_interval=5)
    results, errors = [], [before.squared_error]
    for _ in range(2):
        loop = Loop(device, scene, objective, motion)
        _run(loop, _STEPS)
        results.append(loop.scene().points)
        errors.append(loop.fit_step().squared_error)
    is_better = np.isfinite(errors).all() and errors[1] < errors[0]
    if not (is_right and is_better and np.array_equal(results[0], results[1])):
        raise _wrong(device)


def _run(loop: Loop, steps: int) -> None:
    for _ in loop.run(np.ones(steps)):
        pass


def _wrong(device: Device) -> GpuError:
    return GpuError(
        f"{device.info.name} does not compute what the CPU does.", "Update the graphics driver."
    )


def _apart(first: np.ndarray | None, second: np.ndarray | None) -> float:
    """Return 1 less the cosine between two arrays as vectors; infinite where that is no number."""
    a, b = (np.float64(each).ravel() for each in (first, second))
    with np.errstate(all="ignore"):
        distance = float(1 - a @ b / np.sqrt((a @ a) * (b @ b)))
    return distance if np.isfinite(distance) else np.inf


def _scene() -> Scene:
    """Bent discs over each other: large and small, some transparent, with holes or with ramps."""
    random = np.random.default_rng(0)
    paths = []
    for i in range(_PATHS):
        radius = random.uniform(0.15, 0.4) * _SIDE if i < 0.4 * _PATHS else random.uniform(3, 9)
        center = random.uniform(-0.05 * _SIDE, 1.05 * _SIDE, 2)
        bends = random.normal(0, 0.08 * radius, (12, 2))
        rings = [(circle(center, radius) + bends).astype(np.float32)]
        if i % 3 == 0:
            rings.append(circle(center, 0.4 * radius)[::-1].copy())
        fill = np.append(random.random(3), 1.0 if i % 2 else 0.6).astype(np.float32)
        ends = (center + random.normal(0, radius, (2, 2))).astype(np.float32)
        color = random.random(3).astype(np.float32)
        ramp = Ramp("radial" if i % 2 else "linear", ends[0], ends[1], color)
        paths.append(Path(rings, fill, ramp=ramp if i % 4 < 2 else None))
    return pack(paths)
