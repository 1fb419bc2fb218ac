# SPDX-License-Identifier: GPL-3.0-or-later
"""Viewports without smooth edges for as long as curves change, where Blender draws in software.

Without a graphics card smoothing takes more than half of a redraw's time, and several redraws
more after each change. The setting is the user's: it is back as soon as a run is over.
"""

from __future__ import annotations

import bpy

from .software_rendering import draws_in_software

_OFF = "OFF"


class SmoothingPause:
    """Begins when it is made. Nothing changes where there is a graphics card, or no window."""

    def __init__(self) -> None:
        preferences = bpy.context.preferences
        self._before = preferences.system.viewport_aa if draws_in_software() else _OFF
        if self._before != _OFF:
            self._set(_OFF)

    def end(self) -> None:
        """Smooth edges again, unless somebody has chosen something else meanwhile."""
        if self._before != _OFF and bpy.context.preferences.system.viewport_aa == _OFF:
            self._set(self._before)
        self._before = _OFF

    @staticmethod
    def _set(viewport_aa: str) -> None:
        """Without Blender taking it for a change by the user, which it would save."""
        preferences = bpy.context.preferences
        unsaved = preferences.is_dirty
        preferences.system.viewport_aa = viewport_aa
        preferences.is_dirty = unsaved
