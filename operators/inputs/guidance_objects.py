# SPDX-License-Identifier: GPL-3.0-or-later
"""Guidance objects of an image: saliency canvases, and empties that show the image.

They lie exactly where the image's drawing appears, so they are hidden once it does.
"""

from __future__ import annotations

import bpy

from .canvas import find_canvases


def guidance_objects(scene: bpy.types.Scene, image: bpy.types.Image) -> list[bpy.types.Object]:
    """Return the scene's canvases for an image, and the empties that show it."""
    empties = [obj for obj in scene.objects if obj.type == "EMPTY" and obj.data == image]
    return [*empties, *find_canvases(scene, image)]


def visible_guidance(
    view_layer: bpy.types.ViewLayer, image: bpy.types.Image
) -> list[bpy.types.Object]:
    """Return the image's guidance objects that are not hidden in the view layer."""
    known = set(view_layer.objects)
    found = (obj for obj in guidance_objects(view_layer.id_data, image) if obj in known)
    return [obj for obj in found if not obj.hide_get(view_layer=view_layer)]


def hide_guidance(view_layer: bpy.types.ViewLayer, image: bpy.types.Image) -> list[str]:
    """Hide the image's guidance objects; returns the names of those that were visible."""
    visible = visible_guidance(view_layer, image)
    for obj in visible:
        obj.hide_set(True, view_layer=view_layer)
    return [obj.name for obj in visible]


def show_guidance(
    view_layer: bpy.types.ViewLayer, image: bpy.types.Image, names: list[str] | None = None
) -> None:
    """Show guidance objects of the image again: those of these names, or all."""
    for obj in guidance_objects(view_layer.id_data, image):
        if obj.name in view_layer.objects and (names is None or obj.name in names):
            obj.hide_set(False, view_layer=view_layer)
