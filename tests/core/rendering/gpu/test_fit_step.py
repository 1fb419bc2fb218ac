# SPDX-License-Identifier: GPL-3.0-or-later
"""The fused step on a device, against the native one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gpu_scenes import apart, everything, many_discs, random_target
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raster_scenes import random_scene

from semvec.core.bezier import circle
from semvec.core.drawing import Path, Ramp, Scene, pack
from semvec.core.errors import GpuError
from semvec.core.rendering import native
from semvec.core.rendering.gpu.device import Device
from semvec.core.rendering.gpu.fit_step import fit_step

BACKGROUND = (0.9, 0.8, 0.7)


def assert_agrees(device: Device, scene: Scene, target: np.ndarray, **options: Any) -> None:
    """Within the targets of docs/gpu.md."""
    expected = native.fit_step(scene, target, background=BACKGROUND, **options)
    step = fit_step(device, scene, target, background=BACKGROUND, **options)
    assert np.abs(step.image - expected.image).max() < 1e-4
    assert step.squared_error == pytest.approx(expected.squared_error, rel=1e-6)
    assert apart(step.point_gradient, expected.point_gradient) < 1e-9
    assert apart(step.color_gradient, expected.color_gradient) < 1e-12
    if not options.get("sharpness"):
        assert apart(step.removal_cost, expected.removal_cost) < 1e-9
    if scene.ramps is not None:
        ramped = scene.ramps.kinds > 0
        axes = expected.ramp_axis_gradient, step.ramp_axis_gradient
        colors = expected.ramp_color_gradient, step.ramp_color_gradient
        assert axes[0] is not None and axes[1] is not None
        assert colors[0] is not None and colors[1] is not None
        assert apart(axes[0][ramped], axes[1][ramped]) < 1e-9
        assert apart(colors[0][ramped], colors[1][ramped]) < 1e-12


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_native_step(device: Device, seed: int, opaque: bool, ramps: bool) -> None:
    scene = random_scene(seed, 96, paths=40, opaque=opaque, tangle=2.0, ramps=ramps)
    assert_agrees(device, scene, random_target(seed, 101, 77))


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_weights_sharpness_and_containment(
    device: Device, seed: int, ramps: bool
) -> None:
    scene = random_scene(seed, 96, paths=40, tangle=2.0, ramps=ramps)
    assert_agrees(device, scene, random_target(seed, 77, 101), **everything(seed, 77, 101, 40))


@pytest.mark.parametrize("option", ["weight", "sharpness", "containment"])
def test_agrees_with_each_option_alone(device: Device, option: str) -> None:
    scene = random_scene(5, 64, paths=30)
    options = everything(5, 64, 64, 30)
    assert_agrees(device, scene, random_target(5, 64, 64), **{option: options[option]})


def test_agrees_where_a_tile_has_more_paths_than_one_chunk_holds(device: Device) -> None:
    scene = many_discs(0, 1500, 96)
    assert_agrees(device, scene, random_target(0, 96, 96), **everything(0, 96, 96, 1506))


def test_one_pixel_wide_and_one_pixel_high_images_work(device: Device) -> None:
    scene = random_scene(2, 20, paths=5)
    for width, height in ((1, 40), (40, 1), (1, 1)):
        assert_agrees(device, scene, random_target(2, width, height))


def path(points: Any, color: tuple[float, ...] = (0.2, 0.5, 0.9, 1.0)) -> Path:
    return Path([np.asarray(points, np.float32)], np.asarray(color, np.float32))


def spoiled(value: float) -> Path:
    points = circle((30, 30), 9)
    points[4, 1] = value
    return path(points)


WHOLE = circle((35, 25), 12)
BORDER = [(0, 0), (23, 0), (46, 0), (70, 0), (70, 17), (70, 34), (70, 50), (46, 50), (23, 50)]
HOSTILE = {
    "off the canvas": [path(circle((-50, -50), 9)), path(circle((200, 20), 9)), path(WHOLE)],
    "NaN": [path(WHOLE), spoiled(np.nan)],
    "infinite": [spoiled(np.inf), path(WHOLE)],
    "huge": [
        path(circle((3e5, 2e5), 3.6e5)),
        path(circle((30, 30), 5e6)),
        path(WHOLE, (0.8, 0.3, 0.1, 1.0)),
    ],
    "one cubic": [path([(10, 10), (60, 10), (10, 40)])],
    "tangled": [path(np.concatenate([circle((30, 25), 15), circle((34, 25), 12)]))],
    "opacity out of range": [path(WHOLE, (1, 0, 0, 1.7)), path(circle((20, 20), 8), (0, 1, 0, -1))],
    "on the border": [path([*BORDER, (0, 50), (0, 34), (0, 17)])],
    "empty sub-path": [Path([WHOLE, np.zeros((0, 2), np.float32)], np.full(4, 0.5, np.float32))],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_scenes_agree(device: Device, name: str) -> None:
    scene, target = pack(HOSTILE[name]), random_target(0, 70, 50)
    expected, step = native.fit_step(scene, target), fit_step(device, scene, target)
    scale = np.abs(expected.point_gradient).max()
    assert np.abs(step.image - expected.image).max() < 1e-4
    assert np.abs(step.point_gradient - expected.point_gradient).max() < 1e-4 * scale
    color_scale = np.abs(expected.color_gradient).max()
    assert np.abs(step.color_gradient - expected.color_gradient).max() < 1e-4 * color_scale


@pytest.mark.parametrize("points", [np.full((3, 2), 20.0), np.linspace((5, 5), (40, 40), 12)])
def test_paths_without_area_are_drawn_alike(device: Device, points: np.ndarray) -> None:
    """Their gradient is not defined: |winding| has a kink at 0."""
    scene, target = pack([path(WHOLE), path(points)]), random_target(0, 70, 50)
    expected, step = native.fit_step(scene, target), fit_step(device, scene, target)
    assert np.abs(step.image - expected.image).max() < 1e-4
    assert np.isfinite(step.point_gradient).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_ramp_whose_axis_is_not_finite_is_not_drawn(device: Device, value: float) -> None:
    scene = random_scene(4, 64, paths=9, ramps=True)
    assert scene.ramps is not None
    scene.ramps.axes[3, 2] = value
    expected = native.fit_step(scene, random_target(4, 64, 64))
    step = fit_step(device, scene, random_target(4, 64, 64))
    assert np.abs(step.image - expected.image).max() < 1e-4
    assert apart(step.point_gradient, expected.point_gradient) < 1e-9


def test_a_color_that_is_not_finite_is_refused(device: Device) -> None:
    scene = random_scene(4, 64)
    scene.colors[2, 1] = np.nan
    with pytest.raises(GpuError):
        fit_step(device, scene, random_target(4, 64, 64))


def test_a_scene_without_paths_is_the_background(device: Device) -> None:
    step = fit_step(device, pack([]), random_target(0, 20, 20), background=BACKGROUND)
    assert np.allclose(step.image, BACKGROUND) and step.point_gradient.shape == (0, 2)


ordinary = st.floats(-20, 40, width=32)
huge = st.sampled_from([1e5, -1e6, 1.5e7, 1e30, -3.4e38, 1e-38, -1e-45, 0.0, -0.0])
anything = st.one_of(ordinary, ordinary, ordinary, huge, st.sampled_from([np.nan, np.inf, -np.inf]))


@st.composite
def hostile_scenes(draw: st.DrawFn) -> Scene:
    """Up to four paths of up to two sub-paths whose coordinates may be anything."""
    paths = []
    for _ in range(draw(st.integers(0, 4))):
        counts = draw(st.lists(st.integers(0, 4), max_size=2))
        values = [draw(st.lists(anything, min_size=6 * n, max_size=6 * n)) for n in counts]
        color = draw(st.lists(st.floats(-0.5, 1.5, width=32), min_size=4, max_size=4))
        ramp = None
        if draw(st.booleans()):
            ends = draw(st.lists(anything, min_size=4, max_size=4))
            axis = np.array(ends, np.float32).reshape(2, 2)
            kind = draw(st.sampled_from(["linear", "radial"]))
            ramp = Ramp(kind, axis[0], axis[1], np.array(color[:3], np.float32))
        subpaths = [np.array(each, np.float32).reshape(-1, 2) for each in values]
        paths.append(Path(subpaths, np.array(color, np.float32), ramp=ramp))
    return pack(paths)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scene=hostile_scenes())
def test_whatever_is_drawn_gives_numbers(device: Device, scene: Scene) -> None:
    step = fit_step(
        device, scene, random_target(0, 24, 20), **everything(0, 24, 20, len(scene.colors))
    )
    assert np.isfinite(step.image).all() and np.isfinite(step.squared_error)
    assert np.isfinite(step.point_gradient).all() and np.isfinite(step.color_gradient).all()
