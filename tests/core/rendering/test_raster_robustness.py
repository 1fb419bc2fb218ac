# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd input: whatever is drawn, no crash, no hang, and no number that is none.

These cases run in the test's own process on purpose: a segmentation fault would end it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Path, Ramp, Ramps, Scene, pack
from semvec.core.errors import NativeError
from semvec.core.rendering.native import Containment, FitStep, fit_step, render, render_backward

RED = np.array([1, 0, 0, 1], np.float32)
NOT_FINITE = [np.nan, np.inf, -np.inf]

ordinary = st.floats(-20, 40, width=32)
on_the_grid = st.integers(-3, 20).map(float)
huge = st.sampled_from([1e5, -1e6, 1.5e7, 1e30, -3.4e38, 1e-38, -1e-45, 0.0, -0.0])
finite = st.one_of(ordinary, ordinary, on_the_grid, huge)
anything = st.one_of(finite, finite, finite, st.sampled_from(NOT_FINITE))


@st.composite
def scenes(draw: st.DrawFn, coordinates: st.SearchStrategy[float]) -> Scene:
    """Up to five paths of up to three sub-paths, some empty, some a single cubic, with ramps."""
    paths = []
    for _ in range(draw(st.integers(0, 5))):
        subpaths = []
        for _ in range(draw(st.integers(0, 3))):
            count = 6 * draw(st.integers(0, 4))
            values = draw(st.lists(coordinates, min_size=count, max_size=count))
            subpaths.append(np.array(values, np.float32).reshape(-1, 2))
        channels = st.floats(-0.5, 1.5, width=32)
        fill = draw(st.lists(channels, min_size=4, max_size=4))
        paths.append(
            Path(subpaths, np.array(fill, np.float32), ramp=draw(st.none() | ramps(coordinates)))
        )
    return pack(paths)


@st.composite
def ramps(draw: st.DrawFn, coordinates: st.SearchStrategy[float]) -> Ramp:
    """Some of no length, or nearly."""
    start = np.array(draw(st.tuples(coordinates, coordinates)), np.float32)
    short = st.sampled_from([0.0, 1e-45, 1e-38, 1e-7, 1e-6, 1e-3])
    end = draw(st.tuples(coordinates, coordinates) | st.tuples(short, short))
    if draw(st.booleans()):
        start[:] = 0.0
    color = draw(st.lists(st.floats(-0.5, 1.5, width=32), min_size=3, max_size=3))
    kind = draw(st.sampled_from(["linear", "radial"]))
    return Ramp(kind, start, np.array(end, np.float32), np.array(color, np.float32))


def has_ramp(scene: Scene, path: int) -> bool:
    return scene.ramps is not None and scene.ramps.kinds[path] != 0


canvases = st.tuples(st.integers(1, 33), st.integers(1, 33))
drawing_anything = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def steps_of(scene: Scene, width: int, height: int, **terms: Any) -> FitStep:
    random = np.random.default_rng(0)
    target = random.uniform(0, 1, (height, width, 3)).astype(np.float32)
    return fit_step(scene, target, threads=2, **terms)


def assert_finite(step: FitStep) -> None:
    for array in step:
        assert array is None or np.isfinite(array).all()


@drawing_anything
@given(scenes(finite), canvases)
def test_finite_scenes_give_finite_results(scene: Scene, canvas: tuple[int, int]) -> None:
    width, height = canvas
    image = render(scene, width, height)
    step = steps_of(scene, width, height)
    assert_finite(step)
    assert np.array_equal(step.image, image)
    colors = scene.colors if scene.ramps is None else np.hstack([scene.colors, scene.ramps.colors])
    if colors.size and colors.min() >= 0 and colors.max() <= 1:
        assert image.min() >= -1e-5 and image.max() <= 1 + 1e-5


