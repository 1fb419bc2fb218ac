# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore Settings and Run Again: reuse of the settings stored with a drawing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import bpy

from ..core.errors import ImageError, SettingsError
from ..core.settings import Settings
from .blender.linked_data import scene_is_editable
from .inputs.guidance import guidance_of
from .inputs.image_part import part_of
from .objects.active import NeedsDrawing, active_drawing
from .objects.collection import SETTINGS, is_foreign, placement_of
from .objects.root import SOURCE
from .run.session import can_run

_INPUTS = "semvec_inputs"  # custom property of a drawing: JSON
_NAMES = ("saliency_image", "masks_image", "painted")


def remember_inputs(collection: bpy.types.Collection, operator: Any) -> None:
    """Store the inputs of a run with its drawing, for `restore_settings`."""
    collection[_INPUTS] = json.dumps({name: getattr(operator, name) for name in _NAMES})


def restore_settings(panel: Any, collection: bpy.types.Collection) -> None:
    """Set `Scene.semvec` to the image, guidance, settings and placement of a drawing.

    Raises ImageError where the image is gone, SettingsError where the drawing has none.
    """
    image = bpy.data.images.get(collection[SOURCE])
    if image is None:
        message = f"The image '{collection[SOURCE]}' is not in this file any more."
        raise ImageError(message, "Open it again.")
    if is_foreign(collection):
        message = f"'{collection.name}' was not vectorized here."
        raise SettingsError(message, "Choose a drawing that was made from an image.")
    settings = Settings.from_dict(json.loads(collection[SETTINGS]))
    inputs = json.loads(collection.get(_INPUTS, "{}"))
    panel.image = image
    panel.tile, panel.frame = part_of(collection)
    for name, value in (*settings.to_dict().items(), *placement_of(collection).to_dict().items()):
        setattr(panel, name, value)
    panel.saliency_image = bpy.data.images.get(inputs.get("saliency_image") or "")
    panel.masks_image = bpy.data.images.get(inputs.get("masks_image") or "")
    painted = inputs.get("painted") or panel.saliency_image is not None
    panel.guidance = guidance_of(settings, bool(painted))


class SEMVEC_OT_restore_settings(NeedsDrawing, bpy.types.Operator):
    """Set the panel to the settings that made this drawing"""

    bl_idname = "semvec.restore_settings"
    bl_label = "Restore Settings"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Restore the settings."""
        try:
            restore_settings(context.scene.semvec, active_drawing(context))
        except (ImageError, SettingsError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class SEMVEC_OT_run_again(NeedsDrawing, bpy.types.Operator):
    """Vectorize the image again with the settings that made this drawing"""

    bl_idname = "semvec.run_again"
    bl_label = "Run Again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Check for a drawing in an editable scene, without a run in progress."""
        ready = can_run(cls) and scene_is_editable(cls, context.scene)
        return ready and super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Restore the settings and run."""
        collection: Any = active_drawing(context)
        try:
            restore_settings(context.scene.semvec, collection)
            # All in full: without a window nothing is taken from the panel.
            bpy.ops.semvec.vectorize(
                "INVOKE_DEFAULT", image=collection[SOURCE], **_options(collection)
            )
        except (ImageError, SettingsError, RuntimeError) as error:
            self.report({"ERROR"}, str(error).removeprefix("Error: ").strip())
            return {"CANCELLED"}
        return {"FINISHED"}


def _options(collection: bpy.types.Collection) -> dict[str, Any]:
    """Return the properties of the operator that made the drawing."""
    inputs = json.loads(collection.get(_INPUTS, "{}"))
    settings = Settings.from_dict(json.loads(collection[SETTINGS])).to_dict()
    placement = replace(placement_of(collection), location="AUTO").to_dict()
    return {**settings, **placement, **inputs, **part_of(collection)._asdict()}


classes = (SEMVEC_OT_restore_settings, SEMVEC_OT_run_again)
