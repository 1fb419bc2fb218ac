# SPDX-License-Identifier: GPL-3.0-or-later
"""Editors of the window: find the one that an operator applies to, and redraw their regions."""

from __future__ import annotations

import bpy


def find_area(context: bpy.types.Context, kind: str) -> bpy.types.Area | None:
    """Find the editor of this `ui_type` under the pointer, else the window's largest, if any."""
    areas = [] if context.screen is None else context.screen.areas
    found = [area for area in areas if area.ui_type == kind]
    if context.area in found:
        return context.area
    return max(found, key=lambda area: area.width * area.height, default=None)


def main_region(area: bpy.types.Area) -> bpy.types.Region:
    """Return the region of an editor that shows its content."""
    return next(region for region in area.regions if region.type == "WINDOW")


def redraw(region_type: str, *area_types: str) -> None:
    """Redraw these regions of such editors, in all windows."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions if area.type in area_types else ():
                if region.type == region_type:
                    region.tag_redraw()
