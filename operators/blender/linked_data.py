# SPDX-License-Identifier: GPL-3.0-or-later
"""What is linked from another file can be seen, and not changed."""

from __future__ import annotations

from typing import Any

import bpy


def why_not_editable(scene: bpy.types.Scene) -> str:
    """Why nothing can be added to a scene; empty where that can be."""
    return "" if scene.is_editable else f"The scene '{scene.name}' is linked from another file"


def scene_is_editable(operator: Any, scene: bpy.types.Scene) -> bool:
    """For `poll`: whether things can be added to the scene; the operator then says why not."""
    reason = why_not_editable(scene)
    if reason:
        operator.poll_message_set(reason)
    return not reason
