# SPDX-License-Identifier: GPL-3.0-or-later
"""Small icons are drawn as what they were rendered from, thin parts included."""

from __future__ import annotations

import numpy as np
import pytest
from supersampled import SAMPLES, Inside, Layer, disc, draw, polygon

from semvec.core.bezier import area, flattened
from semvec.core.drawing import pack
from semvec.core.flat.enlarging import enlarge
from semvec.core.flat.kind import recognize
from semvec.core.flat.palette import Palette, find_palette, premultiplied
from semvec.core.flat.shares import find_shares
from semvec.core.flat.tracing import FlatDrawing, refine_flat, trace_flat
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.rendering.native import render
from semvec.core.settings import Settings

WHITE: Layer = (lambda x, y: np.ones(x.shape, bool), (255, 255, 255))
TEAL, RED, BLACK = (30, 130, 140), (220, 40, 40), (0, 0, 0)
SQUARE = [(10.3, 11.6), (48.2, 15.1), (44.8, 50.4), (7.9, 43.2)]


def traced(layers: list[Layer], side: int = 64) -> FlatDrawing:
    pixels = draw(side, side, layers)
    found = trace_flat(pixels, 64, threads=1)
    return found._replace(paths=refine_flat(found, 1))


def coverage(inside: Inside, side: int) -> np.ndarray:
    """Count the samples of each pixel that are inside, as a fraction: [H, W]."""
    places = (np.arange(side * SAMPLES) + 0.5) / SAMPLES
    px, py = np.meshgrid(places, places)
    return inside(px, py).reshape(side, SAMPLES, side, SAMPLES).mean(axis=(1, 3))


@pytest.mark.parametrize("radius", [3.4, 9.7, 20.2])
def test_a_small_disc_is_round_to_a_tenth_of_a_pixel(radius: float) -> None:
    path = traced([WHITE, (disc(30.3, 31.7, radius), TEAL)]).paths[1]
    off = np.hypot(*(flattened(path.subpaths[0]) - [30.3, 31.7]).T) - radius
    assert np.abs(off).max() < 0.1
    assert path.nodes <= 6


def test_a_small_polygon_keeps_its_corners_and_gets_one_node_for_each() -> None:
    path = traced([WHITE, (polygon(SQUARE), RED)]).paths[1]
    anchors = path.subpaths[0][::3]
    distances = np.hypot(*(anchors[:, None] - np.array(SQUARE)).transpose(2, 0, 1))
    assert path.nodes == 4
    assert distances.min(axis=0).max() < 0.2


