# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's preferences: the worker process, and what new scenes start with."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ..core.settings import Settings
from ..core.version import HAS_AI_FEATURES, MANUAL, WEBSITE
from ..core.worker.process import worker_status
from ..operators.mask_cache import cache_status
from ..operators.properties.preferences import EXTENSION, log_file
from .ai_features import draw_engine
from .wrapped_text import PREFERENCES, draw_text

_LIMITS = {item.name: item.metadata for item in fields(Settings)}


class SemvecPreferences(bpy.types.AddonPreferences):
    """Preferences of this computer, which no file contains."""

    bl_idname = EXTENSION

    __annotations__ = {
        "python_choice": EnumProperty(
            name="Worker Python",
            description="Python that runs the worker process",
            items=[
                (
                    "AUTOMATIC",
                    "Automatic",
                    "The AI engine's where it is installed, else Blender's own",
                ),
                ("CHOSEN", "Chosen", "Another one, 3.11 or later, with numpy"),
            ],
        ),
        "python": StringProperty(
            name="Program", description="Python to run the worker on", subtype="FILE_PATH"
        ),
        "cache": StringProperty(
            name="Cache",
            description="Folder for cached masks; empty for the extension's own",
            subtype="DIR_PATH",
        ),
        "threads": IntProperty(
            name="Threads",
            description="Processor threads to use; 0 uses all processors. With a window "
            "open, one is left free for Blender",
            default=Settings().threads,
            min=_LIMITS["threads"]["minimum"],
            max=_LIMITS["threads"]["maximum"],
        ),
        "resolution": IntProperty(
            name="Default Resolution",
            description="Working resolution of scenes in which no other one was chosen",
            default=Settings().resolution,
            min=_LIMITS["resolution"]["minimum"],
            max=_LIMITS["resolution"]["maximum"],
            subtype="PIXEL",
        ),
    }

    def draw(self, context: bpy.types.Context) -> None:
        """Draw worker, defaults and log."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        if HAS_AI_FEATURES:
            layout.row().prop(self, "python_choice", expand=True)
        if HAS_AI_FEATURES and self.python_choice == "CHOSEN":
            layout.prop(self, "python")
            layout.operator("semvec.check_python", icon="CHECKMARK")
        layout.prop(self, "threads")
        layout.prop(self, "resolution")
        layout.prop(self, "cache")
        draw_engine(layout)
        log = f"Log: {log_file() or 'kept for an installed extension only'}"
        _draw_state(layout, f"Worker: {worker_status()}", "MEMORY", "semvec.restart_worker")
        _draw_state(layout, cache_status(), "FILE_CACHE", "semvec.clear_cache")
        _draw_state(layout, log, "TEXT", "semvec.open_log")
        if WEBSITE:
            row = layout.row()
            row.operator("wm.url_open", text="Manual", icon="HELP").url = MANUAL
            row.operator("wm.url_open", text="Website", icon="URL").url = WEBSITE


def _draw_state(layout: Any, text: str, icon: str, operator: str) -> None:
    """Draw a text that may hold a long path whole, and its operator below."""
    column = layout.column(align=True)
    draw_text(column, text, icon, PREFERENCES)
    column.operator(operator)


classes = (SemvecPreferences,)
