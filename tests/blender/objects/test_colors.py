# SPDX-License-Identifier: GPL-3.0-or-later
"""Cycles shows the colors and shapes of the drawing, as our own renderer draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import in_blender, random_drawing

from semvec.core.bezier import rectangle
from semvec.core.drawing import Drawing, pack
from semvec.core.drawing import Path as DrawnPath
from semvec.core.image import load_image
from semvec.core.pipeline import vectorize as pipeline
from semvec.core.rendering.native import render
from semvec.core.settings import Settings


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
    settings = Settings(kind="photo", budget=64, iterations=60, threads=2)
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
