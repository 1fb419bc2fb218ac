# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that install, test and remove the AI engine and its models.

With a window, a task runs in the background and panels show its progress; without one, the
operators wait until it is done.
"""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import EnumProperty

from ..core.engine.install import DISK, DOWNLOAD, WITH_GRAPHICS_CARD
from ..core.engine.rerun_on_engine import has_torch
from ..core.errors import SemvecError
from ..core.models import MODELS
from ..core.models.location import find
from .inputs.guidance import chosen_sources
from .properties.engine_status import engine_status
from .properties.preferences import worker_python
from .run.engine_tasks import current_task, run_task, start_task, why_not_now, why_offline


class _TaskOperator:
    """Mixin of operators that start a task of the engine."""

    task: ClassVar[str]
    downloads: ClassVar[bool] = False

    @classmethod
    def poll(cls: Any, context: bpy.types.Context) -> bool:
        """Return whether the task can start: one at a time, and online only where allowed."""
        reason = why_not_now() or (why_offline() if cls.downloads else "") or cls.why_not()
        if reason:
            cls.poll_message_set(reason)
        return not reason

    @classmethod
    def why_not(cls) -> str:
        """Return why there is nothing to do; empty where there is."""
        return ""

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Start it; without a window, wait until it is over."""
        try:
            if not bpy.app.background:
                start_task(self.task, self.subject())
                return {"FINISHED"}
            message = run_task(self.task, self.subject())
        except SemvecError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, message)
        return {"FINISHED"}

    def subject(self) -> str:
        """Return the subject of the task: a model or a Python."""
        return ""


class SEMVEC_OT_install_engine(_TaskOperator, bpy.types.Operator):
    """Download PyTorch, SAM's and CLIP's code into a folder of their own, for prompts and SAM"""

    bl_idname = "semvec.install_engine"
    bl_label = "Install AI Engine"
    bl_options = {"INTERNAL"}
    task, downloads = "install", True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Confirm the size of the download before."""
        return context.window_manager.invoke_confirm(
            self,
            event,
            title="Install the AI engine?",
            message=f"A download of {DOWNLOAD}, or {WITH_GRAPHICS_CARD} where PyTorch can use the "
            f"graphics card. At least {DISK / 1e9:.0f} GB on the disk.",
            confirm_text="Install",
        )


class SEMVEC_OT_remove_engine(_TaskOperator, bpy.types.Operator):
    """Delete the AI engine and what was downloaded for it; models stay"""

    bl_idname = "semvec.remove_engine"
    bl_label = "Remove AI Engine"
    bl_options = {"INTERNAL"}
    task = "remove"

    @classmethod
    def why_not(cls) -> str:
        return "It is not installed" if engine_status().state == "missing" else ""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask before."""
        return context.window_manager.invoke_confirm(self, event)


class SEMVEC_OT_check_engine(_TaskOperator, bpy.types.Operator):
    """Run a tiny SAM and a tiny CLIP on a picture, with the Python of the worker"""

    bl_idname = "semvec.check_engine"
    bl_label = "Test AI Engine"
    bl_options = {"INTERNAL"}
    task = "check"

    @classmethod
    def why_not(cls) -> str:
        return "" if worker_python() else "Install the AI engine, or choose a Python that has it"

    def subject(self) -> str:
        return worker_python()


def _model_property() -> Any:
    items = [(name, name, f"{model.size}, {model.license}") for name, model in MODELS.items()]
    return EnumProperty(name="Model", description="Model to download or remove", items=items)


class SEMVEC_OT_download_model(_TaskOperator, bpy.types.Operator):
    """Download a model, or resume a download"""

    bl_idname = "semvec.download_model"
    bl_label = "Download Model"
    bl_options = {"INTERNAL"}
    task, downloads = "download", True
    __annotations__ = {"model": _model_property()}

    def subject(self) -> str:
        return self.model


class SEMVEC_OT_remove_model(_TaskOperator, bpy.types.Operator):
    """Delete a model's file"""

    bl_idname = "semvec.remove_model"
    bl_label = "Remove Model"
    bl_options = {"INTERNAL"}
    task = "remove model"
    __annotations__ = {"model": _model_property()}

    def subject(self) -> str:
        return self.model

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask before."""
        return context.window_manager.invoke_confirm(self, event)


class SEMVEC_OT_cancel_task(bpy.types.Operator):
    """Stop the installation or the download; what was downloaded is kept for the next time"""

    bl_idname = "semvec.cancel_task"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is something to stop."""
        if current_task() is None:
            cls.poll_message_set("Nothing is being installed or downloaded")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ask it to stop."""
        task = current_task()
        if task is not None:
            task.cancel()
        return {"FINISHED"}


def engine_users(panel: Any) -> dict[str, str]:
    """Return the title of each part of a run that needs the AI engine, and its model's name."""
    users = {
        source.title: str(getattr(panel, source.model)) if source.model else ""
        for source in chosen_sources(panel)
        if source.needs_engine
    }
    return {**users, "SAM": panel.sam_model} if panel.segmenter == "sam" else users


def what_is_missing(panel: Any) -> list[str]:
    """Return what a run with the panel's settings needs and lacks: "engine", names of models."""
    users = engine_users(panel)
    missing = ["engine"] if users and not worker_python() and not has_torch() else []
    return missing + [
        name for name in users.values() if name in MODELS and find(MODELS[name]) is None
    ]


classes = (
    SEMVEC_OT_install_engine,
    SEMVEC_OT_remove_engine,
    SEMVEC_OT_check_engine,
    SEMVEC_OT_download_model,
    SEMVEC_OT_remove_model,
    SEMVEC_OT_cancel_task,
)
