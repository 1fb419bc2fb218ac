# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for a finished drawing: frame, select, duplicate, delete, colors and guidance."""

from __future__ import annotations

import json
from typing import Any

import bpy
from bpy.props import IntProperty, StringProperty

from .blender.areas import find_area
from .blender.framing import select_only
from .inputs.active_image import active_image
from .inputs.guidance_objects import (
    guidance_objects,
    hide_guidance,
    show_guidance,
    visible_guidance,
)
from .objects.active import NeedsDrawing, active_drawing
from .objects.camera import set_up_camera
from .objects.collection import remove_drawing
from .objects.duplicate import duplicate_drawing
from .objects.palette import merge_colors, shapes_of, shapes_of_color
from .objects.pencil_palette import select_strokes_of_color
from .objects.root import SOURCE, root_of
from .objects.view import frame_drawing
from .properties.report import REPORT, quality_of


class SEMVEC_OT_frame_drawing(NeedsDrawing, bpy.types.Operator):
    """Fill the 3D viewport with the drawing, and select the empty that carries it"""

    bl_idname = "semvec.frame_drawing"
    bl_label = "Frame Drawing"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there are a drawing and a viewport."""
        if not super().poll(context):
            return False
        if bpy.app.background or find_area(context, "VIEW_3D") is None:
            cls.poll_message_set("There is no 3D viewport in this window")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Turn the view and select the root."""
        collection = active_drawing(context)
        root = root_of(collection)
        if root is not None:
            select_only(context.view_layer, root)
        frame_drawing(context, collection)
        return {"FINISHED"}


class SEMVEC_OT_delete_drawing(NeedsDrawing, bpy.types.Operator):
    """Delete the drawing with all of its shapes; objects that were added to it stay"""

    bl_idname = "semvec.delete_drawing"
    bl_label = "Delete Drawing"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove it from the scene, and show its guidance again."""
        collection: Any = active_drawing(context)
        image = bpy.data.images.get(collection[SOURCE])
        remove_drawing(context.scene, collection)
        if image is not None:
            show_guidance(context.view_layer, image)
        return {"FINISHED"}


class SEMVEC_OT_duplicate_drawing(NeedsDrawing, bpy.types.Operator):
    """Duplicate the drawing with all of its shapes and colors, beside the original"""

    bl_idname = "semvec.duplicate_drawing"
    bl_label = "Duplicate Drawing"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add the copy and select it."""
        copy = duplicate_drawing(context.scene, active_drawing(context))
        root = root_of(copy)
        if root is not None:
            select_only(context.view_layer, root)
        return {"FINISHED"}


class SEMVEC_OT_select_shapes(NeedsDrawing, bpy.types.Operator):
    """Select all shapes of the drawing"""

    bl_idname = "semvec.select_shapes"
    bl_label = "Select Shapes"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Select them; the first one becomes active unless one of them is."""
        return _select(context, shapes_of(active_drawing(context)))


class SEMVEC_OT_select_same_color(NeedsDrawing, bpy.types.Operator):
    """Select all shapes of the drawing with the same color"""

    bl_idname = "semvec.select_same_color"
    bl_label = "Select Same Color"
    bl_options = {"REGISTER", "UNDO"}

    material: StringProperty(
        name="Material",
        description="Material with the color; empty for that of the active object",
        options={"SKIP_SAVE"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Select the shapes of that color."""
        active = context.view_layer.objects.active
        if active is not None and active.type == "GREASEPENCIL":
            return self._select_strokes(active_drawing(context), active)
        material = bpy.data.materials.get(self.material) or (active and active.active_material)
        if material is None:
            self.report({"WARNING"}, "The active object has no color. Select a shape first")
            return {"CANCELLED"}
        return _select(context, shapes_of_color(active_drawing(context), material))

    def _select_strokes(self, collection: Any, obj: bpy.types.Object) -> set[str]:
        """Select the strokes with the colors of those that are selected."""
        if obj.mode != "EDIT":
            self.report({"WARNING"}, "Select a stroke in Edit Mode first")
            return {"CANCELLED"}
        if not select_strokes_of_color(collection):
            self.report({"WARNING"}, "No stroke with a flat color is selected")
            return {"CANCELLED"}
        return {"FINISHED"}


