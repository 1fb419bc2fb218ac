# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender properties of touch-ups: of the panel, and those that operators share."""

from __future__ import annotations

from bpy.props import BoolProperty, IntProperty

from .settings import Annotations


def touch_up_properties() -> Annotations:
    """Return the panel's properties, as the annotations of a class."""
    return {
        "touch_up_add": shape_count("Shapes to Add", "Number of shapes to add", 32),
        "touch_up_remove": shape_count("Shapes to Remove", "Number of shapes to remove", 10),
        **{f"touch_up_{name}": item for name, item in locking_properties().items()},
    }


def locking_properties() -> Annotations:
    """Return the properties that say which shapes may change."""
    return {
        "adjust": BoolProperty(
            name="Adjust Others",
            description="Let the other shapes move and change color as well, but for locked ones",
            default=False,
        ),
        "selected": BoolProperty(
            name="Selected Only", description="Lock all shapes that are not selected", default=False
        ),
    }


def shape_count(name: str, description: str, default: int) -> object:
    """Return a property for a number of shapes."""
    return IntProperty(
        name=name, description=description, default=default, min=1, soft_max=512, max=16384
    )
