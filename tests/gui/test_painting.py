# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency drawn and painted with the mouse. Slow at first: Blender compiles its brushes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from panel import Panel
from pictures import LARGEST, keep_picture
from window import Window

pytestmark = pytest.mark.painting

SETTINGS = "bpy.context.scene.semvec"
MAP = (
    "extension('operators.inputs.painted_saliency').painted_saliency(image, bpy.context.scene, 120)"
)
PATIENCE = 120.0  # seconds

# From and to, in shares of the picture, from its top left
START, END = np.array([0.3, 0.25]), np.array([0.6, 0.7])


@pytest.fixture
def painted(window: Window, photograph: Path) -> Window:
    """The startup scene, a photograph chosen, guidance to be painted."""
    window.do(f"image = bpy.data.images.load({str(photograph)!r})")
    window.do(f"{SETTINGS}.image, {SETTINGS}.guidance = image, {{'PAINTED'}}")
    return window


def assert_on_the_line(window: Window) -> None:
    """The saliency is high along the line, and that of the background far away from it."""
    saliency = np.array(window.ask(f"{MAP}.tolist()"))  # [H, W]
    shape = np.array(saliency.shape)[::-1]

    def at(*shares: np.ndarray) -> list[float]:
        places = [tuple((share * shape).astype(int)) for share in shares]
        return [saliency[y, x] for x, y in places]

    assert min(at(*(START + (END - START) * t for t in (0.2, 0.5, 0.8)))) > 0.6
    assert max(at(*map(np.array, ([0.1, 0.9], [0.9, 0.1], [0.6, 0.25])))) == pytest.approx(0.1)


def line(*corners: np.ndarray) -> list[tuple[float, float]]:
    """Points from START to END, where the picture's corners are on the screen."""
    top_left, bottom_right = corners
    shares = [START + (END - START) * t for t in np.linspace(0.0, 1.0, 9)]
    return [tuple(top_left + share * (bottom_right - top_left)) for share in shares]


def test_strokes_on_a_canvas(painted: Window) -> None:
    panel = Panel(painted)
    panel.press("semvec.add_canvas")
    painted.wait_until("bpy.context.mode == 'PAINT_GREASE_PENCIL'", PATIENCE)
    painted.wait_for_redraw()
    corners = [
        np.array(painted.ask(f"screen_position(({x}, 0, {z}))"))
        for x, z in ((-1, 2 / 3), (1, -2 / 3))
    ]
    painted.drag(*line(*corners))
    painted.wait_until("len(bpy.context.object.data.layers[0].frames[0].drawing.strokes)")
    painted.screenshot("painting-strokes")
    assert keep_picture(painted, "painting").stat().st_size < LARGEST
    assert_on_the_line(painted)


def test_a_mask_in_the_image_editor(painted: Window) -> None:
    painted.do("area('VIEW_3D').ui_type = 'IMAGE_EDITOR'")
    painted.wait_until("region('IMAGE_EDITOR', 'WINDOW').width > 200")
    Panel(painted, "IMAGE_EDITOR").press("semvec.paint_saliency")
    painted.wait_until("area('IMAGE_EDITOR').spaces[0].mode == 'PAINT'", PATIENCE)
    painted.do("paint = bpy.context.scene.tool_settings.image_paint")
    painted.do("paint.unified_paint_settings.size = 60")
    corners = [
        np.array(painted.ask(f"image_position({x}, {y})")) for x, y in ((0.0, 1.0), (1.0, 0.0))
    ]
    painted.drag(*line(*corners))
    painted.wait_until(f"{MAP} is not None", PATIENCE)
    painted.screenshot("painting-mask")
    assert_on_the_line(painted)
    painted.do("area('IMAGE_EDITOR').spaces[0].image = image")
    painted.screenshot("painting-preview")
