# SPDX-License-Identifier: GPL-3.0-or-later
"""A run with a preview in the scene, advanced by a timer.

There is at most one at a time. It keeps no data of Blender's from one tick to the next: undo, or
a script, may have replaced or removed any of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from ...core.errors import ImageError, SemvecError
from ...core.worker.job import Finished
from ...core.worker.job_monitor import JobMonitor, Pollable
from ..blender.areas import redraw
from ..blender.datablocks import find_by_uid
from ..objects.collection import placement_of
from ..objects.placement import Placement
from ..properties.run_inputs import fingerprint
from ..properties.runtime import RUNTIME
from .preview import Preview
from .redraw_scheduler import RedrawScheduler

# Puts the result into the scene: called at the end with scene, image and the finished job.
Place = Callable[[bpy.types.Scene, bpy.types.Image, Finished], bpy.types.Collection]


class Session:
    """One run and its preview in the scene.

    keep: whether stopping keeps the current curves. arrange: as in `Preview`. drawing: the one
    that the run changes; None where it makes one. `status` is a line
    for the status bar, updated together with the panel. Once `over`, `result` is the drawing's
    collection or None, `error` is the reason of a failure, and the scene is unchanged except for
    the result.
    """

    def __init__(
        self,
        scene: bpy.types.Scene,
        image: bpy.types.Image,
        job: Pollable,
        place: Place,
        placement: Placement,
        keep: bool = True,
        arrange: bool = False,
        drawing: bpy.types.Collection | None = None,
    ) -> None:
        self.over = False
        self.result: bpy.types.Collection | None = None
        self.error: SemvecError | None = None
        self._run = JobMonitor(job)
        self._place, self._keep = place, keep
        self._scene, self._image = scene.session_uid, image.session_uid
        self._drawing = 0 if drawing is None else drawing.session_uid
        self._preview = Preview(placement, arrange, self._drawing)
        self._pacing = RedrawScheduler()
        RUNTIME.session = self
        self._tell()

    def tick(self) -> None:
        """Show what the worker has sent since the last tick; never waits."""
        if self.over:
            return
        scene = find_by_uid(bpy.data.scenes, self._scene)
        image = find_by_uid(bpy.data.images, self._image)
        has_drawing = not self._drawing or find_by_uid(bpy.data.collections, self._drawing)
        if scene is None or image is None or not has_drawing:
            self.error = ImageError("What was being vectorized has been removed.")
            self.abort()
            return
        drawing = self._run.step()
        if drawing is not None and self._wanted:
            self._preview.show(drawing)
        self._pacing.tick()
        if self._run.over:
            self._end(scene, image)
            self._tell()
        elif self._run.message != bpy.context.window_manager.semvec.message:  # another stage
            self._tell()
        elif self._pacing.curves_may_change and self._preview.advance(scene, image):
            self._pacing.curves_have_changed()
        elif self._pacing.panel_is_due:
            self._tell()

    def stop(self) -> None:
        """Ask the run to end at one of the next ticks; a second time, at once."""
        self._run.stop()
        if not self._keep:
            self._preview.remove()
        self._tell()

    def abort(self) -> None:
        """End at once, without a result."""
        if self.over:
            return
        self._run.drop()
        self._preview.remove()
        self._close()
        self._tell()

    @property
    def preview(self) -> Preview:
        """The current curves."""
        return self._preview

    @property
    def _wanted(self) -> bool:
        """True while the current curves may still be shown."""
        return self._keep or self._run.state == "RUNNING"

    def _end(self, scene: bpy.types.Scene, image: bpy.types.Image) -> None:
        """Replace the preview by the result, if there is one."""
        self._preview.remove()
        replaced = [placement_of(old) for old in self._preview.replaced(scene, image)]
        self.error = self._run.error
        finished = self._run.finished
        if finished is not None and (self._keep or not finished.report["stopped"]):
            try:
                self.result = self._place(scene, image, finished)
                self._preview.arrange_for(scene, self.result, replaced[0] if replaced else None)
            except SemvecError as error:
                self.error = error
        self._close()

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
        self.status = self._status()
        self._pacing.panel_is_drawn()
        redraw("UI", "VIEW_3D", "IMAGE_EDITOR")

    def _status(self) -> str:
        percent = f"{self._run.fraction:.0%}"
        after = "keeps the current curves" if self._keep else "discards the curves"
        return f"Semvec: {self._run.message} ({percent})    Esc stops and {after}"


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
