# SPDX-License-Identifier: GPL-3.0-or-later
"""Solid viewports that show a drawing as it is: its own colours, no light, no outlines."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy

# What has the colours, by the form of a drawing; strokes have them as attributes.
_COLOR_TYPES = {"CURVES": "OBJECT", "JOINED": "MATERIAL", "GREASE_PENCIL": "VERTEX"}


class Viewport(NamedTuple):
    """A viewport that was changed. screen, area: its screen's name, its number there."""

    screen: str
    area: int
    before: dict[str, Any]
    after: dict[str, Any]


def show_true_colors(flat: bool) -> list[Viewport]:
    """Have solid viewports show the colours of objects; flat: without light, exactly."""
    after = {"color_type": "OBJECT", "show_object_outline": False}
    if flat:
        after["light"] = "FLAT"
    changed = []
    for window in bpy.context.window_manager.windows:
        for number, area in enumerate(window.screen.areas):
            shading = _shading_of(area)
            if shading is not None and shading.type == "SOLID":
                before = {name: getattr(shading, name) for name in after}
                _set(shading, after)
                changed.append(Viewport(window.screen.name, number, before, after))
    return changed


def show_colors_of(viewports: list[Viewport], form: str) -> None:
    """Have those viewports show colours where a drawing in this form has them."""
    for viewport in viewports:
        shading = _shading_at(viewport)
        if shading is not None:
            _set(shading, {"color_type": _COLOR_TYPES[form]})


def show_as_before(viewports: list[Viewport]) -> None:
    """Take that back, where nobody has changed it since."""
    for viewport in viewports:
        shading = _shading_at(viewport)
        if shading is not None and viewport.after.items() <= _values(shading).items():
            _set(shading, viewport.before)


def _shading_of(area: Any) -> Any:
    return area.spaces.active.shading if area.type == "VIEW_3D" else None


def _shading_at(viewport: Viewport) -> Any:
    """Its shading, unless it is gone."""
    screen = bpy.data.screens.get(viewport.screen)
    areas = screen.areas if screen is not None else []
    return _shading_of(areas[viewport.area]) if viewport.area < len(areas) else None


def _values(shading: Any) -> dict[str, Any]:
    names = ("color_type", "show_object_outline", "light")
    return {name: getattr(shading, name) for name in names}


def _set(shading: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(shading, name, value)
