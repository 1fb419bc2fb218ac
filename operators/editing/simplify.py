# SPDX-License-Identifier: GPL-3.0-or-later
"""Simplify Drawing: fewer nodes and fewer shapes, with live sliders."""

from __future__ import annotations

import bpy
from bpy.props import FloatProperty, IntProperty

from ..objects.active import NeedsDrawing, active_drawing
from ..objects.simplify import shape_count, simplify_drawing


class SEMVEC_OT_simplify_drawing(NeedsDrawing, bpy.types.Operator):
    """Reduce the nodes and the number of shapes of the drawing; corners and locked shapes stay"""

    bl_idname = "semvec.simplify_drawing"
    bl_label = "Simplify Drawing"
    bl_options = {"REGISTER", "UNDO"}

    tolerance: FloatProperty(
        name="Tolerance",
        description="Largest distance that outlines may move, in pixels of the picture",
        default=1.0,
        min=0.0,
        soft_max=10.0,
        step=10,
        options={"SKIP_SAVE"},
    )
    shapes: IntProperty(
        name="Shapes",
        description="Number of shapes to keep; those that the drawing needs least are removed. "
        "0 keeps all",
        default=0,
        min=0,
        soft_max=512,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a drawing, and its objects can be replaced."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit Mode first")
            return False
        return super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Simplify nodes at once, and open a pop-up with both sliders."""
        if not self.properties.is_property_set("shapes"):
            self.shapes = shape_count(active_drawing(context))
        return context.window_manager.invoke_props_popup(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Simplify the drawing as it was before the operator."""
        counts = simplify_drawing(active_drawing(context), self.tolerance, self.shapes or None)
        shapes, nodes = (f"{after} of {before}" for before, after in counts)
        self.report({"INFO"}, f"{shapes} shapes, {nodes} nodes")
        return {"FINISHED"}


classes = (SEMVEC_OT_simplify_drawing,)
