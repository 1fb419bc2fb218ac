# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of texture with flat colors in between are no flat art."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as Pillow
from supersampled import Layer, disc, draw

from semvec.core.flat.palette import to_bytes
from semvec.core.flat.texture import is_textured
from semvec.core.image import Image, resize
from semvec.core.pipeline.flat_art import kind_of
from semvec.core.settings import Settings

SIDE = 240


def shade(side: int) -> np.ndarray:
    """Return a smooth picture of a few bumps: [side, side] in [0, 1]."""
    y, x = np.mgrid[:side, :side] / side
    return np.clip(0.5 + 0.7 * np.sin(5 * x + 2 * y) * np.cos(4 * y - x), 0, 1)


def gray(values: np.ndarray) -> Image:
    return Image(np.repeat(values[..., None], 3, 2).astype(np.float32), None)


def recognized(image: Image, side: int = 512) -> str:
    return kind_of(image, resize(image, side), Settings(), False)


def test_a_dithered_photograph_is_a_photograph_once_its_dots_mix() -> None:
    pixels = (255 * shade(600)).astype(np.uint8)
    dots = gray(np.array(Pillow.fromarray(pixels).convert("1"), float))
    assert recognized(dots, 600) == "flat"
    assert recognized(dots, 313) == "photo"


def test_pencil_on_white_paper_is_a_photograph() -> None:
    grain = np.random.default_rng(0).random((SIDE, SIDE))
    grain = (
        grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))
    ) / 4
    drawn = np.clip(1.0 - 2.0 * np.clip(shade(SIDE) - 0.5, 0, 1) * grain, 0, 1)
    drawn[[0, -1]] = drawn[:, [0, -1]] = 0.0
    pixels = to_bytes(gray(drawn).rgb, None)
    assert is_textured(pixels)
    assert recognized(gray(drawn)) == "photo"


def test_a_screen_of_dots_is_flat_art_while_the_dots_can_be_told_apart() -> None:
    dots: Layer = (lambda x, y: np.hypot(x % 10 - 5, y % 10 - 5) < 3.6, (255, 207, 112))
    others = [(255, 217, 184), (120, 60, 20), (220, 30, 30), (30, 30, 120), (20, 120, 60)]
    discs: list[Layer] = [(disc(60 + 30 * i, 120, 26), others[i]) for i in range(5)]
    ground: Layer = (lambda x, y: np.ones(x.shape, bool), (255, 233, 176))
    pixels = draw(360, 360, [ground, dots, *discs])
    image = Image(pixels[..., :3].astype(np.float32) / 255.0, None)
    assert recognized(image, 240) == "flat"


def test_a_drawing_of_light_is_a_photograph() -> None:
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    ring = np.abs(np.hypot(x - 120, y - 120) - 70)
    light = np.where(ring < 4, 1.0, 0.8 * np.exp(-np.square(ring / 18)))[..., None]
    rgb = np.clip([0.04, 0.06, 0.1] + light * [0.0, 0.9, 0.9], 0, 1).astype(np.float32)
    assert recognized(Image(rgb, None)) == "photo"


def test_flat_art_with_the_noise_of_jpeg_has_no_texture() -> None:
    layers: list[Layer] = [
        (lambda x, y: np.ones(x.shape, bool), (240, 240, 250)),
        (disc(90, 90, 70), (30, 130, 140)),
        (disc(150, 140, 60), (220, 40, 40)),
    ]
    file = io.BytesIO()
    Pillow.fromarray(draw(SIDE, SIDE, layers)[..., :3]).save(file, "JPEG", quality=30)
    assert not is_textured(np.array(Pillow.open(file).convert("RGBA")))
