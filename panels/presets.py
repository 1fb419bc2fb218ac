# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of the panel's settings: those in presets/semvec, and the user's own.

Blender finds the extension's presets for as long as it is enabled.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import Any

import bpy
from bl_operators.presets import AddPresetBase

from ..core.settings import preset_names

FOLDER = "semvec"  # in every folder of presets

_ROOT = str(Path(__file__).resolve().parents[1])


class SEMVEC_MT_presets(bpy.types.Menu):
    """Settings for a kind of picture"""

    bl_label = "Presets"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    draw = bpy.types.Menu.draw_preset


class SEMVEC_OT_preset_add(AddPresetBase, bpy.types.Operator):
    """Save the current settings as a preset, or remove the preset that they agree with"""

    bl_idname = "semvec.preset_add"
    bl_label = "Add Preset"
    preset_menu = SEMVEC_MT_presets.__name__
    preset_subdir = FOLDER
    preset_defines = ["settings = bpy.context.scene.semvec"]
    preset_values = [f"settings.{name}" for name in preset_names()]

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Save or remove the preset; Blender removes the one that the menu is named after."""
        if self.remove_active:
            SEMVEC_MT_presets.bl_label = active_preset(context.scene.semvec) or "Presets"
        return AddPresetBase.execute(self, context)


def active_preset(settings: Any) -> str:
    """Return the name of the preset that the settings agree with; empty where there is none."""
    for folder in bpy.utils.preset_paths(FOLDER):
        for file in sorted(Path(folder).glob("*.py")):
            values = _values_of(file, file.stat().st_mtime_ns)
            if values and all(_agree(getattr(settings, n, None), v) for n, v in values.items()):
                return bpy.path.display_name(file.name, title_case=False)
    return ""


@functools.lru_cache(maxsize=64)
def _values_of(file: Path, changed: int) -> dict[str, Any]:
    """Return the settings that a preset assigns, by name; changed: the file's time."""
    values = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        name, assigned, value = line.partition(" = ")
        if assigned and name.startswith("settings."):
            try:
                values[name.removeprefix("settings.")] = ast.literal_eval(value)
            except (SyntaxError, ValueError):  # edited by hand
                return {}
    return values


def _agree(value: Any, other: Any) -> bool:
    """Return whether two values are the same in Blender's single precision."""
    if isinstance(value, float) and isinstance(other, float | int):
        return abs(value - other) < 1e-6
    return bool(value == other)


classes = (SEMVEC_MT_presets, SEMVEC_OT_preset_add)


def register() -> None:
    """Add the folder of presets."""
    bpy.utils.register_preset_path(_ROOT)


def unregister() -> None:
    """Remove it."""
    bpy.utils.unregister_preset_path(_ROOT)
