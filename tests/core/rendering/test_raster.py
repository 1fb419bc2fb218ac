# SPDX-License-Identifier: GPL-3.0-or-later
"""Rasterizer, against a naive renderer, supersampling and resvg."""

from __future__ import annotations

import io
from collections.abc import Iterable

import naive_renderer as naive
import numpy as np
import pytest
from raster_scenes import random_scene, reversed_subpath, ring

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Path, Ramp, Scene, pack
from semvec.core.rendering.native import fit_step, render

SIZE = 48
BLACK = (0.0, 0.0, 0.0)
SEEDS = range(4)


def opaque(subpaths: list[np.ndarray], color: tuple[float, float, float] = (1, 1, 1)) -> Path:
    return Path(subpaths, np.array([*color, 1.0], np.float32))


def drawn_coverage(subpaths: list[np.ndarray], width: int, height: int) -> np.ndarray:
    """Coverage [height, width] of one path: it is drawn in white on black."""
    return render(pack([opaque(subpaths)]), width, height, BLACK)[..., 0]


def moved(scene: Scene, by: tuple[float, float]) -> Scene:
    ramps = scene.ramps
    if ramps is not None:
        ramps = ramps._replace(axes=ramps.axes + np.tile(np.array(by, np.float32), 2))
    return scene._replace(points=scene.points + np.array(by, np.float32), ramps=ramps)


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("tangle", [0.0, 4.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_agrees_with_the_naive_renderer(seed: int, tangle: float, ramps: bool) -> None:
    scene = random_scene(seed, SIZE, paths=9, tangle=tangle, ramps=ramps)
    background = np.random.default_rng(seed).uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    image = render(scene, SIZE, SIZE, background)
    expected = naive.render(scene, SIZE, SIZE, background)
    assert image.shape == (SIZE, SIZE, 3) and image.dtype == np.float32
    assert np.abs(image - expected).max() < 0.006
    assert np.abs(image - expected).mean() < 3e-4


def test_tiles_within_an_opaque_shape_have_exactly_its_color() -> None:
    """Winding numbers there are integers: rounding errors of the outline don't add up."""
    color = (0.3, 0.6, 0.1)
    hole = circle((140, 120), 30)[::-1]
    image = render(
        pack([opaque([circle((128, 128), 120), np.roll(hole, 1, axis=0)], color)]), 256, 256
    )
    distances = [
        np.hypot(*(np.mgrid[:256, :256] + 0.5 - np.array([[[y]], [[x]]])))
        for x, y in ((128, 128), (140, 120))
    ]
    inside = (distances[0] < 120 - 12) & (distances[1] > 30 + 12)
    assert inside.any() and (image[inside] == np.float32(color)).all()
    assert (image[distances[1] < 30 - 12] == 1).all()


def test_polygons_are_exact() -> None:
    """Straight cubics leave nothing to flatten: only float32 rounding may differ."""
    random = np.random.default_rng(5)
    large, small = (3.25, 4.5, 17.125, 9.75), (5.25, 4.5, 7.125, 6.25)  # in one tile and several
    corner = random.uniform(0, 20, (3, 2)).astype(np.float32)
    triangle = pack([opaque([np.repeat(corner, 3, axis=0)])])  # handles lie in the anchors
    for box in (rectangle(*large), rectangle(*small)):
        exact = naive.coverages(pack([opaque([box])]), 20, 20)[0]
        assert np.abs(drawn_coverage([box], 20, 20) - exact).max() < 1e-5
    assert (
        np.abs(render(triangle, 20, 20, BLACK)[..., 0] - naive.coverages(triangle, 20, 20)[0]).max()
        < 1e-5
    )


@pytest.mark.parametrize("radius", [2.0, 5.0, 12.0, 40.0])
def test_coverage_agrees_with_supersampling(radius: float) -> None:
    """64x64 points a pixel and the non-zero rule, on the exact curve: within 0.01 everywhere."""
    size = int(2 * radius) + 6
    check_against_supersampling(circle((size / 2 + 0.3, size / 2 - 0.4), radius), size)


def test_coverage_of_a_large_curve_agrees_with_supersampling() -> None:
    """A quarter of a disc, whose center is a corner of the canvas."""
    check_against_supersampling(circle((0.3, -0.4), 120.0), 126)


def check_against_supersampling(outline: np.ndarray, size: int) -> None:
    expected = naive.nonzero_coverage([naive.flatten(outline, 256)], size, size)
    assert np.abs(drawn_coverage([outline], size, size) - expected).max() < 0.01


@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_of_blobs_with_holes_agrees_with_supersampling(seed: int) -> None:
    scene = random_scene(seed, SIZE, paths=6)
    for path in range(6):
        subpaths = naive.subpaths(scene, path)
        polygons = [naive.flatten(points, 128) for points in subpaths]
        expected = naive.nonzero_coverage(polygons, SIZE, SIZE)
        assert np.abs(drawn_coverage(subpaths, SIZE, SIZE) - expected).max() < 0.01


def test_chords_leave_the_area_as_it_is() -> None:
    """They cut off on one side what they add on the other: no shape shrinks by being drawn."""
    disc = circle((20.0, 20.0), 15.0)
    fine = naive.flatten(disc, 1000)
    x, y = fine.T
    area = abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2
    assert drawn_coverage([disc], 40, 40).sum() == pytest.approx(area, rel=1e-5)


def svg_color(color: Iterable[float]) -> str:
    return f"rgb({','.join(f'{100 * channel:.4f}%' for channel in color)})"


def svg_ramp(scene: Scene, path: int) -> str:
    """The element that a path's ramp is in SVG; nothing for a flat path."""
    if scene.ramps is None or scene.ramps.kinds[path] == 0:
        return ""
    x, y, end_x, end_y = scene.ramps.axes[path]
    kind, axis = "linear", f'x1="{x:.5f}" y1="{y:.5f}" x2="{end_x:.5f}" y2="{end_y:.5f}"'
    if scene.ramps.kinds[path] == 2:
        kind, axis = "radial", f'cx="{x:.5f}" cy="{y:.5f}" r="{np.hypot(end_x - x, end_y - y):.5f}"'
    colors = (scene.colors[path, :3], scene.ramps.colors[path])
    stops = [f'<stop offset="{i}" stop-color="{svg_color(c)}"/>' for i, c in enumerate(colors)]
    return (
        f'<{kind}Gradient id="ramp{path}" gradientUnits="userSpaceOnUse" {axis}>'
        f"{''.join(stops)}</{kind}Gradient>"
    )


def svg_of(scene: Scene, size: int) -> str:
    """The scene as SVG text, without any of our own writer's code."""
    paths = [svg_ramp(scene, i) for i in range(len(scene.colors))]
    for i, (*color, alpha) in enumerate(scene.colors):
        outline = ""
        for points in naive.subpaths(scene, i):
            ring_points = np.concatenate([points, points[:1]])
            outline += "M{:.5f} {:.5f} ".format(*ring_points[0])
            for control in ring_points[1:].reshape(-1, 6):
                outline += "C{:.5f} {:.5f} {:.5f} {:.5f} {:.5f} {:.5f} ".format(*control)
            outline += "Z "
        fill = f"url(#ramp{i})" if paths[i] else svg_color(color)
        paths.append(f'<path d="{outline}" fill="{fill}" fill-opacity="{alpha:.5f}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        f'viewBox="0 0 {size} {size}">{"".join(paths)}</svg>'
    )


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_agrees_with_resvg(seed: int, ramps: bool) -> None:
    resvg = pytest.importorskip("resvg_py")
    image_module = pytest.importorskip("PIL.Image")
    size = 160
    scene = random_scene(seed, size, paths=12, opaque=seed % 2 == 0, tangle=3.0, ramps=ramps)
    png = bytes(resvg.svg_to_bytes(svg_string=svg_of(scene, size), background="#ffffff"))
    theirs = np.asarray(image_module.open(io.BytesIO(png)).convert("RGB")) / 255.0
    ours = render(scene, size, size)
    assert np.abs(ours - theirs).mean() < 2 / 255
    assert np.percentile(np.abs(ours - theirs), 99) < 8 / 255


def test_a_hole_shows_what_lies_below() -> None:
    below = opaque([rectangle(0, 0, 20, 20)], (0.2, 0.4, 0.6))
    scene = pack([below, opaque(ring((10, 10), 8, 4), (1, 0, 0))])
    image = render(scene, 20, 20)
    assert np.allclose(image[10, 10], (0.2, 0.4, 0.6), atol=1e-6)
    assert np.allclose(image[10, 4], (1, 0, 0), atol=1e-6)
    assert np.allclose(image[0, 0], (0.2, 0.4, 0.6), atol=1e-6)


def test_a_sub_path_that_runs_the_same_way_is_no_hole() -> None:
    filled = drawn_coverage([circle((10, 10), 8), circle((10, 10), 4)], 20, 20)
    assert np.allclose(filled, drawn_coverage([circle((10, 10), 8)], 20, 20), atol=1e-6)


def test_direction_does_not_matter() -> None:
    disc = circle((9.3, 10.1), 6.7)
    backwards = drawn_coverage([reversed_subpath(disc)], 20, 20)
    assert np.allclose(backwards, drawn_coverage([disc], 20, 20), atol=1e-6)


def test_opacity_mixes_in_srgb_values() -> None:
    half_black = Path([rectangle(0, 0, 4, 4)], np.array([0, 0, 0, 0.5], np.float32))
    assert np.allclose(render(pack([half_black]), 4, 4), 0.5, atol=1e-6)
    assert np.allclose(render(pack([half_black, half_black]), 4, 4), 0.25, atol=1e-6)


def square_with(ramp: Ramp, opacity: float = 1.0) -> Scene:
    """From black to the ramp's color, over all of a canvas of 20 x 20 pixels."""
    return pack([Path([rectangle(0, 0, 20, 20)], np.float32([0, 0, 0, opacity]), ramp=ramp)])


def white_ramp(kind: str, start: tuple[float, float], end: tuple[float, float]) -> Ramp:
    return Ramp(kind, np.float32(start), np.float32(end), np.ones(3, np.float32))


def test_a_linear_ramp_is_clamped_at_both_ends() -> None:
    image = render(square_with(white_ramp("linear", (5, 3), (15, 3))), 20, 20, BLACK)
    expected = ((np.arange(20) + 0.5 - 5) / 10).clip(0, 1)
    assert np.abs(image - expected[None, :, None]).max() < 1e-6


def test_a_radial_ramp_is_clamped_at_its_circle() -> None:
    """Any point of the circle says the same."""
    columns, rows = np.meshgrid(np.arange(20) + 0.5, np.arange(20) + 0.5)
    expected = (np.hypot(columns - 8, rows - 11) / 5).clip(0, 1)
    for end in ((13, 11), (8, 6), (5, 7)):
        image = render(square_with(white_ramp("radial", (8, 11), end)), 20, 20, BLACK)
        assert np.abs(image - expected[..., None]).max() < 1e-6


def test_opacity_is_the_same_all_along_a_ramp() -> None:
    ramp = white_ramp("linear", (0, 0), (20, 0))
    whole, half = (render(square_with(ramp, opacity), 20, 20, BLACK) for opacity in (1.0, 0.5))
    assert np.abs(half - whole / 2).max() < 1e-6


@pytest.mark.parametrize("kind", ["linear", "radial"])
def test_a_ramp_of_no_length_is_at_its_end_everywhere(kind: str) -> None:
    image = render(square_with(white_ramp(kind, (8, 8), (8, 8))), 20, 20, BLACK)
    assert np.allclose(image, 1.0, atol=1e-6)


def test_ramps_change_nothing_for_flat_paths() -> None:
    scene = random_scene(6, SIZE, ramps=True)
    kinds = np.zeros(6, np.int32)
    flat = scene._replace(ramps=scene.ramps._replace(kinds=kinds))
    target = np.zeros((SIZE, SIZE, 3), np.float32)
    step, expected = fit_step(flat, target), fit_step(scene._replace(ramps=None), target)
    assert all(np.array_equal(a, b) for a, b in zip(step[:5], expected[:5], strict=True))
    assert not step.ramp_axis_gradient.any() and not step.ramp_color_gradient.any()
    assert expected.ramp_axis_gradient is None and expected.ramp_color_gradient is None


def test_later_paths_lie_on_top() -> None:
    red, blue = (
        opaque([circle((8, 8), 5)], (1, 0, 0)),
        opaque([circle((8, 8), 5)], (0, 0, 1)),
    )
    assert np.allclose(render(pack([red, blue]), 16, 16)[8, 8], (0, 0, 1), atol=1e-6)
    assert np.allclose(render(pack([blue, red]), 16, 16)[8, 8], (1, 0, 0), atol=1e-6)


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("corner", [(0, 0), (13, 7), (40, 40)])
def test_a_window_into_a_larger_canvas_shows_the_same(corner: tuple[int, int], ramps: bool) -> None:
    """Shapes off the canvas on any side do not change the picture on it."""
    column, row = corner
    scene = random_scene(7, SIZE, paths=9, tangle=3.0, ramps=ramps)
    whole = render(scene, 96, 96)
    window = render(moved(scene, (-column, -row)), 20, 24)
    assert np.abs(window - whole[row : row + 24, column : column + 20]).max() < 1e-4


@pytest.mark.parametrize("offset", [(500, 0), (-500, 0), (0, 500), (0, -500)])
def test_paths_off_the_canvas_draw_nothing(offset: tuple[int, int]) -> None:
    scene = moved(random_scene(3, SIZE), offset)
    background = np.random.default_rng(0).uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    assert np.array_equal(render(scene, SIZE, SIZE, background), background)
    assert not fit_step(scene, background).point_gradient.any()


def test_a_shape_much_larger_than_the_canvas_fills_it() -> None:
    coverage = drawn_coverage([circle((10.0, 10.0), 3000.0)], 30, 20)
    assert np.abs(coverage - 1.0).max() < 1e-4


def test_one_color_is_the_same_background_as_an_image_of_it() -> None:
    scene = random_scene(1, SIZE)
    color = (0.25, 0.5, 0.125)
    as_image = np.broadcast_to(np.array(color, np.float32), (SIZE, SIZE, 3))
    assert np.array_equal(render(scene, SIZE, SIZE, color), render(scene, SIZE, SIZE, as_image))


def test_the_canvas_need_not_be_square() -> None:
    scene = random_scene(2, 40)
    assert np.abs(render(scene, 53, 31) - naive.render(scene, 53, 31)).max() < 0.006


@pytest.mark.parametrize("ramps", [False, True])
def test_a_fit_step_draws_what_render_draws(ramps: bool) -> None:
    scene = random_scene(4, SIZE, tangle=2.0, ramps=ramps)
    target = np.zeros((SIZE, SIZE, 3), np.float32)
    background = (0.9, 0.1, 0.3)
    image = fit_step(scene, target, background=background).image
    assert np.array_equal(image, render(scene, SIZE, SIZE, background))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_squared_error_is_that_of_the_image(weighted: bool) -> None:
    random = np.random.default_rng(8)
    scene = random_scene(4, SIZE)
    target = random.uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    weight = random.uniform(0, 3, (SIZE, SIZE)).astype(np.float32) if weighted else None
    step = fit_step(scene, target, weight=weight)
    squared = (step.image.astype(np.float64) - target) ** 2
    expected = (squared * (1.0 if weight is None else weight[..., None])).sum() / squared.size
    assert step.squared_error == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("ramps", [False, True])
def test_results_do_not_depend_on_threads_or_on_the_run(ramps: bool) -> None:
    random = np.random.default_rng(2)
    scene = random_scene(9, 200, paths=40, tangle=5.0, ramps=ramps)
    target = random.uniform(0, 1, (200, 200, 3)).astype(np.float32)
    weight = random.uniform(0, 1, (200, 200)).astype(np.float32)
    first = fit_step(scene, target, weight=weight, threads=1)
    picture = render(scene, 200, 200, threads=1)
    for threads in (1, 2, 3, 8, 0):
        again = fit_step(scene, target, weight=weight, threads=threads)
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
        assert np.array_equal(picture, render(scene, 200, 200, threads=threads))


def test_a_scene_without_paths_is_its_background() -> None:
    background = np.random.default_rng(0).uniform(0, 1, (7, 5, 3)).astype(np.float32)
    target = np.zeros((7, 5, 3), np.float32)
    step = fit_step(pack([]), target, background=background)
    assert np.array_equal(step.image, background)
    assert step.squared_error == pytest.approx(float((background.astype(float) ** 2).mean()))
    assert step.point_gradient.shape == (0, 2) and step.color_gradient.shape == (0, 4)
