# SPDX-License-Identifier: GPL-3.0-or-later
"""The sub-panel Touch Up: more, fewer or better shapes for a finished drawing."""

from __future__ import annotations

import bpy

from ..operators.editing.touch_up import why_no_touch_up
from ..operators.objects.active import active_drawing
from .wrapped_text import draw_text


class TouchUpTools:
    """The sub-panel of the active object's drawing, or of the newest one."""

    bl_label = "Touch Up"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a drawing, and nothing runs."""
        return not context.window_manager.semvec.running and active_drawing(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the operators with their numbers, and what stays as it is."""
        layout, settings = self.layout, context.scene.semvec  # type: ignore[attr-defined]
        reason = why_no_touch_up(context)
        if reason:
            draw_text(layout, reason, "INFO")
        column = layout.column(align=True)
        column.prop(settings, "touch_up_add")
        row = column.row(align=True)
        row.operator("semvec.add_detail", icon="SELECT_SET")
        row.operator("semvec.add_detail", text="", icon="BRUSH_DATA").where = "PAINTED"
        row.operator("semvec.add_detail", text="", icon="IMAGE_DATA").where = "PICTURE"
        column = layout.column(align=True)
        column.prop(settings, "touch_up_remove")
        column.operator("semvec.remove_least_useful", icon="REMOVE")
        layout.operator("semvec.refine_drawing", icon="MOD_SMOOTH")
        column = layout.column()
        column.prop(settings, "touch_up_selected")
        column.prop(settings, "touch_up_adjust")
        draw_text(layout, "Shapes that can't be selected are locked", "LOCKED")
