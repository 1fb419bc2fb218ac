# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixel art comes back pixel for pixel, enlarged or not, with a path for each color."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.drawing import Path, pack
from semvec.core.flat.kind import block_size, is_pixel_art, recognize
from semvec.core.flat.pixel_art import trace_pixels
from semvec.core.rendering.native import render

COLORS = np.array(
    [[20, 12, 28], [208, 70, 72], [109, 170, 44], [222, 238, 214], [89, 125, 206]], np.uint8
)


def sprite(size: int, seed: int = 0, clear: bool = False) -> np.ndarray:
    """Blobs of five colors without any mixture: uint8 [size, size, 4]."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 5, (size // 4, size // 4))
    numbers = np.kron(coarse, np.ones((4, 4), int))
    spots = random.random((size, size)) < 0.1
    numbers[spots] = random.integers(0, 5, spots.sum())
    pixels = np.full((size, size, 4), 255, np.uint8)
    pixels[..., :3] = COLORS[numbers]
    if clear:
        pixels[numbers == 0] = 0
    return pixels


def rendered(paths: list[Path], pixels: np.ndarray, background: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    return render(pack(paths), width, height, (background,) * 3)


def over(pixels: np.ndarray, background: float) -> np.ndarray:
    values = pixels.astype(np.float64) / 255
    return values[..., :3] * values[..., 3:] + (1 - values[..., 3:]) * background


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("clear", [False, True])
def test_every_pixel_comes_back(size: int, clear: bool) -> None:
    pixels = sprite(size, size, clear)
    paths = trace_pixels(pixels, 64)
    for background in (0.0, 1.0):
        shown = rendered(paths, pixels, background)
        np.testing.assert_allclose(shown, over(pixels, background), atol=1e-5)


def test_each_color_is_one_path() -> None:
    assert len(trace_pixels(sprite(32), 64)) == 5
    assert len(trace_pixels(sprite(32, clear=True), 64)) == 4


def test_half_transparent_pixels_keep_color_and_opacity() -> None:
    pixels = sprite(16)
    pixels[pixels[..., 0] == 208, 3] = 100
    paths = trace_pixels(pixels, 64)
    np.testing.assert_allclose(rendered(paths, pixels, 1.0), over(pixels, 1.0), atol=1e-5)


def test_enlarged_pixel_art_is_drawn_as_it_was() -> None:
    small = sprite(16)
    large = small.repeat(7, axis=0).repeat(7, axis=1)
    assert block_size(large) == 7
    assert recognize(large) == "pixel"
    original, enlarged = trace_pixels(small, 64), trace_pixels(large, 64)
    for one, other in zip(original, enlarged, strict=True):
        scaled = np.concatenate(one.subpaths) * 7
        np.testing.assert_allclose(scaled, np.concatenate(other.subpaths), rtol=1e-5)


@pytest.mark.parametrize("budget", [1, 2, 4])
def test_a_short_budget_merges_colors(budget: int) -> None:
    assert len(trace_pixels(sprite(32), budget)) == budget


def test_an_anti_aliased_disc_is_no_pixel_art() -> None:
    places = (np.arange(24 * 8) + 0.5) / 8 - 12
    inside = np.hypot(*np.meshgrid(places, places)) < 9
    coverage = inside.reshape(24, 8, 24, 8).mean(axis=(1, 3))
    pixels = np.full((24, 24, 4), 255, np.uint8)
    pixels[..., :3] = np.rint(255 * coverage)[..., None]
    assert not is_pixel_art(pixels)
