# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing that operators work on, and operators that need one."""

from __future__ import annotations

import bpy

from .collection import drawing_of
from .root import SOURCE


def active_drawing(context: bpy.types.Context) -> bpy.types.Collection | None:
    """Return the drawing of the active object, else the scene's newest."""
    scene = context.scene
    owner = drawing_of(scene, context.view_layer.objects.active)
    if owner is not None:
        return owner
    drawings = [each for each in scene.collection.children_recursive if SOURCE in each]
    return drawings[-1] if drawings else None


class NeedsDrawing:
    """An operator that is disabled, with a reason, until there is a drawing."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a drawing."""
        if active_drawing(context) is None:
            message = "There is no drawing in this scene. Vectorize an image first"
            cls.poll_message_set(message)  # type: ignore[attr-defined]
            return False
        return True
