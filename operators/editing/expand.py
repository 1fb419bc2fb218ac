# SPDX-License-Identifier: GPL-3.0-or-later
"""Join and Expand: a drawing as one object, and as plain objects of Blender."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty

from ..blender.framing import select_only
from ..objects.active import NeedsDrawing, active_drawing
from ..objects.curves_data import has_bezier_curves_data
from ..objects.expand import expand_drawing, expand_to_curves_data, join_shapes


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
            (
                "CURVES_DATA",
                "Curves Data (Experimental)",
                "One object with colors, regions and layers as attributes for Geometry Nodes, "
                "filled by a node group that is an asset; gradients become their mean colors, and "
                "colors show in Material Preview and Rendered, not in Solid shading",
            ),
        ],
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Expand it and select the objects."""
        as_data = self.type == "CURVES_DATA"
        if as_data and not has_bezier_curves_data():
            self.report({"WARNING"}, "Curves data needs Blender 4.4 or later. Choose another type")
            return {"CANCELLED"}
        for obj in context.selected_objects:
            obj.select_set(False)
        collection = active_drawing(context)
        if as_data:
            objects = expand_to_curves_data(collection)
        else:
            objects = expand_drawing(collection, self.type == "MESH")
        seen = [obj for obj in objects if obj.visible_get()]
        for obj in seen:
            obj.select_set(True)
        context.view_layer.objects.active = seen[0] if seen else None
        self.report({"INFO"}, f"{len(objects)} objects")
        return {"FINISHED"}


classes = (SEMVEC_OT_join_drawing, SEMVEC_OT_expand_drawing)
