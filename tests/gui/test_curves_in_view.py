# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator as scripts call it: what the viewport then shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from view import prepare_view, seen_pixels
from window import Window

HIDE_OVERLAYS = """
space = area("VIEW_3D").spaces[0]
space.overlay.show_overlays = space.show_gizmo = False
"""


def test_the_viewport_shows_the_picture(window: Window, picture_file: Path) -> None:
    prepare_view(window)
    window.do(HIDE_OVERLAYS)
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("bpy.ops.semvec.vectorize(image=image.name, kind='photo', budget=12, iterations=60)")
    expected = np.asarray(Image.open(picture_file), np.float64)  # [H, W, 3]
    shown = seen_pixels(window, window.screenshot("curves"), *expected.shape[:2])
    difference = np.abs(shown - expected).mean(axis=2)
    assert (difference < 12).mean() > 0.95
