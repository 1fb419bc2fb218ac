# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the comparison: turn it on and off, and drag the wipe's edge."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty

from ..blender.areas import find_area, main_region
from ..objects.active import NeedsDrawing, active_drawing
from .overlay import is_comparing, start_comparison, stop_comparison
from .picture_plane import corners_of, share_at

_STATUS = "Drag: Move Edge    Click or Enter: Confirm    Esc: Cancel"


class SEMVEC_OT_compare(NeedsDrawing, bpy.types.Operator):
    """Show the image that the drawing was made from exactly over the drawing, or hide it again"""

    bl_idname = "semvec.compare"
    bl_label = "Compare with Source"
    bl_options = {"REGISTER"}

    shown: EnumProperty(
        name="Show",
        description="Picture to show over the drawing",
        items=[
            ("LAST", "Last", "What was shown last"),
            ("SOURCE", "Source", "The image that the drawing was made from"),
            ("ERROR", "Error", "Heat map of the remaining difference"),
        ],
        options={"SKIP_SAVE"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Toggle the picture; another picture than the one that is shown takes its place."""
        settings = context.window_manager.semvec_compare
        other = self.shown not in ("LAST", settings.shown)
        if other:
            settings.shown = self.shown
        if is_comparing() and not other:
            stop_comparison()
        else:
            start_comparison()
        return {"FINISHED"}


class SEMVEC_OT_drag_wipe(NeedsDrawing, bpy.types.Operator):
    """Move the edge between source and drawing with the mouse, in the 3D viewport"""

    bl_idname = "semvec.drag_wipe"
    bl_label = "Drag Wipe"
    bl_options = {"REGISTER"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the mouse from now on."""
        self._area: Any = find_area(context, "VIEW_3D")
        if self._area is None:
            self.report({"WARNING"}, "There is no 3D viewport in this window")
            return {"CANCELLED"}
        settings = context.window_manager.semvec_compare
        self._before = (settings.wipe, is_comparing())
        self._dragging = False
        start_comparison()
        context.window.cursor_modal_set("MOVE_X")
        context.workspace.status_text_set(_STATUS)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Move the edge to the mouse; a click or Enter confirms, Esc restores."""
        if event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            settings = context.window_manager.semvec_compare
            settings.wipe, was_on = self._before
            if not was_on:
                stop_comparison()
            self.cancel(context)
            return {"CANCELLED"}
        if event.type in {"MOUSEMOVE", "LEFTMOUSE"}:
            self._follow(context, event)
        if (event.type == "LEFTMOUSE" and event.value == "RELEASE") or event.type == "RET":
            self.cancel(context)
            return {"FINISHED"}
        passed = event.type in {"WHEELUPMOUSE", "WHEELDOWNMOUSE", "MIDDLEMOUSE"}
        return {"PASS_THROUGH"} if passed else {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Give the mouse back."""
        context.window.cursor_modal_restore()
        if context.workspace is not None:
            context.workspace.status_text_set(None)

    def _follow(self, context: bpy.types.Context, event: bpy.types.Event) -> None:
        collection = active_drawing(context)
        if collection is None:  # removed meanwhile, by a script
            return
        region = main_region(self._area)
        place = (event.mouse_x - region.x, event.mouse_y - region.y)
        view = self._area.spaces.active.region_3d
        share = share_at(corners_of(collection), region, view, place)
        if share is not None:
            context.window_manager.semvec_compare.wipe = share


classes = (SEMVEC_OT_compare, SEMVEC_OT_drag_wipe)
