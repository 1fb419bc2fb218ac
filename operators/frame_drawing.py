# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame Result: look at a drawing."""

from __future__ import annotations

import bpy

from .blender.areas import find_area
from .blender.framing import select_only
from .objects.active import NeedsDrawing, active_drawing
from .objects.root import root_of
from .objects.view import frame_drawing


class SEMVEC_OT_frame_result(NeedsDrawing, bpy.types.Operator):
    """Fill the 3D viewport with the drawing, and select the empty that carries it"""

    bl_idname = "semvec.frame_result"
    bl_label = "Frame"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there are a drawing and a viewport."""
        if not super().poll(context):
            return False
        if bpy.app.background or find_area(context, "VIEW_3D") is None:
            cls.poll_message_set("There is no 3D viewport in this window")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Turn the view, select the empty."""
        collection = active_drawing(context)
        handle = root_of(collection)
        if handle is not None:
            select_only(context.view_layer, handle)
        frame_drawing(context, collection)
        return {"FINISHED"}


classes = (SEMVEC_OT_frame_result,)
