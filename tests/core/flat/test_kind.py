# SPDX-License-Identifier: GPL-3.0-or-later
"""Photographs, shades and shadows are told from flat art."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw
from supersampled import Layer, disc, draw

from semvec.core.flat.kind import recognize
from semvec.core.flat.palette import to_bytes
from semvec.core.image import Image, load_image, resize
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import Settings

WHITE: Layer = (lambda x, y: np.ones(x.shape, bool), (255, 255, 255))
LAYERS: list[Layer] = [
    WHITE,
    (disc(100, 100, 80), (30, 130, 140)),
    (disc(80, 88, 28), (220, 40, 40)),
    (disc(132, 120, 24), (250, 200, 20)),
]


def test_discs_are_flat_art() -> None:
    assert recognize(draw(200, 200, LAYERS)) == "flat"


def test_discs_on_clear_ground_are_flat_art() -> None:
    assert recognize(draw(200, 200, LAYERS[1:])) == "flat"


def test_discs_saved_as_jpeg_are_flat_art() -> None:
    data = io.BytesIO()
    Pillow.fromarray(draw(200, 200, LAYERS)[..., :3]).save(data, "JPEG", quality=75)
    rgb = np.asarray(Pillow.open(data).convert("RGB"), np.float32) / 255
    assert recognize(to_bytes(rgb, None)) == "flat"


@pytest.mark.parametrize("quality", [40, 60, 85])
def test_a_jpeg_of_thin_shapes_is_flat_art(quality: int) -> None:
    """Ripples from both sides meet in a thin shape, so that hardly any two pixels are the same."""
    large = Pillow.new("RGB", (1024, 1024), "white")
    pen = ImageDraw.Draw(large)
    for i in range(10):
        box = (90, 90 + 86 * i, 930, 130 + 86 * i)
        pen.rounded_rectangle(box, 20, fill=("#d0342c", "#1f6fb4", "#2f9e44")[i % 3])
    pen.ellipse((300, 300, 720, 720), outline="#222222", width=40)
    data = io.BytesIO()
    large.resize((256, 256), Pillow.Resampling.BOX).save(data, "JPEG", quality=quality)
    assert recognize(np.array(Pillow.open(data).convert("RGBA"))) == "flat"


def test_a_soft_shadow_is_no_flat_art() -> None:
    rows, columns = np.mgrid[:200, :200]
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[..., 3] = 200 * np.exp(-((rows - 100) ** 2 + (columns - 100) ** 2) / 1500)
    assert recognize(pixels) == "photo"


def test_a_smooth_shade_is_no_flat_art() -> None:
    shade = np.linspace(0, 1, 300, dtype=np.float32)[None, :, None]
    rgb = np.broadcast_to(shade, (200, 300, 3)) * np.float32([0.9, 0.5, 0.3])
    assert recognize(to_bytes(rgb, None)) == "photo"


@pytest.mark.parametrize("side", [64, 128])
@pytest.mark.parametrize("spread", [0.03, 0.06, 0.1])
def test_a_small_photograph_of_few_hues_is_no_icon(side: int, spread: float) -> None:
    """A wall in fog: its colors lie on one line, so that each is a mixture of two others."""
    light = np.random.default_rng(0).normal(size=(side, side))
    for axis in (0, 1):
        light = sum(np.roll(light, k, axis) for k in range(-2, 3)) / 5**0.5
    courses = np.random.default_rng(1).uniform(0.25, 0.75, 8).repeat(side // 8)[:, None]
    share = (courses + spread * light).clip(0, 1).astype(np.float32)[..., None]
    rgb = np.float32([0.45, 0.3, 0.22]) + share * np.float32([0.2, 0.18, 0.15])
    assert recognize(to_bytes(rgb, None)) == "photo"


@pytest.mark.parametrize("folder", ["images", "kodak"])
@pytest.mark.parametrize("side", [512, 128, 64])
def test_photographs_are_photographs(shared: Path, folder: str, side: int) -> None:
    for path in sorted((shared / folder).glob("*.png")):
        image = resize(load_image(path), side)
        assert recognize(to_bytes(image.rgb, image.alpha)) == "photo", path.name


def test_icons_are_flat_art(shared: Path) -> None:
    for path in sorted((shared / "flat_art").glob("*.png")):
        image = load_image(path)
        assert recognize(to_bytes(image.rgb, image.alpha)) == "flat", path.name


@pytest.mark.parametrize(("guidance", "kind"), [("automatic", "flat"), ("contrast", "photo")])
def test_guidance_that_new_scenes_have_does_not_make_a_photograph(guidance: str, kind: str) -> None:
    """Guidance that was chosen does: nothing else has a use for it."""
    pixels = draw(64, 64, [WHITE, (disc(30, 30, 20), (30, 130, 140))])
    image = Image(pixels[..., :3].astype(np.float32) / 255)
    options = {guidance: True, "budget": 4, "iterations": 5, "mask_count": 20, "threads": 1}
    assert vectorize(image, Settings(**options)).report["kind"] == kind
