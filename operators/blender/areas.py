# SPDX-License-Identifier: GPL-3.0-or-later
"""Editors of the window: which one an operator means, and what of them is drawn again."""

from __future__ import annotations

import bpy


def find_area(context: bpy.types.Context, kind: str) -> bpy.types.Area | None:
    """The editor of this `ui_type` with the pointer in it, else the window's largest, if any."""
    areas = [] if context.screen is None else context.screen.areas
    found = [area for area in areas if area.ui_type == kind]
    if context.area in found:
        return context.area
    return max(found, key=lambda area: area.width * area.height, default=None)


def redraw(region_type: str, *area_types: str) -> None:
    """Have these regions of such editors drawn again, in all windows."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions if area.type in area_types else ():
                if region.type == region_type:
                    region.tag_redraw()
