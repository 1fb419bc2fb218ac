# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the view transform to Standard, under which materials have their exact colors."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy

from .datablocks import find_by_uid
from .view_change import ViewChange


class ViewTransformChange(ViewChange):
    """Shows a scene under the view transform Standard, where there is one."""

    names = ("view_transform", "look")
    keys = ("view_transform",)  # which decides on the looks there are

    def __init__(self, scene: int) -> None:
        """scene: its session-wide number."""
        self._scene = scene
        super().__init__()
        with contextlib.suppress(TypeError):  # where colors are configured otherwise
            self.set({"view_transform": "Standard"})
        self.done()

    def _found(self) -> Any:
        scene = find_by_uid(bpy.data.scenes, self._scene)
        return scene.view_settings if scene is not None else None
