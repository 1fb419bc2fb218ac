# SPDX-License-Identifier: GPL-3.0-or-later
"""The 3D viewport as one has it for drawing, and what is seen there."""

from __future__ import annotations

import numpy as np
from window import Window

_PREPARE = """
bpy.data.batch_remove(list(bpy.data.objects))
shading = area("VIEW_3D").spaces[0].shading
shading.light, shading.color_type, shading.show_object_outline = "FLAT", "MATERIAL", False
with view3d():
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.context.region_data.view_distance = 4.5
"""


def prepare_view(window: Window) -> None:
    """An empty scene from the front, flat shading, objects in their colors."""
    window.do(_PREPARE)


def seen_pixels(
    window: Window, screenshot: np.ndarray, height: int, width: int, size: float = 2.0
) -> np.ndarray:
    """The color in the middle of each pixel of a drawing, as the screen shows it: [H, W, 3].

    The drawing stands upright around the origin, its long side `size` units long.
    """
    x, z = np.array([width, height]) / max(width, height) * size / 2
    left, top = window.ask(f"screen_position(({-x}, 0, {z}))")
    right, bottom = window.ask(f"screen_position(({x}, 0, {-z}))")
    columns = left + (np.arange(width) + 0.5) / width * (right - left)
    rows = top + (np.arange(height) + 0.5) / height * (bottom - top)
    return screenshot[rows.astype(int)[:, None], columns.astype(int)].astype(np.float64)


def changed(window: Window, sooner: np.ndarray, later: np.ndarray) -> float:
    """The share of the viewport, sidebar left out, that differs between two screenshots."""
    left, top, _, bottom = window.ask("region_box('VIEW_3D', 'WINDOW')")
    right, _, _, _ = window.ask("region_box('VIEW_3D', 'UI')")
    return float((sooner != later)[top:bottom, left:right].any(axis=2).mean())
