# SPDX-License-Identifier: GPL-3.0-or-later
"""A note where renders of a drawing will differ from the viewport."""

from __future__ import annotations

import bpy

from .collection import placement_of


def render_note(scene: bpy.types.Scene, collection: bpy.types.Collection) -> str:
    """Return why a render will show other colors than solid shading; empty where it will not."""
    if placement_of(collection).shading != "FLAT":
        return ""
    view = scene.view_settings
    if view.view_transform != "Standard":
        return f"Renders differ: view transform {view.view_transform}. Set Up Camera changes it"
    if view.look != "None" or view.exposure != 0.0 or view.gamma != 1.0:
        return "Renders differ: look, exposure or gamma is set. Set Up Camera resets them"
    return ""
