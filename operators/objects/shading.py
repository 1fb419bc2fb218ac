# SPDX-License-Identifier: GPL-3.0-or-later
"""Viewports that show a drawing as it is: its own colors, no light, no outlines.

Those with solid shading, that is. Where it can't show a drawing, materials are shown instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import bpy

from ..blender.viewport_change import ViewportChange

# What has the colors, by the form of a drawing; strokes have them as attributes.
_COLOR_TYPES = {"CURVES": "OBJECT", "JOINED": "MATERIAL", "GREASE_PENCIL": "VERTEX"}


def show_true_colors(form: str, flat: bool) -> list[ViewportChange]:
    """Have solid viewports show the colors of a drawing; flat: without light, exactly."""
    wanted = {"show_object_outline": False, **({"light": "FLAT"} if flat else {})}
    return _change(_viewports("SOLID"), {**wanted, "color_type": _COLOR_TYPES[form]})


def show_colors_instead(form: str, other: str) -> list[ViewportChange]:
    """Have solid viewports that show the colors of drawings in one form show those of another."""
    wanted = _COLOR_TYPES[form]
    showing = (
        area for area in _viewports("SOLID") if area.spaces.active.shading.color_type == wanted
    )
    return _change(showing, {"color_type": _COLOR_TYPES[other]})


def show_colors_of(changes: list[ViewportChange], form: str) -> None:
    """Have those viewports show colors where a drawing in this form has them."""
    for change in changes:
        change.set({"color_type": _COLOR_TYPES[form]})


def show_materials(changes: list[ViewportChange]) -> None:
    """Have those viewports, where they still are solid, show materials."""
    for change in changes:
        if change.get("type") == "SOLID":
            change.set({"type": "MATERIAL"})
            change.done()


def materials_are_seen() -> bool:
    """Whether there is a viewport that shows materials."""
    return next(_viewports("MATERIAL"), None) is not None


def _viewports(shading: str) -> Iterator[Any]:
    """The viewports with this type of shading."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            space: Any = area.spaces.active
            if area.type == "VIEW_3D" and space.shading.type == shading:
                yield area


def _change(viewports: Iterable[Any], values: dict[str, Any]) -> list[ViewportChange]:
    changes = []
    for viewport in viewports:
        change = ViewportChange(viewport, "shading")
        change.set(values)
        changes.append(change.done())
    return changes