class SEMVEC_OT_merge_colors(NeedsDrawing, bpy.types.Operator):
    """Reduce the flat colors of the drawing to a small palette of similar ones"""

    bl_idname = "semvec.merge_colors"
    bl_label = "Merge Colors"
    bl_options = {"REGISTER", "UNDO"}

    colors: IntProperty(
        name="Colors", description="Number of colors to keep", default=12, min=1, soft_max=64
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Merge them."""
        count = merge_colors(active_drawing(context), self.colors)
        self.report({"INFO"}, f"{count} colors")
        return {"FINISHED"}


class SEMVEC_OT_set_up_camera(NeedsDrawing, bpy.types.Operator):
    """Add an orthographic camera that renders exactly the picture in its exact colors"""

    bl_idname = "semvec.set_up_camera"
    bl_label = "Set Up Camera"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make it the camera of the scene."""
        context.view_layer.update()
        camera = set_up_camera(context.scene, active_drawing(context))
        render = context.scene.render
        size = f"{render.resolution_x} x {render.resolution_y}"
        self.report({"INFO"}, f"'{camera.name}' renders {size} pixels in exact colors")
        return {"FINISHED"}


class SEMVEC_OT_toggle_guidance(bpy.types.Operator):
    """Show or hide the reference image and the saliency canvases, which lie over the drawing"""

    bl_idname = "semvec.toggle_guidance"
    bl_label = "Toggle Guidance"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there are guidance objects."""
        image = _guided_image(context)
        if image is None or not guidance_objects(context.scene, image):
            cls.poll_message_set("There is no reference image and no saliency canvas")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Hide them if any is visible, else show them."""
        image = _guided_image(context)
        if visible_guidance(context.view_layer, image):
            hide_guidance(context.view_layer, image)
        else:
            show_guidance(context.view_layer, image)
        return {"FINISHED"}


class SEMVEC_OT_quality(NeedsDrawing, bpy.types.Operator):
    """Similarity of the drawing and its image"""

    bl_idname = "semvec.quality"
    bl_label = "Quality"
    bl_options = {"INTERNAL"}

    @classmethod
    def description(
        cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        """Return the figures for the tooltip."""
        collection = active_drawing(context)
        if collection is None or REPORT not in collection:
            return "Similarity of the drawing and its image"
        report = json.loads(collection[REPORT])
        seconds = sum(report["seconds"].values())
        return (
            f"Similarity of the drawing and its image: {report['psnr']:.1f} dB PSNR. "
            f"Vectorized in {seconds:.1f} s"
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Report the figures in the status bar."""
        collection: Any = active_drawing(context)
        report = json.loads(collection.get(REPORT, "null"))
        if report is not None:
            quality = quality_of(report["psnr"])
            self.report({"INFO"}, f"{quality} ({report['psnr']:.1f} dB PSNR)")
        return {"FINISHED"}


def _guided_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """Return the image of the active drawing, else that of the panel."""
    collection = active_drawing(context)
    drawn = bpy.data.images.get(collection[SOURCE]) if collection is not None else None
    return drawn or active_image(context)


def _select(context: bpy.types.Context, objects: list[bpy.types.Object]) -> set[str]:
    """Select exactly these objects, as far as the view layer shows them."""
    view_layer = context.view_layer
    seen = [obj for obj in objects if obj.visible_get(view_layer=view_layer)]
    for obj in view_layer.objects:
        obj.select_set(False, view_layer=view_layer)
    for obj in seen:
        obj.select_set(True, view_layer=view_layer)
    if seen and view_layer.objects.active not in seen:
        view_layer.objects.active = seen[0]
    return {"FINISHED"} if seen else {"CANCELLED"}


classes = (
    SEMVEC_OT_frame_drawing,
    SEMVEC_OT_delete_drawing,
    SEMVEC_OT_duplicate_drawing,
    SEMVEC_OT_select_shapes,
    SEMVEC_OT_select_same_color,
    SEMVEC_OT_merge_colors,
    SEMVEC_OT_set_up_camera,
    SEMVEC_OT_toggle_guidance,
    SEMVEC_OT_quality,
)
