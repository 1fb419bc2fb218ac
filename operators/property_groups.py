# SPDX-License-Identifier: GPL-3.0-or-later
"""Property groups of the panel: `Scene.semvec`, saved in files, and `WindowManager.semvec`."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.props import (
    BoolProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..core.settings import current_setting, former_names
from .inputs.active_image import beside
from .inputs.guidance import guidance_property
from .inputs.image_part import part_properties
from .properties.images import image_pointers
from .properties.preferences import default_resolution
from .properties.settings import placement_properties, run_properties, settings_properties
from .properties.touch_up import touch_up_properties
from .run.session import current_session
from .sequences.properties import sequence_properties


def _share(name: str, description: str, default: float) -> object:
    return FloatProperty(
        name=name, description=description, default=default, min=0.0, max=1.0, subtype="FACTOR"
    )


def _settings_with_default_resolution() -> dict[str, Any]:
    """Return all settings; the resolution is that of the preferences until one is chosen."""
    properties = settings_properties()

    def choose(self: Any, value: int) -> None:
        self.chosen_resolution = value

    properties["resolution"].keywords.update(
        get=lambda self: self.chosen_resolution or default_resolution(), set=choose
    )
    chosen = IntProperty(name="Chosen Resolution", description="0 until one is chosen")
    return {**properties, "chosen_resolution": chosen}


def _noted_images() -> dict[str, Any]:
    """Return the image pointers; choosing the image notes what was active then."""

    def note(self: Any, context: bpy.types.Context) -> None:
        self.chosen_beside = beside(context)

    properties = image_pointers()
    properties["image"].keywords["update"] = note
    return properties


class SemvecSettings(bpy.types.PropertyGroup):
    """Settings of the next vectorization in a scene."""

    __annotations__ = {
        **_noted_images(),
        **part_properties(),
        "chosen_beside": StringProperty(
            name="Chosen Beside",
            description="Object and editor's image that were active when the image was chosen",
        ),
        "guidance": guidance_property(),
        "saliency_softness": _share(
            "Softness",
            "How far what is drawn on a canvas fades out, as a share of the radius",
            0.5,
        ),
        "saliency_background": _share("Background", "How much matters what is not painted", 0.1),
        **_settings_with_default_resolution(),
        **placement_properties(),
        **run_properties(),
        **touch_up_properties(),
        **sequence_properties(),
    }

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a property; presets of version 0.1 use the names that settings had then."""
        super().__setattr__(*current_setting(name, value))


class SemvecState(bpy.types.PropertyGroup):
    """State of the current run, or outcome of the last one."""

    __annotations__ = {
        "running": BoolProperty(
            name="Running",
            description="Whether an image is being vectorized",
            get=lambda self: current_session() is not None,
        ),
        "stopping": BoolProperty(name="Stopping", description="Whether a stop was asked for"),
        "message": StringProperty(name="Message", description="What is being done"),
        "fraction": FloatProperty(name="Progress", description="Share of the work that is done"),
        "seconds": FloatProperty(name="Seconds", description="Time since the start"),
        "seconds_left": FloatProperty(
            name="Time Left", description="Seconds to the end; negative where not known yet"
        ),
        "error": StringProperty(name="Error", description="Why the last run failed"),
        "hint": StringProperty(name="Hint", description="What can be done about it"),
        "failed_inputs": StringProperty(
            name="Failed Inputs", description="What the last run started from, if it failed"
        ),
        "result": StringProperty(name="Result", description="The collection of the last drawing"),
    }


classes = (SemvecSettings, SemvecState)


def rename_stored_settings(panel: Any) -> None:
    """Move what a file of version 0.1 stores under former names of settings to the current ones."""
    # Blender 5 keeps registered properties apart from custom properties.
    stored = panel if not hasattr(panel, "bl_system_properties_get") else (
        panel.bl_system_properties_get() or {}
    )  # fmt: skip
    for former, current in former_names().items():
        if former in stored:
            value = stored[former]
            del stored[former]
            declared = panel.bl_rna.properties[current]
            if declared.type == "ENUM":  # stored by its position
                value = declared.enum_items[value].identifier
            setattr(panel, current, value)


@persistent
def _after_load(*_: object) -> None:
    """Update settings of version 0.1, and forget the result of a run of another session."""
    for scene in bpy.data.scenes:
        if scene.library is None:
            rename_stored_settings(scene.semvec)
    state = bpy.context.window_manager.semvec
    for name in ("error", "hint", "failed_inputs", "result", "stopping"):
        state.property_unset(name)


def register() -> None:
    """Add the settings to scenes and the state to the window manager."""
    bpy.types.Scene.semvec = PointerProperty(type=SemvecSettings)
    bpy.types.WindowManager.semvec = PointerProperty(type=SemvecState)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Remove them."""
    bpy.app.handlers.load_post.remove(_after_load)
    del bpy.types.WindowManager.semvec
    del bpy.types.Scene.semvec
