# SPDX-License-Identifier: GPL-3.0-or-later
"""The palette of a Grease Pencil drawing, whose colors are those of strokes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from palette import choose_color
from panel import Panel
from window import Window

STATE = "bpy.context.window_manager.semvec"
CHOOSE = """
bpy.data.objects["Cube"].hide_set(True)
settings = bpy.context.scene.semvec
settings.image = bpy.data.images.load({file!r})
settings.kind, settings.budget, settings.form = "flat", 8, "GREASE_PENCIL"
"""


def lime(screenshot: np.ndarray) -> int:
    """Return the number of pixels in the color that a swatch gets, which the picture lacks."""
    return int((screenshot == (0, 255, 0)).all(axis=2).sum())


def test_strokes_follow_a_swatch_until_it_is_undone(window: Window, picture_file: Path) -> None:
    window.do(CHOOSE.format(file=str(picture_file)))
    panel = Panel(window)
    panel.press("semvec.vectorize")
    window.wait_until(f"{STATE}.result and not {STATE}.running")
    before = lime(window.screenshot("palette-before"))
    swatch = choose_color(window, panel, "semvec_swatches", "00FF00")
    window.wait_until(f"[round(channel, 3) for channel in {swatch}] == [0, 1, 0]")
    assert lime(window.screenshot("palette-recolored")) > before + 5000
    window.key("ctrl+z")
    window.wait_until(f"[round(channel, 3) for channel in {swatch}] != [0, 1, 0]")
    assert lime(window.screenshot("palette-undone")) == before
