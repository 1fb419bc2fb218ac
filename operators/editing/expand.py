# SPDX-License-Identifier: GPL-3.0-or-later
"""Join and Expand: a drawing as one object, and as plain objects of Blender."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty

from ..blender.framing import select_only
from ..objects.active import NeedsDrawing, active_drawing
from ..objects.expand import expand_drawing, join_shapes


class _OfObjects(NeedsDrawing):
    """An operator that replaces the objects of a drawing: not while they are edited."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a drawing whose objects can be replaced."""
        if context.mode != "OBJECT":
            message = "Leave the mode that edits an object first"
            cls.poll_message_set(message)  # type: ignore[attr-defined]
            return False
        return super().poll(context)


class SEMVEC_OT_join_drawing(_OfObjects, bpy.types.Operator):
    """Join all visible shapes of the drawing to one curve object, with a material for each"""

    bl_idname = "semvec.join_drawing"
    bl_label = "Join Drawing"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Join them and select the object."""
        joined = join_shapes(active_drawing(context))
        if joined is None:
            self.report({"WARNING"}, "The drawing has no visible shapes")
            return {"CANCELLED"}
        select_only(context.view_layer, joined)
        return {"FINISHED"}


class SEMVEC_OT_expand_drawing(_OfObjects, bpy.types.Operator):
    """Turn the drawing into plain objects; it can't be exported or changed as a whole any more"""

    bl_idname = "semvec.expand_drawing"
    bl_label = "Expand Drawing"
    bl_options = {"REGISTER", "UNDO"}

    type: EnumProperty(
        name="Type",
        description="Type of the objects",
        items=[
            ("CURVE", "Curves", "Curves stay curves"),
            ("MESH", "Meshes", "Curves become meshes"),
        ],
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Expand it and select the objects."""
        for obj in context.selected_objects:
            obj.select_set(False)
        objects = expand_drawing(active_drawing(context), self.type == "MESH")
        seen = [obj for obj in objects if obj.visible_get()]
        for obj in seen:
            obj.select_set(True)
        context.view_layer.objects.active = seen[0] if seen else None
        self.report({"INFO"}, f"{len(objects)} objects")
        return {"FINISHED"}


classes = (SEMVEC_OT_join_drawing, SEMVEC_OT_expand_drawing)
