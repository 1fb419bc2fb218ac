# SPDX-License-Identifier: GPL-3.0-or-later
"""The saliency preview in a workspace without an Image Editor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from panel import Panel
from window import Window

OVERLAYS = "extension('operators.properties.runtime').RUNTIME.overlays"


def lower_left(window: Window, name: str) -> np.ndarray:
    """The lower left of the 3D viewport, beside the toolbar."""
    left, top, right, bottom = window.ask("region_box('VIEW_3D', 'WINDOW')")
    shown = window.screenshot(name)
    return shown[(top + bottom) // 2 : bottom - 70, left + 75 : (left + right) // 2].astype(float)


def test_preview_saliency_is_seen_in_the_layout_workspace(
    window: Window, picture_file: Path
) -> None:
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("s = bpy.context.scene.semvec; s.image, s.guidance = image, {'CONTRAST'}")
    window.do("bpy.data.objects['Cube'].hide_set(True)")
    panel = Panel(window)
    before = lower_left(window, "saliency-off")
    panel.press("semvec.preview_saliency")
    window.wait_until(
        f"{OVERLAYS} and any(o._pixels is not None for o in {OVERLAYS}._overlays.values())"
    )
    shown = lower_left(window, "saliency-in-layout")
    changed = np.abs(shown - before).max(axis=2) > 20
    assert changed.mean() > 0.2
    assert (shown[changed].max(axis=0) > 180).any(), "the sun is bright"
    panel.press("semvec.preview_saliency")
    assert np.abs(lower_left(window, "") - before).max() < 20, "gone again"
