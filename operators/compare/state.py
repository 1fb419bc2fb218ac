# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the comparison, which neither files nor undo steps remember."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty, FloatProperty, PointerProperty

from ..blender.areas import redraw


def _redraw(self: Any, context: bpy.types.Context) -> None:
    redraw("WINDOW", "VIEW_3D")


class SemvecCompare(bpy.types.PropertyGroup):
    """Picture that covers the drawing, and how much of it is shown."""

    __annotations__ = {
        "shown": EnumProperty(
            name="Show",
            description="Picture that is shown over the drawing",
            items=[
                ("SOURCE", "Source", "The image that the drawing was made from"),
                (
                    "ERROR",
                    "Error",
                    "Heat map of the remaining difference between the drawing, as it is now, "
                    "and its image",
                ),
            ],
            update=_redraw,
        ),
        "opacity": FloatProperty(
            name="Opacity",
            description="Opacity of the picture over the drawing",
            default=1.0,
            min=0.0,
            max=1.0,
            subtype="FACTOR",
            update=_redraw,
        ),
        "wipe": FloatProperty(
            name="Wipe",
            description="Share of the picture that is shown, from the left",
            default=1.0,
            min=0.0,
            max=1.0,
            subtype="FACTOR",
            update=_redraw,
        ),
    }


classes = (SemvecCompare,)


def register() -> None:
    """Add the settings to the window manager."""
    bpy.types.WindowManager.semvec_compare = PointerProperty(type=SemvecCompare)


def unregister() -> None:
    """Remove them."""
    del bpy.types.WindowManager.semvec_compare
