# SPDX-License-Identifier: GPL-3.0-or-later
"""Solid viewports that show a drawing as it is: its own colours, no light, no outlines."""

from __future__ import annotations

from typing import Any

import bpy

from .viewport_change import ViewportChange

# What has the colours, by the form of a drawing; strokes have them as attributes.
_COLOR_TYPES = {"CURVES": "OBJECT", "JOINED": "MATERIAL", "GREASE_PENCIL": "VERTEX"}


def show_true_colors(form: str, flat: bool) -> list[ViewportChange]:
    """Have solid viewports show the colours of a drawing; flat: without light, exactly."""
    wanted = {"show_object_outline": False, **({"light": "FLAT"} if flat else {})}
    changes = []
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            space: Any = area.spaces.active
            if area.type == "VIEW_3D" and space.shading.type == "SOLID":
                change = ViewportChange(area, "shading")
                change.set(wanted)
                changes.append(change)
    show_colors_of(changes, form)
    return [change.done() for change in changes]


def show_colors_of(changes: list[ViewportChange], form: str) -> None:
    """Have those viewports show colours where a drawing in this form has them."""
    for change in changes:
        change.set({"color_type": _COLOR_TYPES[form]})
