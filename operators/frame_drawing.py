# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame Result: look at a drawing."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from .blender.areas import find_area
from .blender.framing import look_at, select_only, show_in_local_views
from .blender.viewport_change import ViewportChange
from .objects.active import NeedsDrawing, chosen_drawing
from .objects.collection import CANVAS, handle_of


def frame_drawing(
    context: bpy.types.Context, top: bpy.types.Collection, leave_camera: bool = True
) -> ViewportChange | None:
    """Have the drawing fill the 3D viewport, straight on; None where there is no viewport.

    leave_camera: whether a view through the camera is given up for it.
    """
    viewport: Any = find_area(context, "VIEW_3D")
    if viewport is None or bpy.app.background:  # where Blender has views, but can't update them
        return None
    if not leave_camera and viewport.spaces.active.region_3d.view_perspective == "CAMERA":
        return None
    context.view_layer.update()
    handle = handle_of(top)
    width, height, scale = top[CANVAS]
    matrix = handle.matrix_world if handle is not None else Matrix()
    change = ViewportChange(viewport, "region_3d")
    look_at(viewport, matrix, width * scale, height * scale)
    show_in_local_views(top.all_objects)
    return change.done()


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
        top = chosen_drawing(context)
        handle = handle_of(top)
        if handle is not None:
            select_only(context.view_layer, handle)
        frame_drawing(context, top)
        return {"FINISHED"}


CLASSES = (SEMVEC_OT_frame_result,)