@drawing_anything
@given(scenes(anything), canvases)
def test_paths_that_are_not_finite_have_no_effect(scene: Scene, canvas: tuple[int, int]) -> None:
    width, height = canvas
    step = steps_of(scene, width, height)
    assert_finite(step)
    clean = scene._replace(points=scene.points.copy())
    for i in range(len(scene.colors)):
        begin, end = scene.subpath_starts[scene.path_starts[i : i + 2]]
        axis = scene.ramps.axes[i] if has_ramp(scene, i) else np.zeros(4)
        if not (np.isfinite(scene.points[begin:end]).all() and np.isfinite(axis).all()):
            assert not step.point_gradient[begin:end].any()
            assert not step.color_gradient[i].any() and step.removal_cost[i] == 0
            assert step.ramp_axis_gradient is None or not step.ramp_axis_gradient[i].any()
            assert step.ramp_color_gradient is None or not step.ramp_color_gradient[i].any()
            clean.points[begin:end] = 0.0
    assert np.array_equal(step.image, render(clean, width, height))


@drawing_anything
@given(scenes(finite), canvases, st.integers(0, 2**32 - 1))
def test_weight_and_containment_keep_results_finite(
    scene: Scene, canvas: tuple[int, int], seed: int
) -> None:
    width, height = canvas
    random = np.random.default_rng(seed)
    paths = len(scene.colors)
    containment = Containment(
        random.integers(-1, 3, (height, width)).astype(np.int32),
        random.integers(-1, 3, paths).astype(np.int32),
        random.uniform(0, 1, paths).astype(np.float32),
    )
    weight = random.uniform(0, 5, (height, width)).astype(np.float32)
    assert_finite(steps_of(scene, width, height, weight=weight, containment=containment))


@drawing_anything
@given(scenes(anything), canvases, st.integers(0, 2**32 - 1))
def test_the_way_back_of_any_loss_is_that_of_the_squared_error(
    scene: Scene, canvas: tuple[int, int], seed: int
) -> None:
    """Given the gradient of the squared error for the image; on any number of threads."""
    width, height = canvas
    background = np.random.default_rng(seed).uniform(0, 1, (height, width, 3)).astype(np.float32)
    target = 1 - background
    step = fit_step(scene, target, background=background)
    upstream = 2 / np.float32(target.size) * (step.image - target)
    back = render_backward(scene, upstream, background, threads=1)
    names = ("point", "color", "ramp_axis", "ramp_color")
    for name, ours in zip(names, back, strict=True):
        expected = getattr(step, f"{name}_gradient")
        if expected is None:
            assert ours is None
            continue
        assert ours.shape == expected.shape and ours.dtype == np.float32
        largest = max(np.abs(expected).max(initial=0.0), 1e-6)
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-4 * largest)
    for ours, same in zip(back, render_backward(scene, upstream, background, 3), strict=True):
        assert np.array_equal(ours, same)


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("channel", range(4))
def test_colors_that_are_not_finite_are_refused(value: float, channel: int) -> None:
    fill = RED.copy()
    fill[channel] = value
    scene = pack([Path([circle((4, 4), 3)], fill)])
    with pytest.raises(NativeError):
        render(scene, 8, 8)
    with pytest.raises(NativeError):
        steps_of(scene, 8, 8)


@pytest.mark.parametrize(
    "subpath",
    [
        np.zeros((3, 2)),
        np.full((12, 2), 5.0),
        np.full((12, 2), -1e30),
        np.linspace((1, 1), (7, 7), 12),  # on one line
        np.linspace((1, 4), (7, 4), 12),  # on one horizontal line
        np.linspace((4, 1), (4, 7), 12),
        np.array([[1, 4], [7, 4], [1, 4]]),  # one cubic, there and back
    ],
)
def test_shapes_without_area_draw_nothing(subpath: np.ndarray) -> None:
    scene = pack([Path([subpath.astype(np.float32)], RED)])
    assert np.allclose(render(scene, 8, 8), 1.0, atol=1e-6)
    assert_finite(steps_of(scene, 8, 8))


def test_a_single_cubic_is_a_shape() -> None:
    loop = np.array([[4, 7], [-4, 0], [12, 0]], np.float32)
    assert render(pack([Path([loop], RED)]), 8, 8)[4, 4, 1] < 0.01


