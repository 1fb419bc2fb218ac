# SPDX-License-Identifier: GPL-3.0-or-later
"""The same bytes on every run, however the work is split and whenever room runs out."""

from __future__ import annotations

import numpy as np
import pytest
from gpu_scenes import everything, random_target, simple_scene
from raster_scenes import random_scene

from semvec.core.drawing import Scene
from semvec.core.rendering.gpu import loop
from semvec.core.rendering.gpu.device import Device
from semvec.core.rendering.gpu.fit_step import fit_step
from semvec.core.rendering.gpu.loop import Loop, Motion
from semvec.core.rendering.gpu.scene_buffers import Objective

STEPS = 25


def moving(device: Device, ramps: bool = False, pairs: int | None = None) -> Loop:
    scene = simple_scene(0, 40, 96)
    if ramps:
        scene = scene._replace(ramps=random_scene(0, 96, 40, ramps=True).ramps)
    motion = Motion(
        np.ones(len(scene.points), np.float32),
        color_rate=0.01,
        axis_rate=1.0,
        fairness=0.0002,
        smoothness=0.025,
        spike_penalty=0.05,
        check_interval=10,
        overrun=0.5,
        minimum_area=8,
        minimum_thickness=1.3,
    )
    objective = Objective(random_target(0, 96, 96), **everything(0, 96, 96, 40))
    return Loop(device, scene, objective, motion, pairs)


def same(first: Scene, second: Scene) -> bool:
    arrays = [(first.points, second.points), (first.colors, second.colors)]
    if first.ramps is not None and second.ramps is not None:
        arrays += list(zip(first.ramps, second.ramps, strict=True))
    return all(np.array_equal(a, b) for a, b in arrays)


def moved(work: Loop) -> Scene:
    for _ in work.run(np.linspace(1, 0.1, STEPS)):
        pass
    return work.scene()


def test_two_steps_give_the_same_bytes(device: Device) -> None:
    scene, target = random_scene(1, 96, 60, ramps=True), random_target(1, 96, 96)
    options = everything(1, 96, 96, 60)
    first, second = (fit_step(device, scene, target, **options) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize("ramps", [False, True])
def test_two_runs_give_the_same_bytes(device: Device, ramps: bool) -> None:
    first, second = moved(moving(device, ramps)), moved(moving(device, ramps))
    assert same(first, second)
    assert not np.array_equal(first.points, simple_scene(0, 40, 96).points)


def test_any_split_into_submissions_gives_the_same_bytes(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for most in (1, 7, STEPS):
        monkeypatch.setattr(loop, "_MOST_STEPS", most)
        monkeypatch.setattr(loop, "_SUBMISSION", 1e9)
        results.append(moved(moving(device)))
    assert same(results[0], results[1]) and same(results[0], results[2])


def test_reading_in_between_changes_nothing(device: Device) -> None:
    work = moving(device)
    for _ in work.run(np.linspace(1, 0.1, STEPS)):
        work.scene()
    assert same(work.scene(), moved(moving(device)))


def test_running_out_of_room_changes_nothing(device: Device) -> None:
    wanted = moved(moving(device))
    tight = moving(device, pairs=64)
    assert same(moved(tight), wanted)


def test_running_out_of_room_while_looking_changes_nothing(device: Device) -> None:
    steps = [moving(device, pairs=pairs).fit_step() for pairs in (64, None)]
    assert np.array_equal(steps[0].image, steps[1].image)
    assert np.array_equal(steps[0].point_gradient, steps[1].point_gradient)


def test_work_that_is_stopped_can_be_read(device: Device) -> None:
    work = moving(device)
    for _ in work.run(np.ones(STEPS)):
        break
    assert np.isfinite(work.scene().points).all()
