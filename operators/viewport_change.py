# SPDX-License-Identifier: GPL-3.0-or-later
"""A change to how a 3D viewport shows things, to be taken back."""

from __future__ import annotations

from typing import Any, Literal

import bpy

_NAMES = {
    "shading": ("color_type", "show_object_outline", "light"),
    "region_3d": ("view_perspective", "view_rotation", "view_location", "view_distance"),
}


class ViewportChange:
    """Made before the change, of one part of the viewport; `done` after it.

    Holds no data of Blender's: the area may be gone when it comes to taking back.
    """

    def __init__(self, viewport: bpy.types.Area, part: Literal["shading", "region_3d"]) -> None:
        self._part = part
        self._screen, self._number = _place_of(viewport)
        self._before = self._after = self._values()

    def done(self) -> ViewportChange:
        """Note what has been changed; returns itself."""
        self._after = self._values()
        return self

    def take_back(self) -> None:
        """Have all as before, unless somebody has changed more since."""
        if self._values() == self._after:
            self.set(self._before)

    def set(self, values: dict[str, Any]) -> None:
        """Change some values, where the viewport is still there."""
        found = self._found()
        for name, value in values.items() if found else ():
            setattr(found, name, value)

    def _values(self) -> dict[str, Any]:
        found = self._found()
        return {name: _copy(getattr(found, name)) for name in _NAMES[self._part] if found}

    def _found(self) -> Any:
        """The part of the viewport; None where there is no such viewport any more."""
        screen = bpy.data.screens.get(self._screen)
        areas: Any = screen.areas if screen is not None else []
        area: Any = areas[self._number] if self._number < len(areas) else None
        is_viewport = area is not None and area.type == "VIEW_3D"
        return getattr(area.spaces.active, self._part) if is_viewport else None


def _place_of(viewport: bpy.types.Area) -> tuple[str, int]:
    """The name of its screen, and its number there."""
    for window in bpy.context.window_manager.windows:
        if viewport in window.screen.areas[:]:
            return window.screen.name, window.screen.areas[:].index(viewport)
    raise ValueError("this area is in no window")


def _copy(value: Any) -> Any:
    return tuple(value) if hasattr(value, "__len__") and not isinstance(value, str) else value
