# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of the panel's settings: ours come with the extension, the user's are Blender's.

Ours lie in presets/semvec; Blender looks there for as long as the extension is enabled.
"""

from __future__ import annotations

from pathlib import Path

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
    """Keep the present settings as a preset, or remove the chosen one"""

    bl_idname = "semvec.preset_add"
    bl_label = "Add Preset"
    preset_menu = SEMVEC_MT_presets.__name__
    preset_subdir = FOLDER
    preset_defines = ["settings = bpy.context.scene.semvec"]
    preset_values = [f"settings.{name}" for name in preset_names()]


classes = (SEMVEC_MT_presets, SEMVEC_OT_preset_add)


def register() -> None:
    """Let Blender find our presets."""
    bpy.utils.register_preset_path(_ROOT)


def unregister() -> None:
    """Let Blender forget them."""
    bpy.utils.unregister_preset_path(_ROOT)
