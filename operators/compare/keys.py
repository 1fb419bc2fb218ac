# SPDX-License-Identifier: GPL-3.0-or-later
"""The key that compares, which users can change in Blender's preferences.

J switches between renders in the Image Editor, and has no other meaning where drawings are edited.
"""

from __future__ import annotations

from typing import Any

import bpy

_OPERATOR = "semvec.compare"
_KEYMAP = "3D View"


def register() -> None:
    """Add the key."""
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is not None:  # there is none without a window
        keymap = configuration.keymaps.new(_KEYMAP, space_type="VIEW_3D")
        keymap.keymap_items.new(_OPERATOR, "J", "PRESS")


def unregister() -> None:
    """Remove it."""
    for keymap, item in _items(bpy.context.window_manager.keyconfigs.addon):
        keymap.keymap_items.remove(item)


def key_name() -> str:
    """Return the name of the key, as the user has set it; empty where there is none."""
    items = _items(bpy.context.window_manager.keyconfigs.user)
    return next((item.to_string() for _, item in items if item.active), "")


def _items(configuration: Any) -> list[tuple[Any, Any]]:
    """Return our keys in a key configuration, each with its keymap."""
    keymap = configuration.keymaps.get(_KEYMAP) if configuration is not None else None
    items = keymap.keymap_items if keymap is not None else ()
    return [(keymap, item) for item in items if item.idname == _OPERATOR]
