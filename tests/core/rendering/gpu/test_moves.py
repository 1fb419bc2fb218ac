# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels that move the scene on a device, against numpy and the native code."""

from __future__ import annotations

import numpy as np
import pytest
from gpu_scenes import apart, random_target, simple_scene
from penalties import Ring, fairness_gradient, smoothness_gradient, spike_gradient
from raster_scenes import random_scene

from semvec.core.adam import Adam
from semvec.core.drawing import Path, pack
from semvec.core.refinement.simplicity import crossing_cubics, keep_simple
from semvec.core.rendering import native
from semvec.core.rendering.gpu.device import Device
from semvec.core.rendering.gpu.loop import Loop, Motion
from semvec.core.rendering.gpu.scene_buffers import Objective

SIZE = 128


def looping(device: Device, scene: object, motion: Motion) -> Loop:
    return Loop(device, scene, Objective(random_target(0, SIZE, SIZE)), motion)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "gradient"),
    [
        ("fairness", fairness_gradient),
        ("smoothness", smoothness_gradient),
        ("spike_penalty", spike_gradient),
    ],
)
def test_pulls_agree_with_those_in_numpy(device: Device, name: str, gradient: object) -> None:
    scene = random_scene(3, SIZE, 30, tangle=5.0)
    motion = Motion(np.zeros(len(scene.points), np.float32), **{name: 3.0})
    scale = 1.5 * SIZE * SIZE
    pulled = looping(device, scene, motion).fit_step().point_gradient
    plain = looping(device, scene, Motion(motion.point_rates)).fit_step().point_gradient
    expected = 3.0 * gradient(Ring(scene.subpath_starts), scene.points)  # type: ignore[operator]
    assert np.abs(scale * (pulled - plain) - expected).max() < 1e-3 * np.abs(expected).max()


def test_adam_agrees_with_that_in_numpy(device: Device) -> None:
    """Three steps of colors whose gradient is far from zero, and of points likewise."""
    scene = random_scene(0, SIZE, 8, ramps=True)
    rates = np.full(len(scene.points), 0.1, np.float32)
    work = looping(device, scene, Motion(rates, color_rate=0.01, axis_rate=1.0, moves_opacity=True))
    target, scale = random_target(0, SIZE, SIZE), np.float32(1.5 * SIZE * SIZE)
    colors, points = Adam(scene.colors.shape, 0.01), Adam(scene.points.shape, rates[:, None])
    for _ in range(3):
        step = native.fit_step(scene, target)
        scene.points[:] += points.step(step.point_gradient * scale)
        scene.colors[:] = np.clip(scene.colors + colors.step(step.color_gradient * scale), 0, 1)
        for _ in work.run([1.0]):
            pass
        moved = work.scene()
        scene.ramps.axes[:], scene.ramps.colors[:] = moved.ramps.axes, moved.ramps.colors  # type: ignore[union-attr]
    assert np.abs(moved.colors - scene.colors).max() < 1e-4
    assert np.quantile(np.abs(moved.points - scene.points), 0.98) < 1e-3


@pytest.mark.parametrize("size", [0.1, 1.0, 3.0])
def test_keep_simple_agrees_with_the_native_one(device: Device, size: float) -> None:
    """After random steps of `size` pixels, from outlines that cross nowhere."""
    scene = simple_scene(1, 64, SIZE)
    random = np.random.default_rng(1)
    sizes = {"minimum_area": 8.0, "minimum_thickness": 1.3}
    work = looping(
        device, scene, Motion(np.zeros(len(scene.points), np.float32), check_interval=10, **sizes)
    )
    before = scene.points.copy()
    for _ in range(5):
        moved = before + random.normal(0, size, before.shape).astype(np.float32)
        scene.points[:] = moved
        reverted = keep_simple(scene, before)
        points, momentum = kept_simple(work, before, moved)
        assert np.quantile(np.abs(points - scene.points), 0.99) < 1e-4
        assert (momentum != np.where(reverted, 0.5, 1.0)).mean() < 1e-3
        assert not crossing_cubics(scene._replace(points=points), samples=8).any()
        before = scene.points.copy()


def kept_simple(work: Loop, before: np.ndarray, moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Run the kernel alone: the points [M, 2], and what is left of momentum 1 [M]."""
    moments = np.ones((len(moved), 4), np.float32)
    values = {"before": before, "points": moved, "point_moments": moments}
    for name, array in values.items():
        work._device.write(work._buffers[name], array)
    work._submit(["keep_simple"], "move")
    points = work._read("points", np.float32, *moved.shape)
    return points, work._read("point_moments", np.float32, *moments.shape)[:, 0]


def test_exactly_the_crossing_paths_are_reverted(device: Device) -> None:
    scene = simple_scene(2, 64, SIZE)
    work = looping(
        device, scene, Motion(np.zeros(len(scene.points), np.float32), check_interval=10)
    )
    tangled = scene.points + np.random.default_rng(2).normal(0, 1.0, scene.points.shape)
    tangled = tangled.astype(np.float32)
    crossing = crossing_cubics(scene._replace(points=tangled)).repeat(3)
    path_of_point = np.repeat(np.arange(64), np.diff(scene.subpath_starts[scene.path_starts]))
    back = np.isin(path_of_point, path_of_point[crossing])
    assert 0 < back.sum() < len(back)
    work._device.write(work._buffers["points"], tangled)
    work.revert_crossings()
    expected = np.where(back[:, None], scene.points, tangled)
    assert np.array_equal(work.scene().points, expected)


def test_points_stay_on_the_canvas_and_opacities_where_they_are(device: Device) -> None:
    scene = random_scene(0, SIZE, 20)
    inside = scene._replace(points=np.clip(scene.points, 0, SIZE))
    motion = Motion(np.full(len(scene.points), 3.0, np.float32), color_rate=0.1, overrun=0.5)
    work = looping(device, inside, motion)
    for _ in work.run(np.ones(8)):
        pass
    moved = work.scene()
    assert moved.points.min() >= -0.5 and moved.points.max() <= SIZE + 0.5
    assert np.array_equal(moved.colors[:, 3], scene.colors[:, 3])
    assert not np.array_equal(moved.colors, scene.colors)


def test_a_fit_gets_better(device: Device) -> None:
    target = native.render(random_scene(7, SIZE, 12, opaque=True), SIZE, SIZE)
    paths = random_scene(8, SIZE, 12, opaque=True)
    motion = Motion(np.ones(len(paths.points), np.float32), color_rate=0.02)
    work = Loop(device, paths, Objective(target), motion)
    before = work.fit_step().squared_error
    for _ in work.run(np.ones(40)):
        pass
    assert work.fit_step().squared_error < 0.7 * before
    assert apart(work.scene().points, paths.points) > 0


def test_a_path_of_no_cubics_does_no_harm(device: Device) -> None:
    empty = Path([np.zeros((0, 2), np.float32)], np.ones(4, np.float32))
    whole = Path([random_scene(0, SIZE, 1).points], np.full(4, 0.5, np.float32))
    scene = pack([empty, whole])
    motion = Motion(np.ones(len(scene.points), np.float32), check_interval=2)
    work = looping(device, scene, motion)
    for _ in work.run(np.ones(4)):
        pass
    assert np.isfinite(work.scene().points).all()
