# SPDX-License-Identifier: GPL-3.0-or-later
"""Flat colors are found to the byte, through noise to a few levels, and mixtures are none."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow
from supersampled import Layer, disc, draw

from semvec.core.flat.labels import label_pixels
from semvec.core.flat.palette import find_palette, premultiplied, to_bytes

WHITE: Layer = (lambda x, y: np.ones(x.shape, bool), (255, 255, 255))
LAYERS: list[Layer] = [
    WHITE,
    (disc(50, 50, 40), (30, 130, 140)),
    (disc(40, 44, 14), (220, 40, 40)),
    (disc(66, 60, 12), (250, 200, 20)),
]
COLORS = {(255, 255, 255), (30, 130, 140), (220, 40, 40), (250, 200, 20)}


def as_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    data = io.BytesIO()
    Pillow.fromarray(pixels[..., :3]).save(data, "JPEG", quality=quality)
    rgb = np.asarray(Pillow.open(data).convert("RGB"), np.float32) / 255
    return to_bytes(rgb, None)


def test_the_palette_holds_the_flat_colors_and_no_mixture() -> None:
    palette = find_palette(draw(100, 100, LAYERS))
    assert {tuple(color[:3].tolist()) for color in palette.colors} == COLORS


def test_the_most_frequent_color_is_first() -> None:
    palette = find_palette(draw(100, 100, LAYERS))
    counts = [(palette.numbers == i).sum() for i in range(len(palette.colors))]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("quality", [50, 70, 85, 95])
def test_ripples_of_a_jpeg_beside_edges_are_no_color(quality: int) -> None:
    picture = draw(200, 200, [WHITE, (disc(100, 100, 80), (220, 38, 38)), (ring, (255, 255, 255))])
    found = find_palette(as_jpeg(picture, quality)).colors[:, :3].astype(int)
    assert len(found) == 2
    assert np.abs(found - [[255, 255, 255], [220, 38, 38]]).max() <= 3


def test_a_shade_that_fills_an_area_of_a_jpeg_is_a_color() -> None:
    shade = (232, 60, 60)
    picture = draw(200, 200, [*LAYERS, (disc(130, 130, 60), (220, 38, 38)), (ring, shade)])
    found = find_palette(as_jpeg(picture, 80)).colors[:, :3].astype(int)
    assert np.abs(found - shade).max(axis=1).min() <= 4


def ring(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(np.hypot(x - 110, y - 110) - 40) < 4


def test_noise_of_a_jpeg_is_no_color() -> None:
    palette = find_palette(as_jpeg(draw(200, 200, [*LAYERS, (disc(130, 140, 50), (9, 9, 90))]), 80))
    found = palette.colors[:, :3].astype(int)
    for color in COLORS:
        assert np.abs(found - color).max(axis=1).min() <= 3
    assert len(found) <= 12


def test_mixed_pixels_get_the_color_they_have_most_of() -> None:
    pixels = draw(100, 100, LAYERS[:2])
    palette = find_palette(pixels)
    labels = label_pixels(pixels, palette)
    share = (255 - pixels[..., 0].astype(float)) / (255 - 30)
    clear_cut = np.abs(share - 0.5) > 0.02
    teal = int(np.flatnonzero(palette.colors[:, 0] == 30)[0])
    assert ((labels == teal) == (share > 0.5))[clear_cut].all()


def test_clear_pixels_are_one_color_whatever_they_hide() -> None:
    rgb = np.random.default_rng(0).random((8, 8, 3), np.float32)
    pixels = to_bytes(rgb, np.zeros((8, 8), np.float32))
    assert not pixels.any()


def test_premultiplied_colors_mix_linearly() -> None:
    colors = np.array([[200, 100, 50, 255], [200, 100, 50, 51]], np.uint8)
    np.testing.assert_allclose(premultiplied(colors)[1], [40, 20, 10, 51])
