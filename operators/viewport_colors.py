# SPDX-License-Identifier: GPL-3.0-or-later
"""Solid viewports show the curves' own colours: those of the objects, not of the material."""

from __future__ import annotations

from typing import Any

import bpy

# Which viewports were changed: the name of the screen, and the number of the area in it.
Viewports = list[tuple[str, int]]


def show_object_colors() -> Viewports:
    """Have solid viewports that show the material's colour show the object's."""
    changed = []
    for window in bpy.context.window_manager.windows:
        for number, area in enumerate(window.screen.areas):
            if area.type == "VIEW_3D" and _set_color(area, "MATERIAL", "OBJECT"):
                changed.append((window.screen.name, number))
    return changed


def show_material_colors(viewports: Viewports) -> None:
    """Take that back, where it still is so."""
    for name, number in viewports:
        screen = bpy.data.screens.get(name)
        area = screen.areas[number] if screen and number < len(screen.areas) else None
        if area is not None and area.type == "VIEW_3D":
            _set_color(area, "OBJECT", "MATERIAL")


def _set_color(area: Any, old: str, new: str) -> bool:
    shading = area.spaces.active.shading
    if shading.type != "SOLID" or shading.color_type != old:
        return False
    shading.color_type = new
    return True
