# SPDX-License-Identifier: GPL-3.0-or-later
"""Preview Saliency: the operator that turns the overlay on and off."""

from __future__ import annotations

import bpy

from ..core.errors import SemvecError
from .inputs.active_image import NeedsImage, active_image
from .inputs.found_saliency import is_searching
from .inputs.saliency_overlay import is_previewing, overlay_of, start_preview, stop_preview


class SEMVEC_OT_preview_saliency(NeedsImage, bpy.types.Operator):
    """Show which parts of the image matter, in color, in the 3D viewport and the Image Editor"""

    bl_idname = "semvec.preview_saliency"
    bl_label = "Preview Saliency"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Toggle the preview."""
        if is_previewing():
            stop_preview()
            return {"FINISHED"}
        try:
            overlay_of(active_image(context), context.scene)
        except SemvecError as error:
            self.report({"INFO" if is_searching() else "WARNING"}, str(error))
        start_preview()
        return {"FINISHED"}


classes = (SEMVEC_OT_preview_saliency,)


def unregister() -> None:
    """Turn the preview off."""
    stop_preview()
