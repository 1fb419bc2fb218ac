# SPDX-License-Identifier: GPL-3.0-or-later
"""A run with a preview in the scene, advanced by a timer.

There is at most one at a time. It keeps no data of Blender's from one tick to the next: undo, or
a script, may have replaced or removed any of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import bpy

from ...core.errors import SemvecError
from ...core.worker.job_monitor import JobMonitor, Pollable
from ..blender.areas import redraw
from ..properties.run_inputs import fingerprint
from ..properties.runtime import RUNTIME
from .preview import Preview
from .redraw_scheduler import RedrawScheduler


class Session(ABC):
    """One run and its preview in the scene.

    `status` is a line for the status bar, updated together with the panel. Once `over`, `result`
    is the drawing's collection or None, `error` is the reason of a failure, and the scene is
    unchanged except for the result.
    """

    def __init__(self, scene: bpy.types.Scene, job: Pollable, preview: Preview) -> None:
        self.over = False
        self.result: bpy.types.Collection | None = None
        self.error: SemvecError | None = None
        self._run = JobMonitor(job)
        self._scene = scene.session_uid
        self._preview = preview
        self._pacing = RedrawScheduler()
        RUNTIME.session = self
        self._tell()

    @abstractmethod
    def tick(self) -> None:
        """Show what the worker has sent since the last tick; never waits."""

    def stop(self) -> None:
        """Ask the run to end at one of the next ticks; a second time, at once."""
        self._run.stop()
        self._tell()

    def abort(self) -> None:
        """End at once, without what the worker has not sent yet."""
        if self.over:
            return
        self._run.drop()
        self._discard()
        self._close()
        self._tell()

    @property
    def preview(self) -> Preview:
        """The current curves."""
        return self._preview

    @abstractmethod
    def _discard(self) -> None:
        """Drop what is not a result yet, when the run ends at once."""

    def _close(self) -> None:
        self.over = True
        self._preview.leave_view(self.result)
        if RUNTIME.session is self:
            RUNTIME.session = None

    def _tell(self) -> None:
        """Copy the state to `WindowManager.semvec` and redraw the panel.

        Setting these properties redraws the whole window, so this is called no more often than
        the panel is drawn.
        """
        shown, run = bpy.context.window_manager.semvec, self._run
        left = run.seconds_left
        shown.message, shown.fraction = run.message, run.fraction
        shown.stopping = run.state == "STOPPING"
        shown.seconds, shown.seconds_left = run.seconds, -1.0 if left is None else left
        show_failure(shown, self.error)
        shown.result = "" if self.result is None else self.result.name
        percent = f"{run.fraction:.0%}"
        self.status = f"Semvec: {run.message} ({percent})    Esc stops and {self._esc_effect}"
        self._pacing.panel_is_drawn()
        redraw("UI", "VIEW_3D", "IMAGE_EDITOR")

    @property
    @abstractmethod
    def _esc_effect(self) -> str:
        """End of the sentence "Esc stops and", for the status bar."""


def show_failure(shown: Any, error: SemvecError | None) -> None:
    """Show a failure in the panel, until the inputs of a run change; None for no failure.

    shown: `WindowManager.semvec`.
    """
    shown.error = "" if error is None else error.message
    shown.hint = "" if error is None else error.hint
    shown.failed_inputs = "" if error is None else fingerprint(bpy.context.scene)


def current_session() -> Session | None:
    """Return the session that runs, if one does."""
    return RUNTIME.session


def can_run(operator: Any) -> bool:
    """Return, for `poll`, whether a run may start; sets the operator's reason where it may not."""
    if RUNTIME.session is not None:
        operator.poll_message_set("An image is being vectorized. Wait, or cancel it")
    return RUNTIME.session is None


def abort_session() -> None:
    """End the session that runs, if one does, without a result."""
    if RUNTIME.session is not None:
        RUNTIME.session.abort()
