# SPDX-License-Identifier: GPL-3.0-or-later
"""Flat art is drawn as it was made, with few nodes and no more paths than allowed."""

from __future__ import annotations

import numpy as np
import pytest
from supersampled import Layer, disc, draw, polygon

from semvec.core.bezier import area, flattened
from semvec.core.drawing import Path, pack
from semvec.core.flat.options import ColorOptions
from semvec.core.flat.tracing import FlatDrawing, refine_flat, trace_flat
from semvec.core.rendering.native import render

WHITE: Layer = (lambda x, y: np.ones(x.shape, bool), (255, 255, 255))
TEAL, RED, GOLD = (30, 130, 140), (220, 40, 40), (250, 200, 20)
SQUARE = [(20.3, 20.6), (75.2, 24.1), (70.8, 80.4), (15.9, 70.2)]


def traced(layers: list[Layer], budget: int = 64, threads: int = 1) -> FlatDrawing:
    return traced_pixels(draw(96, 96, layers), budget, threads)


def traced_pixels(pixels: np.ndarray, budget: int = 64, threads: int = 1) -> FlatDrawing:
    found = trace_flat(pixels, budget, threads=threads)
    return found._replace(paths=refine_flat(found, threads))


def fills(drawing: FlatDrawing) -> list[tuple[int, ...]]:
    return [tuple(np.rint(path.fill * 255).astype(int).tolist()) for path in drawing.paths]


def radii(path: Path, x: float, y: float) -> np.ndarray:
    return np.hypot(*(flattened(path.subpaths[0]) - [x, y]).T)


def test_colors_come_back_to_the_byte() -> None:
    found = traced([WHITE, (disc(40, 40, 25), TEAL), (disc(45, 44, 9), RED)])
    assert fills(found) == [(255, 255, 255, 255), (*TEAL, 255), (*RED, 255)]


def test_a_disc_is_round_to_a_few_hundredths_of_a_pixel() -> None:
    disc_path = traced([WHITE, (disc(40.3, 41.7, 25.2), TEAL)]).paths[1]
    assert np.abs(radii(disc_path, 40.3, 41.7) - 25.2).max() < 0.06
    assert disc_path.nodes <= 6


def test_a_polygon_keeps_its_corners_and_gets_one_node_for_each() -> None:
    found = traced([WHITE, (polygon(SQUARE), RED)]).paths[1]
    anchors = found.subpaths[0][::3]
    distances = np.hypot(*(anchors[:, None] - np.array(SQUARE)).transpose(2, 0, 1))
    assert found.nodes == 4
    assert distances.min(axis=0).max() < 0.15


def test_what_is_clear_stays_clear() -> None:
    layers: list[Layer] = [(disc(40.3, 41.7, 25.2), TEAL)]
    pixels = draw(96, 96, layers)
    scene = pack(traced(layers).paths)
    coverage = 1 - render(scene, 96, 96, (1, 1, 1)).min(axis=2)
    assert coverage[pixels[..., 3] == 0].max() < 0.06


@pytest.mark.parametrize("leave_out", ["", "background"])
def test_a_disc_that_touches_the_border_is_round(leave_out: str) -> None:
    touching: Layer = (disc(81, 81, 81), TEAL)
    pixels = draw(162, 162, [WHITE, touching] if leave_out else [touching])
    found = trace_flat(pixels, 8, threads=1, options=ColorOptions(leave_out=leave_out))
    path = refine_flat(found, 1)[0]
    assert np.abs(radii(path, 81, 81) - 81).max() < 0.1
    assert path.nodes <= 6


def test_a_shape_cut_by_the_canvas_covers_its_border() -> None:
    layers: list[Layer] = [(disc(10, 48, 40), TEAL)]
    shown = render(pack(traced(layers).paths), 96, 96, (1, 1, 1))
    wanted = np.array(TEAL) / 255
    np.testing.assert_allclose(shown[20:76, 0], np.tile(wanted, (56, 1)), atol=0.02)


