# SPDX-License-Identifier: GPL-3.0-or-later
"""A photograph with the settings as they come; its screenshots are for looking at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from panel import Panel
from PIL import Image
from view import prepare_view, seen_pixels
from window import Window

STATE = "bpy.context.window_manager.semvec"


def test_a_photograph_is_recognized(window: Window, photograph: Path) -> None:
    prepare_view(window)
    window.do(f"image = bpy.data.images.load({str(photograph)!r})")
    window.do("bpy.context.scene.semvec.image = image")
    panel = Panel(window)
    panel.press("semvec.vectorize")
    window.wait_until(f"{STATE}.fraction > 0.4")
    window.screenshot("photograph-run")
    window.wait_until(f"not {STATE}.running", 120)
    window.do("area('VIEW_3D').spaces[0].overlay.show_overlays = False")
    shown = window.screenshot("photograph")
    expected = np.asarray(Image.open(photograph).convert("RGB"), np.float64)
    error = seen_pixels(window, shown, *expected.shape[:2]) - expected
    assert np.abs(error).mean() < 12
    panel.press("semvec.frame_drawing")
    window.screenshot("photograph-framed")