def test_a_gear_of_few_pixels_has_no_needles() -> None:
    angles = np.radians(np.arange(0, 180, 45))

    def gear(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        inside = np.hypot(x - 8, y - 8) < 5
        for cosine, sine in zip(np.cos(angles), np.sin(angles), strict=True):
            along, across = (x - 8) * cosine + (y - 8) * sine, (y - 8) * cosine - (x - 8) * sine
            inside |= (np.abs(along) < 6.9) & (np.abs(across) < 0.96)
        return inside

    found = traced([(gear, RED)], 16)
    assert len(found.paths) == 1
    drawn = sum(length(flattened(points)) for points in found.paths[0].subpaths)
    exact = 8 * (2 * 2 + 2 * 0.96 + (2 * np.pi * 5 / 8 - 2 * 0.96))
    assert drawn < 1.1 * exact


def length(vertices: np.ndarray) -> float:
    """Return the length of a closed polygon, [K, 2]."""
    return float(np.hypot(*(np.roll(vertices, -1, axis=0) - vertices).T).sum())


@pytest.mark.parametrize("width", [0.7, 1.3])
def test_a_line_that_fills_no_pixel_keeps_its_width(width: float) -> None:
    corners = [(8.2, 20.3), (52.1, 31.4), (52.1, 31.4 + width), (8.2, 20.3 + width)]
    drawing = traced([WHITE, (polygon(corners), BLACK)])
    dark = [path for path in drawing.paths if path.fill[:3].max() < 0.5]
    darkness = sum(abs(area(path.subpaths)) * (1 - path.fill[:3].mean()) for path in dark)
    assert darkness == pytest.approx(43.9 * width, rel=0.1)


def test_the_shares_are_the_areas_that_the_colors_cover() -> None:
    shapes = [disc(30.3, 31.7, 20.2), disc(36.1, 28.2, 9.6)]
    found = find_shares(*with_palette(draw(64, 64, [WHITE, (shapes[0], TEAL), (shapes[1], RED)])))
    inner = coverage(shapes[1], 64)
    expected = {(*RED, 255): inner, (*TEAL, 255): coverage(shapes[0], 64) - inner}
    for color, share in expected.items():
        number = int(np.flatnonzero((found.palette.colors == color).all(axis=1))[0])
        assert np.abs(found.shares[number] - share).max() < 0.02
    np.testing.assert_allclose(found.shares.sum(axis=0), 1.0, atol=1e-5)


def test_a_color_that_fills_no_block_is_found() -> None:
    pixels = draw(64, 64, [WHITE, (disc(30.3, 31.7, 20.2), TEAL), (disc(28.5, 30.5, 0.9), RED)])
    assert not (find_palette(pixels).colors == (*RED, 255)).all(axis=1).any()
    found = find_shares(*with_palette(pixels)).palette.colors.astype(int)
    assert np.abs(found - (*RED, 255)).max(axis=1).min() <= 12


def stacked(layers: list[Layer], side: int = 64) -> np.ndarray:
    """Cover pixels with one layer after the other, as viewers do: uint8 [H, W, 4]."""
    values = np.zeros((side, side, 4))
    for inside, color in layers:
        share = coverage(inside, side)[..., None]
        values = share * np.array([*color, 255.0]) + (1.0 - share) * values
    straight = values[..., :3] * 255.0 / np.maximum(values[..., 3:], 1e-9)
    return np.rint(np.concatenate([straight, values[..., 3:]], axis=2)).astype(np.uint8)


def test_an_edge_of_two_shapes_is_one_edge_without_a_rim() -> None:
    whole = disc(30.3, 31.7, 20.2)

    def upper_half(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return whole(x, y) & (y < 30)

    pixels = stacked([(whole, RED), (upper_half, TEAL)])
    paths = refine_flat(trace_flat(pixels, 8, threads=1), 1)
    assert sorted(tuple(np.rint(path.fill[:3] * 255)) for path in paths) == [TEAL, RED]
    upper = next(path for path in paths if path.fill[0] < 0.5)
    outline = flattened(upper.subpaths[0])
    off = np.hypot(*(outline[outline[:, 1] < 26] - [30.3, 31.7]).T) - 20.2
    assert np.abs(off).max() < 0.1


def test_shapes_that_meet_on_transparency_leave_no_gap() -> None:
    slope = [(0.0, 20.3), (64.0, 41.9)]
    above = polygon([(0.0, 0.0), (64.0, 0.0), slope[1], slope[0]])
    below = polygon([(0.0, 50.0), (0.0, 20.3), slope[1], (64.0, 50.0)])
    pixels = stacked([(above, RED), (below, TEAL)])
    seam = (pixels[..., 3] < 255) & (np.arange(64)[:, None] < 45)
    assert seam.sum() > 50
    found = find_shares(*with_palette(pixels))
    clear = int(np.flatnonzero(found.palette.colors[:, 3] == 0)[0])
    assert (found.shares[clear][seam] < 0.02).mean() > 0.9


def test_a_rim_that_was_drawn_stays() -> None:
    discs = [(disc(30.3, 31.7, radius), color) for radius, color in ((20.6, RED), (20.2, TEAL))]
    found = find_shares(*with_palette(draw(64, 64, discs)))
    red = np.abs(found.palette.colors.astype(int) - (*RED, 255)).max(axis=1).argmin()
    assert found.shares[red].sum() == pytest.approx(np.pi * (20.6**2 - 20.2**2), rel=0.15)


def test_stems_that_half_cover_two_columns_have_their_own_color() -> None:
    stems = [polygon([(x, 8.0), (x + 1, 8.0), (x + 1, 56.0), (x, 56.0)]) for x in (9.5, 21.5, 33.5)]
    blocks = [(stem, BLACK) for stem in stems] + [(disc(48.0, 30.0, 9.3), BLACK)]
    pixels = draw(64, 64, blocks)
    assert (find_palette(pixels).colors[:, 3] == 128).any()
    paths = trace_flat(pixels, 8, threads=1).paths
    assert {float(path.fill[3]) for path in paths} == {1.0}
    assert sum(abs(area(path.subpaths)) for path in paths) == pytest.approx(
        3 * 48 + np.pi * 9.3**2, rel=0.05
    )


def with_palette(pixels: np.ndarray) -> tuple[np.ndarray, Palette]:
    return pixels, find_palette(pixels)


def test_finer_pixels_have_the_shares_of_their_pixel() -> None:
    pixels = draw(48, 48, [(disc(24.2, 23.1, 15.7), TEAL), (disc(20.2, 23.1, 5.1), RED)])
    found = find_shares(*with_palette(pixels))
    fine = enlarge(found, premultiplied(found.palette.colors), 4)
    for number, share in enumerate(found.shares):
        mean = (fine.labels == number).reshape(48, 4, 48, 4).mean(axis=(1, 3))
        assert np.abs(mean - share).mean() < 0.01
    means = fine.values.reshape(48, 4, 48, 4, 4).mean(axis=(1, 3))
    assert np.abs(means - premultiplied(pixels)).mean() < 1.0


@pytest.mark.parametrize("side", [16, 24, 32, 48, 64])
@pytest.mark.parametrize("ground", [[WHITE], []])
def test_a_small_icon_is_flat_art(side: int, ground: list[Layer]) -> None:
    layers = [*ground, (disc(side * 0.48, side * 0.51, side * 0.37), TEAL)]
    layers.append((disc(side * 0.42, side * 0.45, side * 0.16), RED))
    assert recognize(draw(side, side, layers)) == "flat"


@pytest.mark.parametrize("side", [32, 64, 120])
def test_a_small_photograph_is_a_photograph(side: int) -> None:
    y, x = np.mgrid[:side, :side] / side
    shades = np.stack([x * y, 0.5 + 0.4 * np.sin(9 * x + 4 * y), 1 - y, np.ones(x.shape)], axis=2)
    noise = np.random.default_rng(4).normal(0, 0.02, (side, side, 4)) * [1, 1, 1, 0]
    assert recognize(np.rint((shades + noise).clip(0, 1) * 255).astype(np.uint8)) == "photo"


@pytest.mark.parametrize("side", [1, 2, 5, 17])
def test_noise_of_any_size_gives_a_drawing(side: int) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (side, side + 2, 4), np.uint8)
    noise[..., 3] = 255
    assert 1 <= len(trace_flat(noise, 12, threads=1).paths) <= 12


def shaded_disc(side: int, ground: tuple[int, ...]) -> np.ndarray:
    """A shaded and noisy disc with a soft edge on an even ground: uint8 [H, W, 4]."""
    y, x = np.mgrid[:side, :side] / side
    noise = np.random.default_rng(4).normal(0.0, 0.05, (side, side))
    colors = np.stack([0.9 - 0.6 * y, 0.3 + 0.5 * x, 0.2 + noise, np.ones(x.shape)], axis=2)
    cover = (side * (0.4 - np.hypot(x - 0.5, y - 0.5)) + 0.5).clip(0.0, 1.0)[..., None]
    below = np.array(ground) / 255.0
    opacity = cover + (1.0 - cover) * below[3]
    mixed = cover * colors[..., :3] + (1.0 - cover) * below[3] * below[:3]
    straight = np.where(opacity > 0.0, mixed / np.maximum(opacity, 1e-9), 0.0)
    values = np.concatenate([straight, opacity], axis=2)
    return np.rint(255.0 * values.clip(0.0, 1.0)).astype(np.uint8)


@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (255, 255, 255, 255)])
@pytest.mark.parametrize(("side", "kind"), [(16, "pixel"), (32, "pixel"), (48, "photo")])
def test_a_tiny_shaded_picture_on_a_ground_is_pixel_art(
    side: int, kind: str, ground: tuple[int, ...]
) -> None:
    assert recognize(shaded_disc(side, ground)) == kind


def test_a_tiny_icon_of_stripes_too_thin_to_be_flat_is_flat_art() -> None:
    stripes = [polygon([(3, y), (29, y + 2), (29, y + 3.4), (3, y + 1.4)]) for y in range(4, 26, 4)]
    assert recognize(draw(32, 32, [(stripe, TEAL) for stripe in stripes])) == "flat"


def test_a_tiny_shaded_picture_is_drawn_exactly_and_nothing_is_where_it_is_clear() -> None:
    pixels = shaded_disc(16, (0, 0, 0, 0))
    values = pixels.astype(np.float32) / 255.0
    result = vectorize(Image(values[..., :3], values[..., 3]), Settings(budget=256, threads=1))
    assert result.report["kind"] == "pixel"
    for gray in (0.0, 1.0):
        shown = render(pack(result.drawing.paths), 16, 16, (gray, gray, gray), threads=1)
        wanted = values[..., :3] * values[..., 3:] + gray * (1.0 - values[..., 3:])
        assert np.abs(shown - wanted).max() < 1.5 / 255
