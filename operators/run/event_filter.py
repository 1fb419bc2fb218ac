# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person can do in the window while a run goes on.

Looking around, headers and sidebars stay free. Edits wait, a few seconds: an undo step made
meanwhile would hold the preview, and undo could bring it back.
"""

from __future__ import annotations

import bpy

# Events that turn, move and zoom views, or say that something else has happened.
_LOOKING = (
    "MOUSE", "INBETWEEN", "MIDDLE", "WHEEL", "TRACKPAD", "NDOF", "NUMPAD", "HOME", "TIMER",
    "WINDOW", "NONE",
)  # fmt: skip


def is_blocked(context: bpy.types.Context, event: bpy.types.Event) -> bool:
    """Whether nothing else may handle this event: it could edit the scene."""
    if event.type.startswith(_LOOKING) or event.value == "RELEASE":
        return False
    if event.alt and event.type == "LEFTMOUSE":  # a mouse without a middle button looks around
        return False
    return _over_main_region(context, event.mouse_x, event.mouse_y)


def leave_modes(context: bpy.types.Context) -> None:
    """Back to Object Mode, and out of painting: undo steps there know nothing of objects."""
    if context.object is not None and context.object.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    space = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR" and space.mode == "PAINT":
        space.mode = "VIEW"


def _over_main_region(context: bpy.types.Context, x: int, y: int) -> bool:
    """Whether the pointer is over an editor's main region, and not its header or sidebar."""
    kinds = [
        region.type
        for area in context.screen.areas
        for region in area.regions
        if region.x <= x < region.x + region.width
        and region.y <= y < region.y + region.height
        and min(region.width, region.height) > 1
    ]
    return kinds == ["WINDOW"]
