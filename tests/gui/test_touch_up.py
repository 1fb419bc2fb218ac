# SPDX-License-Identifier: GPL-3.0-or-later
"""Touch Up as a person uses it: a box dragged over a drawing, Esc, undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from view import prepare_view
from window import Window

STATE = "bpy.context.window_manager.semvec"
SETTINGS = "bpy.context.scene.semvec"
PREVIEW = "any('semvec_preview' in each for each in bpy.data.collections)"
# Nodes of the shapes in pixels of the picture, which stands upright and is 2 units wide.
SHAPES = """{
    o.name: [
        (240 + 240 * p.x, 180 - 240 * p.z)
        for s in o.data.splines for b in s.bezier_points for p in [o.matrix_world @ b.co]
    ]
    for o in bpy.data.collections['shapes'].all_objects if o.type == 'CURVE'
}"""
DISTANCE = "region('VIEW_3D', 'WINDOW').data.view_distance"
# Without the sun, so that there is detail to add.
DRAW = """
image = bpy.data.images.load({file!r})
bpy.ops.semvec.vectorize(image=image.name, kind="flat", budget=8)
bpy.context.scene.semvec.guidance = set()
shapes = [o for o in bpy.data.collections["shapes"].all_objects if o.type == "CURVE"]
sun = max(shapes, key=lambda o: sum(o.active_material.semvec_color[:2]))
bpy.data.objects.remove(sun)
bpy.ops.ed.undo_push(message="Delete Sun")
"""
ADD = """
with view3d():
    bpy.ops.semvec.add_detail("INVOKE_DEFAULT", count={count})
"""
BOX = (40, 30), (200, 190)  # pixels of the picture: around the sun
COUNT = 80  # shapes, enough for the run to outlast the use of the mouse


@pytest.fixture
def drawing(window: Window, picture_file: Path) -> dict[str, Any]:
    """The points of a finished drawing without its sun."""
    prepare_view(window)
    window.do(DRAW.format(file=str(picture_file)))
    window.point_at("VIEW_3D")
    return window.ask(SHAPES)


def on_screen(window: Window, x: float, y: float) -> tuple[float, float]:
    """Return the place of a pixel of the picture, which stands upright and is 2 units wide."""
    return tuple(window.ask(f"screen_position(({(x - 240) / 240}, 0, {(180 - y) / 240}))"))


def drag_box(window: Window) -> None:
    """Drag the box around the place of the sun, in the viewport."""
    corners = [on_screen(window, *corner) for corner in BOX]
    middle = tuple(np.mean(corners, axis=0))
    window.drag(corners[0], middle, corners[1])


def test_shapes_appear_in_the_box_and_one_undo_takes_them_back(
    window: Window, drawing: dict[str, Any]
) -> None:
    window.do(ADD.format(count=COUNT))
    drag_box(window)
    window.wait_until(PREVIEW)
    distance = window.ask(DISTANCE)
    window.scroll_down(1)
    running, farther = window.ask(f"({STATE}.running, {DISTANCE})")
    assert running and farther > distance, "the view is free during the run"
    window.screenshot("touch-up-running")
    window.wait_until(f"not {STATE}.running")
    window.screenshot("touch-up-result")
    result = window.ask(SHAPES)
    assert window.ask(f"{STATE}.error") == ""
    assert {name: result.pop(name) for name in drawing} == drawing
    assert len(result) == COUNT
    points = np.concatenate(list(result.values()))
    assert np.all((points > BOX[0]) & (points < BOX[1])), "in the box"
    window.point_at("VIEW_3D")
    window.key("ctrl+z")
    assert window.ask(SHAPES) == drawing


def test_escape_leaves_the_drawing_as_it_was(window: Window, drawing: dict[str, Any]) -> None:
    """While a box is awaited, even twice, and during a run whose shapes are not to be kept.

    A drawing that is deleted before the box is dragged ends the operator.
    """
    window.do(ADD.format(count=12))
    window.do(ADD.format(count=12))
    window.key("Escape")
    drag_box(window)
    assert not window.ask(f"{STATE}.running")
    window.do(f"{SETTINGS}.keep_on_cancel = False")
    window.do(ADD.format(count=200))
    drag_box(window)
    window.wait_until(PREVIEW)
    window.key("Escape")
    window.wait_until(f"not {STATE}.running")
    assert window.ask(SHAPES) == drawing
    assert not window.ask(PREVIEW)
    window.do(ADD.format(count=12))
    window.do("bpy.ops.semvec.delete_drawing()")
    drag_box(window)
    assert not window.ask(f"{STATE}.running")
