# SPDX-License-Identifier: GPL-3.0-or-later
"""The view transform under which materials are seen, and rendered, in their exact colors."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy

from .datablocks import find_by_uid
from .view_change import ViewChange


class ViewTransformChange(ViewChange):
    """Has a scene seen under the view transform Standard, where there is one."""

    names = ("view_transform", "look")  # the one says which others there are

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
