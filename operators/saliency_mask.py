# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint Saliency Mask: a black image to paint white, in the Image Editor."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

from ..core.image import have_same_shape
from .blender.areas import find_area
from .inputs.active_image import MASK, NeedsImage, active_image, mask_of
from .inputs.painted_saliency import LONG_SIDE, map_size
from .inputs.saliency_overlay import start_preview

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def add_mask(image: bpy.types.Image) -> bpy.types.Image:
    """Return the mask of `image`; add a black one of the image's shape if it has none.

    A mask of another shape is stretched to the image's. Raises SaliencyError for an image
    without pixels.
    """
    height, width = map_size(image, LONG_SIDE)
    mask = mask_of(image)
    if mask is None:
        mask = bpy.data.images.new(f"{image.name} saliency", width, height, is_data=True)
        image[MASK] = mask
    elif not have_same_shape((mask.size[1], mask.size[0]), (height, width)):
        mask.scale(width, height)
    return mask


def _paint_in(editor: bpy.types.Area, mask: bpy.types.Image) -> None:
    """Show the mask in an Image Editor, in paint mode."""
    space = editor.spaces.active
    space.image = mask
    space.ui_mode = "PAINT"
    start_preview()  # shows the image through the mask


def _take_white_brush(scene: bpy.types.Scene) -> None:
    """Make the brush white, and its secondary color, painted with Ctrl, black."""
    paint = scene.tool_settings.image_paint
    in_50 = hasattr(paint, "unified_paint_settings")
    unified = (paint if in_50 else scene.tool_settings).unified_paint_settings
    for colors in (unified, paint.brush):
        if colors is not None:  # no brush before the first painting
            colors.color, colors.secondary_color = WHITE, BLACK


class SEMVEC_OT_paint_saliency(NeedsImage, bpy.types.Operator):
    """Paint over what matters in the Image Editor, white on black"""

    bl_idname = "semvec.paint_saliency"
    bl_label = "Paint Saliency Mask"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add a mask, or continue with the existing one."""
        mask = add_mask(active_image(context))
        _take_white_brush(context.scene)
        editor = find_area(context, "IMAGE_EDITOR")
        if editor is None:
            self.report({"INFO"}, f"Open '{mask.name}' in an Image Editor and paint it white")
            return {"FINISHED"}
        _paint_in(editor, mask)
        self.report({"INFO"}, f"Paint white on '{mask.name}' over what matters")
        return {"FINISHED"}


classes = (SEMVEC_OT_paint_saliency,)


def register() -> None:
    """Pack painted masks when a file is saved, as Blender would drop them."""
    bpy.app.handlers.save_pre.append(_pack_masks)


def unregister() -> None:
    """Remove the handler."""
    bpy.app.handlers.save_pre.remove(_pack_masks)


@persistent
def _pack_masks(*_: object) -> None:
    for mask in filter(None, map(mask_of, bpy.data.images)):
        has_own_file = mask.source == "FILE" and mask.packed_file is None
        if mask.is_dirty and not has_own_file:
            mask.pack()
