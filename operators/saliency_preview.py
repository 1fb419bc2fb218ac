# SPDX-License-Identifier: GPL-3.0-or-later
"""Preview Saliency: the operator that turns the overlay on and off."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

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


@persistent
def _before_load(*_: object) -> None:
    stop_preview()


def register() -> None:
    """Turn the preview off where another file is loaded, whose viewport it would cover."""
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """Turn the preview off."""
    stop_preview()
    bpy.app.handlers.load_pre.remove(_before_load)
