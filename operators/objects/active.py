# SPDX-License-Identifier: GPL-3.0-or-later
"""Which drawing the buttons work on, for operators that do nothing without one."""

from __future__ import annotations

import bpy

from .collection import SOURCE, drawing_of


def active_drawing(context: bpy.types.Context) -> bpy.types.Collection | None:
    """The drawing of the active object, else the last result, else the scene's newest."""
    scene = context.scene
    owner = drawing_of(scene, context.view_layer.objects.active)
    if owner is not None:
        return owner
    collections = [item for item in scene.collection.children_recursive if SOURCE in item]
    last = [
        collection
        for collection in collections
        if collection.name == context.window_manager.semvec.result
    ]
    return next(iter([*last, *reversed(collections)]), None)


class NeedsDrawing:
    """An operator that is disabled, and says why, until there is a drawing."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there is one."""
        if active_drawing(context) is None:
            message = "There is no drawing in this scene. Vectorize an image first"
            cls.poll_message_set(message)  # type: ignore[attr-defined]
            return False
        return True
