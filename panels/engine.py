# SPDX-License-Identifier: GPL-3.0-or-later
"""The AI engine and its models in the preferences, and a hint in the sidebar."""

from __future__ import annotations

from typing import Any

import bpy

from ..core.models import MODELS
from ..core.models.location import find
from ..operators.ai_engine import engine_users, what_is_missing
from ..operators.properties.engine_status import engine_status
from ..operators.run.engine_tasks import current_task, failure, last_task, why_offline
from .wrapped_text import BOX, PREFERENCES, draw_text


def draw_engine(layout: Any) -> None:
    """Draw the preferences' section of the engine, its models, and the current task."""
    box = layout.box()
    status = engine_status()
    box.label(
        text=f"AI engine, for prompts and SAM: {status.message}",
        icon="CHECKMARK" if status.usable else "INFO",
    )
    if current_task() is not None:
        _draw_progress(box)
        return
    row = box.row()
    label = "Install Again…" if status.usable else "Install AI Engine…"
    row.operator("semvec.install_engine", text=label)
    row.operator("semvec.check_engine")
    row.operator("semvec.remove_engine")
    _draw_offline(box, PREFERENCES)
    _draw_outcome(box, PREFERENCES)
    _draw_models(box)


def draw_missing(layout: Any, settings: Any) -> None:
    """Draw what the panel's settings need and is not installed, with the buttons for it."""
    missing = what_is_missing(settings)
    if not missing:
        return
    box = layout.box()
    if current_task() is not None:
        _draw_progress(box)
        return
    if "engine" in missing:
        users = list(engine_users(settings))
        verb = "needs" if len(users) == 1 else "need"
        draw_text(box, f"{' and '.join(users)} {verb} the AI engine", "INFO", BOX)
        box.operator("semvec.install_engine", text="Install AI Engine…", icon="IMPORT")
    for name in missing:
        if name in MODELS:
            text = f"Download {name} ({MODELS[name].size})"
            box.operator("semvec.download_model", text=text, icon="IMPORT").model = name
    _draw_offline(box, BOX)
    _draw_outcome(box, BOX)


def why_incomplete(settings: Any) -> str:
    """Return what has to be installed or downloaded before a run; empty where nothing has."""
    missing = what_is_missing(settings)
    if "engine" in missing:
        return "Install the AI engine first"
    return f"Download {' and '.join(missing)} first" if missing else ""


def _draw_progress(layout: Any) -> None:
    task = current_task()
    if task is None:
        return
    layout.progress(factor=task.fraction, text=f"{task.message}   {task.fraction:.0%}")
    layout.operator("semvec.cancel_task", icon="CANCEL")


def _draw_offline(layout: Any, width: int) -> None:
    """Draw why nothing can be downloaded, and the button to change that."""
    reason = why_offline()
    if reason:
        draw_text(layout, reason, "INTERNET_OFFLINE", width)
        if not bpy.app.online_access_override:
            button = layout.operator("screen.userpref_show", text="Open System Preferences")
            button.section = "SYSTEM"


def _draw_outcome(layout: Any, width: int) -> None:
    """Draw the outcome of the last task."""
    message, hint = failure()
    last = last_task()
    if message:
        draw_text(layout, message, "ERROR", width)
        draw_text(layout, hint, "BLANK1", width)
    elif last is not None and last.error is None:
        draw_text(layout, last.message, "CHECKMARK", width)


# Purpose of each model; the first of a kind is the one that settings start with.
_PURPOSES = {
    "sam_vit_b": "Whole objects (recommended)",
    "sam_vit_l": "Whole objects, finer but slower",
    "sam_vit_h": "Whole objects, finest but slowest",
    "clip_vit_b_32": "Prompts (recommended)",
    "clip_vit_b_16": "Prompts, finer places",
    "clip_vit_l_14": "Prompts, large and slow",
    "clip_vit_b_32_laion2b": "Prompts, trained on other pictures",
}


def _draw_models(layout: Any) -> None:
    for name in sorted(MODELS, key=list(_PURPOSES).index):
        model = MODELS[name]
        row = layout.row()
        there = find(model) is not None
        row.label(text=_PURPOSES[name], icon="CHECKMARK" if there else "BLANK1")
        row.label(text=f"{model.name}, {model.size}, {model.license}")
        operator = "semvec.remove_model" if there else "semvec.download_model"
        row.operator(operator, text="Remove" if there else "Download").model = model.name
