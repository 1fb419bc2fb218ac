# SPDX-License-Identifier: GPL-3.0-or-later
"""Solid viewports that show a drawing in its exact colors: without light and outlines.

Shading applies to everything that a viewport shows. It is therefore changed only where the
drawings are all there is to see; other objects never change their look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from ..blender.viewport_change import ViewportChange
from .form import REGION

_SURFACES = {
    "MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL",
}  # fmt: skip


def other_surfaces(view_layer: bpy.types.ViewLayer) -> bool:
    """Return whether anything but drawings is visible whose look depends on shading."""
    return any(
        obj.type in _SURFACES and REGION not in obj and obj.visible_get(view_layer=view_layer)
        for obj in view_layer.objects
    )


def change_solid_viewports() -> list[ViewportChange]:
    """Return a change of each viewport with solid shading, which changes nothing yet."""
    return [ViewportChange(area, "shading") for area in viewports("SOLID")]


def show_colors(changes: list[ViewportChange], color_type: str, flat: bool) -> None:
    """Show the colors of a drawing; flat: without light, exactly."""
    for change in changes:
        if change.get("type") == "SOLID":
            lit = "STUDIO" if change.get("light") == "FLAT" else change.get("light")
            light = "FLAT" if flat else lit
            change.set({"color_type": color_type, "show_object_outline": False, "light": light})
            change.done()


def show_materials(changes: list[ViewportChange]) -> None:
    """Show materials in those viewports that are still solid."""
    for change in changes:
        if change.get("type") == "SOLID":
            change.set({"type": "MATERIAL"})
            change.done()


def hide_relationship_lines() -> list[ViewportChange]:
    """Hide the lines from parents to children in all viewports; return the changes.

    A drawing would be covered by a line from its empty to the middle of every shape.
    """
    changes = [ViewportChange(area, "overlay") for area in viewports()]
    for change in changes:
        change.set({"show_relationship_lines": False})
        change.done()
    return changes


def viewports(shading: str | None = None) -> Iterator[Any]:
    """Yield the viewports with this type of shading; None for all."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            space: Any = area.spaces.active
            if area.type == "VIEW_3D" and shading in (None, space.shading.type):
                yield area
