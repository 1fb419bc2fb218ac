# SPDX-License-Identifier: GPL-3.0-or-later
"""Areas painted with a gradient come back as one shape with that gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from supersampled import Inside, disc, draw, polygon

from semvec.core.drawing import pack
from semvec.core.flat.gradients import fit_gradient, pieces_of
from semvec.core.flat.kind import has_shades, recognize
from semvec.core.flat.options import ColorOptions
from semvec.core.flat.shades import flattened
from semvec.core.flat.tracing import FlatDrawing, refine_flat, trace_flat
from semvec.core.rendering.native import render

SIDE = 120
BLUE, RED, GOLD = (20, 60, 220), (230, 40, 60), (250, 200, 20)
Colors = Callable[[np.ndarray, np.ndarray], np.ndarray]


def linear(places: list[float], colors: list[tuple[int, ...]], angle: float = 0.6) -> Colors:
    """Colors, of 255, at places in pixels along a direction; angle: radians."""

    def at(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        along = x * np.cos(angle) + y * np.sin(angle)
        return np.stack([np.interp(along, places, c) for c in np.array(colors).T], axis=-1)

    return at


def radial(
    x: float, y: float, radius: float, inner: tuple[int, ...], outer: tuple[int, ...]
) -> Colors:
    def at(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        share = np.clip(np.hypot(px - x, py - y) / radius, 0, 1)[..., None]
        return np.array(inner) * (1 - share) + np.array(outer) * share

    return at


def shaded(*layers: tuple[Inside, Colors], side: int = SIDE) -> np.ndarray:
    """Shapes with colors over each other on a clear canvas: uint8 [side, side, 4]."""
    y, x = np.mgrid[:side, :side] + 0.5
    total = np.zeros((side, side, 4))
    for inside, colors in layers:
        coverage = draw(side, side, [(inside, (0, 0, 0))])[..., 3:] / 255
        total = (
            coverage * np.dstack([colors(x, y), np.full(x.shape, 255.0)]) + (1 - coverage) * total
        )
    total[..., :3] /= np.maximum(total[..., 3:] / 255, 1e-9)
    pixels = np.rint(total).astype(np.uint8)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def traced(pixels: np.ndarray, budget: int = 16) -> FlatDrawing:
    found = trace_flat(pixels, budget, threads=1)
    return found._replace(paths=refine_flat(found, 1))


def psnr(drawing: FlatDrawing, pixels: np.ndarray, gray: float) -> float:
    alpha = pixels[..., 3:] / 255
    wanted = pixels[..., :3] / 255 * alpha + (1 - alpha) * gray
    shown = render(pack(drawing.paths), pixels.shape[1], pixels.shape[0], (gray,) * 3)
    return float(-10 * np.log10(np.square(shown - wanted).mean()))


SLOPE = linear([20, 120], [BLUE, RED])
FADE = radial(50, 55, 60, GOLD, RED)


@pytest.mark.parametrize("kind, colors", [("linear", SLOPE), ("radial", FADE)])
def test_a_shaded_disc_is_one_path_with_one_gradient(kind: str, colors: Colors) -> None:
    pixels = shaded((disc(60.3, 59.8, 48.2), colors))
    found = traced(pixels)
    assert [path.ramp and path.ramp.kind for path in found.paths] == [kind]
    assert found.paths[0].nodes <= 6
    assert min(psnr(found, pixels, 0), psnr(found, pixels, 1)) > 42


def test_the_stops_of_a_gradient_come_back() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(0, 100, (900, 2))
    places, colors = [30, 60, 100], [BLUE, GOLD, RED]
    values = np.rint(
        np.dstack([linear(places, colors)(*points.T)[None], np.full((1, 900, 1), 255)])
    )[0]
    slopes = np.zeros((900, 2, 4))
    slopes[:, 0, 0], slopes[:, 1, 0] = np.cos(0.5), np.sin(0.5)
    found = fit_gradient(points, values, slopes)
    assert found is not None and found.kind == "linear"
    turn = np.angle(complex(*found.axis) / np.exp(0.6j))
    assert min(abs(turn), np.pi - abs(turn)) < 0.01
    assert len(pieces_of(found) or []) == 2
    assert np.abs(found.at(points) - values).max() < 4


def test_more_stops_are_pieces_without_a_seam() -> None:
    colors = linear([30, 70, 120], [BLUE, GOLD, RED])
    pixels = shaded((disc(60, 60, 50), colors))
    found = traced(pixels)
    assert [path.ramp is not None for path in found.paths] == [True, True]
    assert min(psnr(found, pixels, 0), psnr(found, pixels, 1)) > 40


def test_shapes_lie_on_a_shaded_ground() -> None:
    everywhere = polygon([(-1, -1), (SIDE + 1, -1), (SIDE + 1, SIDE + 1), (-1, SIDE + 1)])
    white = linear([0, 1], [(255, 255, 255)] * 2)
    pixels = shaded((everywhere, SLOPE), (disc(60, 60, 25), white))
    assert recognize(pixels) == "flat"
    found = traced(pixels)
    assert [path.ramp is not None for path in found.paths] == [True, False]
    assert psnr(found, pixels, 0) > 45


def test_half_transparent_shades_keep_their_opacity() -> None:
    pixels = shaded((disc(60, 60, 48), SLOPE))
    pixels[..., 3] = np.rint(pixels[..., 3] * 0.5)
    found = traced(pixels)
    assert [path.ramp is not None for path in found.paths] == [True]
    assert found.paths[0].fill[3] == pytest.approx(0.5, abs=0.01)
    assert min(psnr(found, pixels, 0), psnr(found, pixels, 1)) > 42


def test_shades_are_of_one_color_where_colors_are_asked_for() -> None:
    pixels = shaded((disc(60, 60, 48), SLOPE))
    found = trace_flat(pixels, 16, threads=1, options=ColorOptions(most=2))
    assert [path.ramp for path in found.paths] == [None]
    assert np.abs(found.paths[0].fill[:3] * 255 - np.mean([BLUE, RED], axis=0)).max() < 30


@pytest.mark.parametrize("side", [24, 48, 120, 300])
def test_a_shaded_logo_is_flat_art(side: int) -> None:
    scale = side / SIDE
    colors = linear([20 * scale, 120 * scale], [BLUE, RED])
    pixels = shaded((disc(60 * scale, 60 * scale, 52 * scale), colors), side=side)
    assert recognize(pixels) == "flat"


def test_a_shade_without_an_outline_is_no_drawing() -> None:
    everywhere = polygon([(-1, -1), (SIDE + 1, -1), (SIDE + 1, SIDE + 1), (-1, SIDE + 1)])
    assert not has_shades(shaded((everywhere, SLOPE)))


def test_noise_has_no_shades() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 90, 4), np.uint8)
    assert not flattened(pixels).shades


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (3, 40)])
def test_pictures_of_few_pixels_are_traced(shape: tuple[int, int]) -> None:
    shade = np.linspace(0, 255, shape[0] * shape[1]).reshape(shape).astype(np.uint8)
    for alpha in (0, 1, 255):
        pixels = np.dstack([shade, shade, shade, np.full(shape, alpha, np.uint8)])
        pixels[pixels[..., 3] == 0] = 0
        assert len(trace_flat(pixels, 8, threads=1).paths) <= 8
