# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a 3D viewport's shading, overlays or view that can be taken back."""

from __future__ import annotations

from typing import Any, Literal

import bpy

from .view_change import ViewChange

_NAMES = {
    "shading": ("color_type", "show_object_outline", "light", "type"),
    "overlay": ("show_relationship_lines",),
    "region_3d": ("view_perspective", "view_rotation", "view_location", "view_distance"),
}
# A view that was turned since stays; one that was only zoomed or panned goes back as a whole.
_KEYS = {"shading": (), "overlay": (), "region_3d": ("view_perspective", "view_rotation")}


class ViewportChange(ViewChange):
    """A change of one part of the viewport."""

    def __init__(
        self, viewport: bpy.types.Area, part: Literal["shading", "overlay", "region_3d"]
    ) -> None:
        self.names, self.keys = _NAMES[part], _KEYS[part]
        self._part = part
        self._screen, self._number = _place_of(viewport)
        super().__init__()

    def _found(self) -> Any:
        """Return the part of the viewport; None where there is no such viewport any more."""
        screen = bpy.data.screens.get(self._screen)
        areas: Any = screen.areas if screen is not None else []
        area: Any = areas[self._number] if self._number < len(areas) else None
        is_viewport = area is not None and area.type == "VIEW_3D"
        return getattr(area.spaces.active, self._part) if is_viewport else None


def _place_of(viewport: bpy.types.Area) -> tuple[str, int]:
    """Return the name of its screen, and its number there."""
    for window in bpy.context.window_manager.windows:
        if viewport in window.screen.areas[:]:
            return window.screen.name, window.screen.areas[:].index(viewport)
    raise ValueError("this area is in no window")
