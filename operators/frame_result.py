# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame Result: look at the last drawing."""

from __future__ import annotations

import bpy

from .areas import find_area


class SEMVEC_OT_frame_result(bpy.types.Operator):
    """Select the last drawing and fill the 3D viewport with it"""

    bl_idname = "semvec.frame_result"
    bl_label = "Frame Result"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there are curves and a viewport."""
        if context.window_manager.semvec.result not in bpy.data.collections:
            cls.poll_message_set("There is no drawing")
            return False
        if find_area(context, "VIEW_3D") is None:
            cls.poll_message_set("There is no 3D viewport in this window")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Select the curves, then let Blender frame the selection."""
        top = bpy.data.collections[context.window_manager.semvec.result]
        seen = set(context.view_layer.objects)
        for item in context.selected_objects:
            item.select_set(False)
        for item in seen & set(top.all_objects):
            item.select_set(True)
        area = find_area(context, "VIEW_3D")
        if area is not None:
            region = next(region for region in area.regions if region.type == "WINDOW")
            with context.temp_override(area=area, region=region):
                bpy.ops.view3d.view_selected()
        return {"FINISHED"}


CLASSES = (SEMVEC_OT_frame_result,)
