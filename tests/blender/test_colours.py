# SPDX-License-Identifier: GPL-3.0-or-later
"""Cycles shows the colours and shapes of the drawing, as our own renderer draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import PIL.Image
import pytest

from semvec import demo
from semvec.core import pipeline
from semvec.core.drawing import Drawing, circle, pack, rectangle
from semvec.core.drawing import Path as DrawnPath
from semvec.core.image import load_image
from semvec.core.rendering.native import render
from semvec.core.settings import Settings
from semvec.operators.curves import add_drawing


def in_blender(scene: Any, drawing: Drawing, width: int, height: int, file: Path) -> np.ndarray:
    """The drawing as Cycles renders it: RGBA [H, W, 4]."""
    add_drawing(scene, drawing, "photo")
    demo.look_at_drawing(width, height)
    demo.render(file)
    return np.asarray(PIL.Image.open(file).convert("RGBA")) / 255.0


def random_drawing(count: int, opacity: float) -> Drawing:
    """Discs and rings on a background: 256 x 192 pixels."""
    rng = np.random.default_rng(1)
    paths = [DrawnPath([rectangle(0, 0, 256, 192)], np.array([0.9, 0.8, 0.3, 1], np.float32))]
    for _ in range(count - 1):
        middle, radius = rng.uniform(0, 256, 2), rng.uniform(10, 50)
        hole = np.roll(circle(middle, radius / 2)[::-1], 1, axis=0)
        fill = np.array([*rng.random(3), opacity], np.float32)
        paths.append(DrawnPath([circle(middle, radius), hole], fill, "detail"))
    return Drawing(256, 192, paths)


def test_a_random_stack_of_rings(scene: Any, tmp_path: Path) -> None:
    drawing = random_drawing(100, opacity=1.0)
    shown = in_blender(scene, drawing, 256, 192, tmp_path / "a.png")
    expected = render(pack(drawing.paths), 256, 192)
    error = np.abs(shown[..., :3] - expected)
    assert error.mean() <= 2 / 255
    assert np.median(error) <= 0.5 / 255, "flat areas are exact"
    assert (shown[..., 3] == 1.0).all()


def test_a_photograph(scene: Any, shared: Path, tmp_path: Path) -> None:
    image = load_image(shared / "images" / "ski_coffee.png")
    settings = Settings(budget=64, iterations=60, threads=2)
    drawing = pipeline.vectorize(image, settings).drawing
    shown = in_blender(scene, drawing, image.width, image.height, tmp_path / "a.png")
    expected = render(pack(drawing.paths), image.width, image.height)
    assert np.abs(shown[..., :3] - expected).mean() <= 2 / 255


def test_transparent_fills_blend_in_linear_light(scene: Any, tmp_path: Path) -> None:
    """Half-transparent white over black gives 188 in Blender, where SVG has 128."""
    paths = [
        DrawnPath([rectangle(0, 0, 64, 64)], np.array([0, 0, 0, 1], np.float32)),
        DrawnPath([rectangle(16, 16, 48, 48)], np.array([1, 1, 1, 0.5], np.float32)),
    ]
    shown = in_blender(scene, Drawing(64, 64, paths), 64, 64, tmp_path / "a.png")
    assert shown[32, 32] * 255 == pytest.approx((188, 188, 188, 255), abs=2)
    assert shown[4, 4] * 255 == pytest.approx((0, 0, 0, 255), abs=0)
    assert bpy.context.scene.view_settings.view_transform == "Standard"
