# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes linked from another file, which can't be changed."""

from __future__ import annotations

from typing import Any

import bpy


def why_not_editable(scene: bpy.types.Scene) -> str:
    """Return why nothing can be added to a scene; empty where it can."""
    return "" if scene.is_editable else f"The scene '{scene.name}' is linked from another file"


def scene_is_editable(operator: Any, scene: bpy.types.Scene) -> bool:
    """Return, for `poll`, whether the scene can be added to; sets the operator's reason."""
    reason = why_not_editable(scene)
    if reason:
        operator.poll_message_set(reason)
    return not reason
