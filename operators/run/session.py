# SPDX-License-Identifier: GPL-3.0-or-later
"""A vectorization that a person watches: curves appear, move, and stay or go.

At most one at a time. Nothing here holds on to Blender's data from one tick to the next:
undo, or a script, may have replaced or removed any of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from ...core.errors import ImageError, SemvecError
from ...core.worker.job import Finished
from ...core.worker.job_monitor import JobMonitor, Pollable
from ..blender.antialiasing import SmoothingPause
from ..blender.areas import redraw
from ..blender.datablocks import find_by_uid
from ..objects.collection import Placement, form_of
from .preview import Preview
from .redraw_scheduler import RedrawScheduler

# Called at the end with scene, image and what the job gave; puts the result into the scene.
Place = Callable[[bpy.types.Scene, bpy.types.Image, Finished], bpy.types.Collection]

_current: Session | None = None


class Session:
    """One run and its preview in the scene.

    keep: whether stopping keeps the curves so far. arrange: as in `Preview`. `status` is a line
    for the status bar, as new as what the panel shows. Once `over`, `result` is the drawing's
    collection or None, `error` says what went wrong, and the scene is as it was before but for
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
    ) -> None:
        global _current
        self.over = False
        self.result: bpy.types.Collection | None = None
        self.error: SemvecError | None = None
        self._run = JobMonitor(job)
        self._place, self._keep = place, keep
        self._scene, self._image = scene.session_uid, image.session_uid
        self._preview = Preview(placement, arrange)
        self._smoothing_pause = SmoothingPause()
        self._pacing = RedrawScheduler()
        _current = self
        self._tell()

    def tick(self) -> None:
        """Show what has happened since the last tick; never waits."""
        if self.over:
            return
        scene = find_by_uid(bpy.data.scenes, self._scene)
        image = find_by_uid(bpy.data.images, self._image)
        if scene is None or image is None:
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
        """What Esc does: the run ends at one of the next ticks. A second time, at once."""
        self._run.stop()
        if not self._keep:
            self._preview.remove()
        self._tell()

    def abort(self) -> None:
        """End at once and leave nothing behind: no process, no curves."""
        if self.over:
            return
        self._run.drop()
        self._preview.remove()
        self._close()
        self._tell()

    @property
    def preview(self) -> Preview:
        """The curves so far."""
        return self._preview

    @property
    def _wanted(self) -> bool:
        """Whether the curves so far are still of interest."""
        return self._keep or self._run.state == "RUNNING"

    def _end(self, scene: bpy.types.Scene, image: bpy.types.Image) -> None:
        """The result instead of the preview, or neither."""
        self._preview.remove()
        replaced_form = form_of(self._preview.replaced(scene, image))
        self.error = self._run.error
        finished = self._run.finished
        if finished is not None and (self._keep or not finished.report["stopped"]):
            try:
                self.result = self._place(scene, image, finished)
                self._preview.arrange_for(scene, self.result, replaced_form)  # if not done yet
            except SemvecError as error:
                self.error = error
        self._close()

    def _close(self) -> None:
        global _current
        self.over = True
        self._preview.leave_view(self.result)
        self._smoothing_pause.end()
        if _current is self:
            _current = None

    def _tell(self) -> None:
        """Copy the state to where the panel finds it, and have it drawn.

        No more often than that: setting these properties has all of the window shown anew.
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
        after = "keeps the curves so far" if self._keep else "discards the curves"
        return f"Semvec: {self._run.message} ({percent})    Esc stops and {after}"


def show_failure(shown: Any, error: SemvecError | None) -> None:
    """Tell the panel, by way of `WindowManager.semvec`, why a run has failed, if it has."""
    shown.error = "" if error is None else error.message
    shown.hint = "" if error is None else error.hint


def current_session() -> Session | None:
    """The session that runs, if one does."""
    return _current


def can_run(operator: Any) -> bool:
    """For `poll`: whether a run may start; the operator then says why not."""
    if _current is not None:
        operator.poll_message_set("An image is being vectorized. Wait, or cancel it")
    return _current is None


def abort_session() -> None:
    """End the session that runs, if one does, and leave nothing behind."""
    if _current is not None:
        _current.abort()
