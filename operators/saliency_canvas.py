# SPDX-License-Identifier: GPL-3.0-or-later
"""Add Saliency Canvas: the operator that adds a canvas and starts drawing on it."""

from __future__ import annotations

from typing import Any

import bpy

from .blender.areas import find_area
from .blender.framing import frame_view, select_only, show_in_local_views
from .blender.linked_data import scene_is_editable
from .inputs.active_image import NeedsImage, active_image
from .inputs.canvas import add_canvas, find_canvases, reference_of
from .objects.reference import image_extent
from .properties.settings import placement_from

_MARGIN = 1.3  # around the image, as draw mode opens a shelf with brushes


def _draw_on(context: bpy.types.Context, canvas: bpy.types.Object) -> None:
    """Make the canvas active; in a window, frame it and enter draw mode."""
    if context.object is not None and context.object.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    canvas.hide_set(False)
    select_only(context.view_layer, canvas)
    settings = context.scene.tool_settings
    settings.gpencil_stroke_placement_view3d = "ORIGIN"
    settings.gpencil_sculpt.lock_axis = "AXIS_Y"  # strokes lie in the plane of the image
    viewport = find_area(context, "VIEW_3D")
    if viewport is not None and not bpy.app.background:
        context.view_layer.update()  # places the new objects
        reference: Any = reference_of(canvas)
        frame_view(viewport, reference.matrix_world, *image_extent(reference), margin=_MARGIN)
        show_in_local_views((reference, canvas))
        bpy.ops.object.mode_set(mode="PAINT_GREASE_PENCIL")


class SEMVEC_OT_add_canvas(NeedsImage, bpy.types.Operator):
    """Add the image to the scene and draw over what matters with Grease Pencil"""

    bl_idname = "semvec.add_canvas"
    bl_label = "Add Saliency Canvas"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Check for an image and an editable scene."""
        return scene_is_editable(cls, context.scene) and super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add a canvas, or continue with the existing one."""
        image = active_image(context)
        seen = context.view_layer.objects
        canvases = [item for item in find_canvases(context.scene, image) if item.name in seen]
        if canvases:
            canvas = canvases[0]
        else:
            canvas = add_canvas(context.scene, image, placement_from(context.scene.semvec))
        _draw_on(context, canvas)
        self.report({"INFO"}, f"Draw over what matters on '{canvas.name}'")
        return {"FINISHED"}


classes = (SEMVEC_OT_add_canvas,)
