# SPDX-License-Identifier: GPL-3.0-or-later
"""Views that follow undo: they go back with a drawing that is undone, and return with it.

Blender's undo steps hold no viewports.
"""

from __future__ import annotations

import bpy

from ..blender.datablocks import find_by_uid
from ..objects.view import ArrangedView
from ..properties.runtime import RUNTIME


def remember_view(collection: bpy.types.Collection, view: ArrangedView) -> None:
    """Put the view back when this drawing is undone."""
    RUNTIME.arranged_views[collection.session_uid] = (view, True)


def follow_undo() -> None:
    """Put back the views of drawings that are gone, and arrange those of drawings again."""
    for uid, (view, is_arranged) in reversed(RUNTIME.arranged_views.items()):
        exists = find_by_uid(bpy.data.collections, uid) is not None
        if exists != is_arranged:
            (view.arrange_again if exists else view.put_back)()
            RUNTIME.arranged_views[uid] = (view, exists)


def forget_views() -> None:
    """Forget all views: another file is loaded."""
    RUNTIME.arranged_views.clear()


def follow_appearance(collection: bpy.types.Collection) -> None:
    """Show a drawing whose appearance has changed in the viewports that were arranged for it."""
    view, is_arranged = RUNTIME.arranged_views.get(collection.session_uid, (None, False))
    if view is not None and is_arranged:
        view.show(collection)