def test_empty_paths_and_sub_paths_keep_their_place() -> None:
    nothing = np.zeros((0, 2), np.float32)
    disc = circle((4, 4), 3)
    scene = pack([Path([], RED), Path([nothing, disc, nothing], RED), Path([nothing], RED)])
    alone = pack([Path([disc], RED)])
    assert np.array_equal(render(scene, 8, 8), render(alone, 8, 8))
    step = steps_of(scene, 8, 8)
    assert step.color_gradient[1].any()
    assert not step.color_gradient[[0, 2]].any()


def test_one_pixel() -> None:
    scene = pack([Path([rectangle(-5, -5, 5.5, 0.5)], RED)])
    image = render(scene, 1, 1)
    assert np.allclose(image, [[[1.0, 0.5, 0.5]]], atol=1e-6)


@pytest.mark.parametrize("reach", [1e3, 1e5, 1e6])
def test_far_corners_cost_no_time_and_little_precision(reach: float) -> None:
    """Half a plane: everything left of x = 3.5 is covered."""
    scene = pack([Path([rectangle(-reach, -reach, 3.5, reach)], RED)])
    image = render(scene, 8, 8)
    expected = np.array([0, 0, 0, 0.5, 1, 1, 1, 1])
    assert np.abs(image[..., 1] - expected).max() < 1e-3


def test_strokes_across_a_large_canvas_end_soon() -> None:
    """Coordinates of 1e30 are clipped before anything is counted in pixels."""
    random = np.random.default_rng(0)
    points = (random.choice([-1e30, 1e30, 5.0], (300, 12, 2))).astype(np.float32)
    scene = pack([Path([p], RED) for p in points])
    assert np.isfinite(render(scene, 300, 200)).all()


@pytest.mark.parametrize("size", [(0, 4), (4, 0), (40000, 1)])
def test_canvases_of_no_size_or_too_large_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(NativeError):
        render(pack([]), *size)


def ramped_disc(kind: str = "linear") -> Scene:
    ramp = Ramp(kind, np.float32([1, 2]), np.float32([7, 6]), np.float32([0, 0, 1]))
    return pack([Path([circle((4, 4), 3)], RED, ramp=ramp), Path([circle((4, 4), 2)], RED)])


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("channel", range(3))
def test_colors_of_ramps_that_are_not_finite_are_refused(value: float, channel: int) -> None:
    scene = ramped_disc()
    assert scene.ramps is not None
    scene.ramps.colors[0, channel] = value
    with pytest.raises(NativeError):
        render(scene, 8, 8)
    with pytest.raises(NativeError):
        steps_of(scene, 8, 8)


def test_rows_of_flat_paths_mean_nothing() -> None:
    scene = ramped_disc()
    expected = steps_of(scene, 8, 8)
    assert scene.ramps is not None
    scene.ramps.axes[1] = scene.ramps.colors[1] = np.nan
    step = steps_of(scene, 8, 8)
    assert all(map(np.array_equal, step, expected))


@pytest.mark.parametrize("place", [1e7, -3e38])
@pytest.mark.parametrize("kind", ["linear", "radial"])
def test_axes_far_away_are_nearly_flat(kind: str, place: float) -> None:
    scene = ramped_disc(kind)
    assert scene.ramps is not None
    scene.ramps.axes[0] = (4.0, 4.0, place, place)
    assert np.abs(render(scene, 8, 8)[3:5, 3:5] - RED[:3]).max() < 1e-5


@pytest.mark.parametrize("kind", ["linear", "radial"])
def test_axes_that_are_clamped_to_one_point_have_no_length(kind: str) -> None:
    blue = np.array([0, 0, 1], np.float32)
    ramp = Ramp(kind, np.float32([2e6, 4]), np.float32([1e7, 4]), blue)
    image = render(pack([Path([rectangle(0, 0, 8, 8)], RED, ramp=ramp)]), 8, 8)
    assert np.allclose(image, blue, atol=1e-6)


@pytest.mark.parametrize(("given", "meant"), [(1.5, 1.0), (-0.5, 0.0), (3e38, 1.0)])
@pytest.mark.parametrize("ramped", [False, True])
def test_opacity_is_clamped(given: float, meant: float, ramped: bool) -> None:
    scene = ramped_disc() if ramped else ramped_disc()._replace(ramps=None)
    scene.colors[0, 3] = meant
    expected = steps_of(scene, 8, 8)
    scene.colors[0, 3] = given
    assert all(map(np.array_equal, steps_of(scene, 8, 8), expected))


