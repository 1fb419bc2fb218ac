# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator as scripts call it: what the viewport then shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from window import Window

LOOK_AT_DRAWING = """
space = area("VIEW_3D").spaces[0]
space.shading.type = "SOLID"
space.shading.light = "FLAT"
space.shading.color_type = "OBJECT"
space.overlay.show_overlays = False
space.show_gizmo = False
with view3d():
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.ops.view3d.view_all()
"""


def test_the_viewport_shows_the_picture(window: Window, picture_file: Path) -> None:
    window.do("bpy.data.batch_remove(list(bpy.data.objects))")
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("bpy.ops.semvec.vectorize(image=image.name, budget=12, iterations=60)")
    window.do(LOOK_AT_DRAWING)
    expected = np.asarray(Image.open(picture_file), np.float64)  # [144, 192, 3]
    shown = seen_pixels(window, window.screenshot("curves"), *expected.shape[:2])
    difference = np.abs(shown - expected).mean(axis=2)
    assert (difference < 12).mean() > 0.9


def seen_pixels(window: Window, screenshot: np.ndarray, height: int, width: int) -> np.ndarray:
    """The colours on the screen in the middle of each of the drawing's pixels: [H, W, 3]."""
    unit = 2.0 / max(height, width)
    left, top = window.ask(f"screen_position(({-width / 2 * unit}, 0, {height / 2 * unit}))")
    right, bottom = window.ask(f"screen_position(({width / 2 * unit}, 0, {-height / 2 * unit}))")
    assert right - left > 200, "the drawing is too small to see"
    columns = (left + (np.arange(width) + 0.5) / width * (right - left)).astype(int)
    rows = (top + (np.arange(height) + 0.5) / height * (bottom - top)).astype(int)
    return screenshot[rows[:, None], columns].astype(np.float64)
