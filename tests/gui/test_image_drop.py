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


SHAPES = "len([item for item in bpy.data.objects if item.type == 'CURVE'])"
REDO = "region_box('VIEW_3D', 'HUD')"  # the panel of the last operator, which F9 shows, too
FIRST_FIELD = (190, 46)  # pixels from its upper left corner, when it is open


@pytest.mark.parametrize("region", ["UI", "WINDOW"])
def test_a_dropped_image_can_be_vectorized(window: Window, picture_file: Path, region: str) -> None:
    """On the panel, and on the viewport, where Blender offers an empty, too."""
    window.do(QUICK)
    drop(window, picture_file, region)
    assert window.ask("bpy.context.scene.semvec.image.name") == "shapes.png"


def test_the_number_of_shapes_is_changed_after_a_drop(window: Window, picture_file: Path) -> None:
    """By the panel of the last operator, which goes back to a state that has the image."""
    window.do(f"{QUICK}; s.kind, s.exact = 'photo', True")
    window.do("bpy.ops.ed.undo_push(message='Start')")
    drop(window, picture_file, "UI")
    assert window.ask(SHAPES) == 6
    left, top, _, bottom = window.ask(REDO)
    window.click(left + 14, (top + bottom) / 2)
    window.wait_until(f"{REDO}[3] - {REDO}[1] > 100")
    window.wait_for_redraw()
    left, top, _, _ = window.ask(REDO)
    window.move(left + FIRST_FIELD[0], top + FIRST_FIELD[1])
    window.key("Return")
    window.key("ctrl+a")
    window.type("3")
    window.key("Return")
    window.screenshot("dropped-image-redone")
    window.wait_until(f"{SHAPES} == 3", 60)


def drop(window: Window, picture_file: Path, region: str) -> None:
    """Drop the picture, choose to vectorize it, and wait for the drawing."""
    Panel(window)
    left, top, right, bottom = window.ask(f"region_box('VIEW_3D', {region!r})")
    window.drop(picture_file, left + (right - left) / 3, top + (bottom - top) * 0.7)
    window.screenshot(f"dropped-image-{region.lower()}")
    if region == "WINDOW":  # the last one is chosen at first
        window.key("End")
    window.key("Return")
    window.wait_until(f"{DRAWINGS} == ['shapes'] and not {STATE}.running", 60)