def broken_ramps() -> list[Ramps]:
    ramps = ramped_disc().ramps
    assert ramps is not None
    return [
        ramps._replace(kinds=np.array([3, 0], np.int32)),
        ramps._replace(kinds=np.array([0, -1], np.int32)),
        ramps._replace(kinds=ramps.kinds[:1]),
        ramps._replace(axes=ramps.axes[:, :3]),
        ramps._replace(axes=ramps.axes[:1]),
        ramps._replace(colors=ramps.colors[:1]),
        ramps._replace(colors=np.zeros((2, 4), np.float32)),
    ]


def broken_scenes() -> list[Scene]:
    scene = pack([Path([circle((4, 4), 3), circle((4, 4), 2)], RED)])
    starts = np.array
    return [
        scene._replace(subpath_starts=starts([0, 11, 24], np.int32)),  # no multiple of 3
        scene._replace(subpath_starts=starts([0, 24, 12], np.int32)),
        scene._replace(subpath_starts=starts([0, 12, 9999], np.int32)),
        scene._replace(subpath_starts=starts([-3, 12, 24], np.int32)),
        scene._replace(subpath_starts=starts([], np.int32)),
        scene._replace(path_starts=starts([0, 7], np.int32)),
        scene._replace(path_starts=starts([0], np.int32)),
        scene._replace(path_starts=starts([0, 1, 2], np.int32)),
        scene._replace(points=scene.points[:9]),
        scene._replace(points=scene.points[:, :1]),
        scene._replace(colors=scene.colors[:, :3]),
        scene._replace(colors=scene.colors[:0]),
        *(ramped_disc()._replace(ramps=ramps) for ramps in broken_ramps()),
    ]


@pytest.mark.parametrize("scene", broken_scenes())
def test_scenes_that_are_not_consistent_are_refused(scene: Scene) -> None:
    with pytest.raises(NativeError):
        render(scene, 8, 8)
    with pytest.raises(NativeError):
        steps_of(scene, 8, 8)


def test_arrays_of_the_wrong_shape_are_refused() -> None:
    scene = pack([Path([circle((4, 4), 3)], RED)])
    target = np.zeros((8, 8, 3), np.float32)
    with pytest.raises(NativeError):
        render(scene, 8, 8, np.zeros((8, 7, 3), np.float32))
    with pytest.raises(NativeError):
        fit_step(scene, np.zeros((8, 8, 4), np.float32))
    with pytest.raises(NativeError):
        fit_step(scene, target, weight=np.ones((7, 8), np.float32))
    regions, own = np.zeros((8, 8), np.int32), np.zeros(1, np.int32)
    with pytest.raises(NativeError):
        fit_step(scene, target, containment=Containment(regions, own, np.ones(2, np.float32)))


def test_arrays_of_other_types_and_layouts_give_the_same() -> None:
    scene = pack([Path([circle((4.2, 3.9), 3)], RED)])
    target = np.random.default_rng(1).uniform(0, 1, (8, 8, 3)).astype(np.float32)
    expected = fit_step(scene, target)
    wide = scene._replace(
        points=scene.points.astype(np.float64), subpath_starts=scene.subpath_starts.astype(np.int64)
    )
    turned = np.asfortranarray(target.astype(np.float64))
    for a, b in zip(expected, fit_step(wide, turned), strict=True):
        assert np.array_equal(a, b)


def test_ramps_of_other_types_and_layouts_give_the_same() -> None:
    scene = ramped_disc("radial")
    target = np.random.default_rng(1).uniform(0, 1, (8, 8, 3)).astype(np.float32)
    assert scene.ramps is not None
    kinds, axes, colors = scene.ramps
    wide = Ramps(kinds.astype(np.int64), np.asfortranarray(axes.astype(np.float64)), colors[:, ::1])
    for a, b in zip(
        fit_step(scene, target), fit_step(scene._replace(ramps=wide), target), strict=True
    ):
        assert np.array_equal(a, b)
