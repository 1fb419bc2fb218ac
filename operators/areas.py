# SPDX-License-Identifier: GPL-3.0-or-later
"""Which editor of the window an operator means."""

from __future__ import annotations

import bpy


def find_area(context: bpy.types.Context, kind: str) -> bpy.types.Area | None:
    """The editor of this `ui_type` with the pointer in it, else the window's largest, if any."""
    areas = [] if context.screen is None else context.screen.areas
    found = [area for area in areas if area.ui_type == kind]
    if context.area in found:
        return context.area
    return max(found, key=lambda area: area.width * area.height, default=None)