@pytest.mark.parametrize("is_opaque", [True, False])
def test_shapes_end_at_the_canvas(is_opaque: bool) -> None:
    """Blender shows what is beyond it; a gap within it would show what lies beneath."""
    cut: list[Layer] = [(disc(20, 150, 60), TEAL), (disc(170, 30, 70), (220, 40, 40))]
    pixels = draw(180, 180, [WHITE, *cut] if is_opaque else cut)
    paths = refine_flat(trace_flat(pixels, 8, threads=1), 1)
    points = np.concatenate([points for path in paths for points in path.subpaths])
    assert points.min() == 0
    assert points.max() == 180
    shown = render(pack(paths), 180, 180, (0.0, 1.0, 0.0))
    wanted = np.where(pixels[..., 3:] == 255, pixels[..., :3] / 255, [0.0, 1.0, 0.0])
    solid = np.isin(pixels[..., 3], [0, 255])
    border = np.zeros((180, 180), bool)
    border[[0, -1]] = border[:, [0, -1]] = True
    assert np.median(np.abs(shown - wanted)[border & solid].max(axis=1)) < 1e-3
    assert (np.abs(shown - wanted)[border & solid].max(axis=1) > 0.1).mean() < 0.02


def test_a_half_transparent_area_keeps_color_and_opacity() -> None:
    found = traced([(disc(48, 48, 30), (220, 40, 40, 128))])
    assert len(found.paths) == 1
    red, green, blue, opacity = fills(found)[0]
    assert max(abs(red - 220), abs(green - 40), abs(blue - 40)) <= 1
    assert opacity == 128


def largest_difference(drawing: FlatDrawing, pixels: np.ndarray, gray: float) -> np.ndarray:
    """Return the largest difference of a channel at each pixel, over a gray: [H, W]."""
    values = pixels / 255
    wanted = values[..., :3] * values[..., 3:] + (1 - values[..., 3:]) * gray
    shown = render(pack(drawing.paths), 96, 96, (gray,) * 3)
    return np.abs(shown - wanted).max(axis=2)


@pytest.mark.parametrize("gray", [0.0, 1.0])
def test_nothing_lies_beneath_glass(gray: float) -> None:
    pixels = draw(96, 96, [(disc(48, 48, 40), TEAL)])
    glass, over = disc(48, 48, 28), disc(62, 48, 14)
    rows, columns = np.mgrid[:96, :96] + 0.5
    pixels[glass(columns, rows)] = [0, 60, 90, 90]
    pixels[glass(columns, rows) & over(columns, rows)] = [200, 30, 30, 160]
    off = largest_difference(traced_pixels(pixels), pixels, gray)
    assert np.median(off) < 0.5 / 255
    assert (off > 0.1).mean() < 0.02


def test_a_shape_under_a_smaller_one_is_whole() -> None:
    found = traced([WHITE, (disc(48, 48, 30), TEAL), (disc(48, 48, 12), GOLD)])
    assert len(found.paths[1].subpaths) == 1
    assert area(found.paths[1].subpaths) == pytest.approx(np.pi * 900, rel=0.01)


def eyes() -> list[Layer]:
    return [
        WHITE,
        (disc(48, 48, 40), TEAL),
        (disc(32, 40, 8), GOLD),
        (disc(64, 40, 8), GOLD),
        (disc(32, 40, 3), RED),
        (disc(64, 40, 3), RED),
    ]


def test_areas_are_paths_of_their_own_while_the_budget_lasts() -> None:
    assert len(traced(eyes()).paths) == 6


def test_areas_of_one_color_share_a_path_where_the_budget_asks_for_it() -> None:
    found = traced(eyes(), budget=4)
    assert fills(found) == [(255,) * 4, (*TEAL, 255), (*GOLD, 255), (*RED, 255)]
    assert [len(path.subpaths) for path in found.paths] == [1, 1, 2, 2]


@pytest.mark.parametrize("budget", [1, 2, 3])
def test_the_least_areas_go_first_when_the_budget_is_short(budget: int) -> None:
    found = traced(eyes(), budget=budget)
    expected = [(255,) * 4, (*TEAL, 255), (*GOLD, 255)]
    assert fills(found) == expected[:budget]


def test_the_same_picture_gives_the_same_paths_with_any_number_of_threads() -> None:
    one, four = (traced(eyes(), 8, threads=n).paths for n in (1, 4))
    for first, second in zip(one, four, strict=True):
        for points, same in zip(first.subpaths, second.subpaths, strict=True):
            np.testing.assert_array_equal(points, same)


def test_one_color_is_one_rectangle() -> None:
    found = traced([WHITE])
    assert fills(found) == [(255,) * 4]


def test_a_single_pixel_that_is_not_clear_gives_a_path_or_none() -> None:
    pixels = np.zeros((9, 9, 4), np.uint8)
    pixels[4, 4] = 255
    assert len(traced_pixels(pixels, 8).paths) <= 1


def test_noise_takes_no_more_paths_than_allowed() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (24, 24, 4), np.uint8)
    noise[..., 3] = 255
    assert 1 <= len(traced_pixels(noise, 12).paths) <= 12
