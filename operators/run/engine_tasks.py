# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's task of this Blender session: started by operators, watched by a timer.

At most one at a time. The timer belongs to no window and no file: closing the preferences or
opening another file doesn't end an installation.
"""

from __future__ import annotations

import bpy

from ...core.errors import Cancelled
from ...core.worker.background_task import BackgroundTask
from ...core.worker.process import close_shared_worker
from ..properties.engine_status import forget_engine_status
from ..properties.preferences import log_file
from ..properties.runtime import RUNTIME
from .session import current_session

INTERVAL = 0.2  # seconds between two checks of the process


def current_task() -> BackgroundTask | None:
    """Return the task that runs, if one does."""
    return RUNTIME.task


def last_task() -> BackgroundTask | None:
    """Return the task that ended last, whose error or message panels show."""
    return RUNTIME.last_task


def why_not_now() -> str:
    """Return why no task can start now; empty where one can."""
    if RUNTIME.task is not None:
        return "Something is being installed or downloaded. Wait, or cancel it"
    if current_session() is not None:
        return "An image is being vectorized. Wait, or cancel it"
    return ""


def why_offline() -> str:
    """Return why nothing may be downloaded; empty where that is allowed."""
    if bpy.app.online_access:
        return ""
    if bpy.app.online_access_override:
        return "Blender was started in offline mode. Start it without --offline-mode"
    return "Online access is off. Allow it in Preferences > System > Network"


def run_task(name: str, subject: str = "") -> str:
    """Run a task to its end, waiting: for scripts and without a window. Raises SemvecError."""
    _release_engine(name)
    try:
        return BackgroundTask(name, subject, log_file()).wait()
    finally:
        forget_engine_status()


def start_task(name: str, subject: str = "") -> BackgroundTask:
    """Start a task and watch it. Raises WorkerError where no process can be started."""
    _release_engine(name)
    RUNTIME.last_task = None
    RUNTIME.task = BackgroundTask(name, subject, log_file())
    bpy.app.timers.register(watch, first_interval=INTERVAL, persistent=True)
    return RUNTIME.task


def watch() -> float | None:
    """Check the process and redraw the panels: called by the timer."""
    if RUNTIME.task is None:
        return None
    RUNTIME.task.poll()
    if RUNTIME.task.over:
        RUNTIME.task, RUNTIME.last_task = None, RUNTIME.task
        forget_engine_status()
    _redraw()
    return None if RUNTIME.task is None else INTERVAL


def unregister() -> None:
    """End the task that runs, if one does, at once."""
    if bpy.app.timers.is_registered(watch):
        bpy.app.timers.unregister(watch)
    if RUNTIME.task is not None:
        RUNTIME.task.close()
    RUNTIME.task = RUNTIME.last_task = None
    forget_engine_status()


def failure() -> tuple[str, str]:
    """Return message and hint of the last task's error; empty after success or a stop."""
    error = None if RUNTIME.last_task is None else RUNTIME.last_task.error
    if error is None or isinstance(error, Cancelled):
        return "", ""
    return error.message, error.hint


def _release_engine(name: str) -> None:
    """End the worker before its environment changes."""
    if name in ("install", "remove"):
        close_shared_worker()


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("PREFERENCES", "VIEW_3D", "IMAGE_EDITOR"):
                area.tag_redraw()
