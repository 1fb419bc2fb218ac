# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files dropped on the 3D viewport and on the panel."""

from __future__ import annotations

from pathlib import Path

import pytest
from panel import Panel
from window import Window

STATE = "bpy.context.window_manager.semvec"
DRAWINGS = "[item.name for item in bpy.data.collections if 'semvec_source' in item]"
QUICK = "s = bpy.context.scene.semvec; s.budget, s.iterations, s.guidance = 6, 10, set()"


@pytest.mark.parametrize("region", ["UI", "WINDOW"])
def test_a_dropped_image_can_be_vectorized(window: Window, picture_file: Path, region: str) -> None:
    """On the panel, and on the viewport, where Blender offers an empty, too."""
    window.do(QUICK)
    Panel(window)
    left, top, right, bottom = window.ask(f"region_box('VIEW_3D', {region!r})")
    window.drop(picture_file, left + (right - left) / 3, top + (bottom - top) * 0.7)
    window.screenshot(f"dropped-image-{region.lower()}")
    if region == "WINDOW":  # the last one is chosen at first
        window.key("End")
    window.key("Return")
    window.wait_until(f"{DRAWINGS} == ['shapes'] and not {STATE}.running", 60)
    assert window.ask("bpy.context.scene.semvec.image.name") == "shapes.png"
