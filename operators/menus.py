# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries in Blender's own menus, which also make operators appear in the menu search."""

from __future__ import annotations

from typing import Any

import bpy

from .blender.object_image import image_of_object
from .inputs.active_image import active_image
from .inputs.image_part import has_frames

# With the words that people type into the menu search, which knows nothing but these texts.
_TEXT = "Vectorize Image to Curves (Trace)"
_FILE_TEXT = "Image Vectorized to Curves or SVG (.png/.jpg)"


def register() -> None:
    """Add the entries."""
    for name, draw in _ENTRIES:
        getattr(bpy.types, name).append(draw)


def unregister() -> None:
    """Remove the entries."""
    for name, draw in _ENTRIES:
        getattr(bpy.types, name).remove(draw)


def _draw_vectorize(menu: Any, context: bpy.types.Context) -> None:
    menu.layout.operator_context = "INVOKE_DEFAULT"
    menu.layout.operator("semvec.vectorize", text=_TEXT, icon="CURVE_BEZCIRCLE")


def _draw_file(menu: Any, context: bpy.types.Context) -> None:
    menu.layout.operator_context = "INVOKE_DEFAULT"
    menu.layout.operator("semvec.vectorize_file", text=_FILE_TEXT)


def _draw_sequence(menu: Any, context: bpy.types.Context) -> None:
    """Draw the entry where there is a sequence: the menu search would put it first else."""
    image = active_image(context)
    if image is None or not has_frames(image):
        return
    menu.layout.operator_context = "INVOKE_DEFAULT"
    menu.layout.operator("semvec.vectorize_sequence", icon="SEQUENCE")


def _draw_separated(menu: Any, context: bpy.types.Context) -> None:
    menu.layout.separator()
    _draw_vectorize(menu, context)


def _draw_for_images(menu: Any, context: bpy.types.Context) -> None:
    """Draw the entry where the active object shows an image."""
    if image_of_object(context.object) is not None:
        _draw_separated(menu, context)


_ENTRIES = (
    ("VIEW3D_MT_object_convert", _draw_separated),
    ("VIEW3D_MT_image_add", _draw_separated),
    ("VIEW3D_MT_object_context_menu", _draw_for_images),
    ("IMAGE_MT_image", _draw_separated),
    ("IMAGE_MT_image", _draw_sequence),
    ("VIEW3D_MT_image_add", _draw_sequence),
    ("TOPBAR_MT_file_import", _draw_file),
)
