# SPDX-License-Identifier: GPL-3.0-or-later
"""The task that runs for this Blender: started, watched by a timer, shown by panels.

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
from .session import current_session

INTERVAL = 0.2  # seconds between two looks at the process

_current: BackgroundTask | None = None
_last: BackgroundTask | None = None  # that has ended


def current_task() -> BackgroundTask | None:
    """The task that runs, if one does."""
    return _current


def last_task() -> BackgroundTask | None:
    """The one that ended last, whose error or message is still worth showing."""
    return _last


def why_not_now() -> str:
    """Why no task can start now; empty where one can."""
    if _current is not None:
        return "Something is being installed or downloaded. Wait, or cancel it"
    if current_session() is not None:
        return "An image is being vectorized. Wait, or cancel it"
    return ""


def why_offline() -> str:
    """Why nothing may be downloaded; empty where that is allowed."""
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
    global _current, _last
    _release_engine(name)
    _last = None
    _current = BackgroundTask(name, subject, log_file())
    bpy.app.timers.register(watch, first_interval=INTERVAL, persistent=True)
    return _current


def watch() -> float | None:
    """What the timer does: look at the process, and have the panels drawn."""
    global _current, _last
    if _current is None:
        return None
    _current.poll()
    if _current.over:
        _current, _last = None, _current
        forget_engine_status()
    _redraw()
    return None if _current is None else INTERVAL


def stop_task() -> None:
    """End the task that runs, if one does, at once."""
    global _current, _last
    if bpy.app.timers.is_registered(watch):
        bpy.app.timers.unregister(watch)
    if _current is not None:
        _current.close()
    _current = _last = None
    forget_engine_status()


def failure() -> tuple[str, str]:
    """Message and hint of the last task's error; empty where it went well or was stopped."""
    error = None if _last is None else _last.error
    if error is None or isinstance(error, Cancelled):
        return "", ""
    return error.message, error.hint


def _release_engine(name: str) -> None:
    """No worker may run on an environment that is about to go."""
    if name in ("install", "remove"):
        close_shared_worker()


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("PREFERENCES", "VIEW_3D", "IMAGE_EDITOR"):
                area.tag_redraw()


def unregister() -> None:
    """End the task that runs, if one does, at once."""
    stop_task()
