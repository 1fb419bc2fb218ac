# SPDX-License-Identifier: GPL-3.0-or-later
"""Event filter of the modal run: navigation passes through, edits are blocked.

Headers and sidebars stay usable. An undo step that an edit made during the run would contain
the preview.
"""

from __future__ import annotations

import bpy

# Events that turn, move and zoom views, and events that edit nothing.
_NAVIGATION = (
    "MOUSE", "INBETWEEN", "MIDDLE", "WHEEL", "TRACKPAD", "NDOF", "NUMPAD", "HOME", "TIMER",
    "WINDOW", "NONE",
)  # fmt: skip

# Events that start and stop an animation, and go to other frames.
_PLAYBACK = ("SPACE", "LEFT_ARROW", "RIGHT_ARROW", "UP_ARROW", "DOWN_ARROW", "MEDIA_PLAY")


def is_blocked(context: bpy.types.Context, event: bpy.types.Event) -> bool:
    """Return whether the event is kept from Blender, because it could edit the scene."""
    if event.type.startswith(_NAVIGATION) or event.value == "RELEASE":
        return False
    if event.alt and event.type == "LEFTMOUSE":  # emulates the middle button
        return False
    return _over_main_region(context, event.mouse_x, event.mouse_y)


def is_playback(context: bpy.types.Context, event: bpy.types.Event) -> bool:
    """Return whether an event plays an animation, or is over a time line or dope sheet."""
    areas = [
        area.type
        for area in context.screen.areas
        if area.x <= event.mouse_x < area.x + area.width
        and area.y <= event.mouse_y < area.y + area.height
    ]
    return event.type in _PLAYBACK or areas == ["DOPESHEET_EDITOR"]


def leave_modes(context: bpy.types.Context) -> None:
    """Return to Object Mode and end painting: undo steps of other modes hold no objects."""
    if context.object is not None and context.object.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    space = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR" and space.mode == "PAINT":
        space.mode = "VIEW"


def _over_main_region(context: bpy.types.Context, x: int, y: int) -> bool:
    """Return whether the pointer is over an editor's main region, not its header or sidebar."""
    kinds = [
        region.type
        for area in context.screen.areas
        for region in area.regions
        if region.x <= x < region.x + region.width
        and region.y <= y < region.y + region.height
        and min(region.width, region.height) > 1
    ]
    return kinds == ["WINDOW"]
