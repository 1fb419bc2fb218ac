# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's preferences: the worker process, and what new scenes start with."""

from __future__ import annotations

from dataclasses import fields

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ..core.settings import Settings
from ..core.version import HAS_AI_FEATURES
from ..core.worker.process import worker_status
from ..operators.mask_cache import cache_status
from ..operators.properties.preferences import EXTENSION, log_file
from .ai_features import draw_engine

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
            row = layout.row(align=True)
            row.prop(self, "python")
            row.operator("semvec.check_python", icon="CHECKMARK")
        layout.prop(self, "threads")
        layout.prop(self, "resolution")
        layout.prop(self, "cache")
        draw_engine(layout)
        row = layout.row()
        row.label(text=f"Worker: {worker_status()}", icon="MEMORY")
        row.operator("semvec.restart_worker")
        row = layout.row()
        row.label(text=cache_status(), icon="FILE_CACHE")
        row.operator("semvec.clear_cache")
        row = layout.row()
        row.label(text=f"Log: {log_file() or 'kept for an installed extension only'}", icon="TEXT")
        row.operator("semvec.open_log")


classes = (SemvecPreferences,)
