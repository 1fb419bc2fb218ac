# SPDX-License-Identifier: GPL-3.0-or-later
"""A vectorization that a person watches: curves appear, move, and stay or go.

At most one at a time. Nothing here holds on to Blender's data from one tick to the next:
undo, or a script, may have replaced or removed any of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import bpy

from ..core.errors import ImageError, SemvecError
from .curves import Placement, form_of
from .edge_smoothing import SmoothingPause
from .job import Finished
from .live_run import LiveRun, Pollable
from .preview import Preview
from .session_uid import find_by_uid

# Called at the end with scene, image and what the job gave; puts the result into the scene.
Place = Callable[[bpy.types.Scene, bpy.types.Image, Finished], bpy.types.Collection]

REDRAW_INTERVAL = 0.05  # seconds between two redraws of the sidebar
REST = 0.5  # seconds without new curves for each second that drawing the last ones took

_current: Session | None = None


class Session:
    """One run and its preview in the scene.

    keep: whether stopping keeps the curves so far. arrange: as in `Preview`. Once `over`,
    `result` is the drawing's collection or None, `error` says what went wrong, and the scene
    is as it was before but for the result.
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
        self._run = LiveRun(job)
        self._place, self._keep = place, keep
        self._scene, self._image = scene.session_uid, image.session_uid
        self._preview = Preview(placement, arrange)
        self._smoothing_pause = SmoothingPause()
        self._changed = 0.0  # when the curves that are being drawn were changed
        self._next_change = self._next_redraw = 0.0  # not before these times
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
        if self._run.over:
            self._end(scene, image)
        elif self._may_change_curves() and self._preview.advance(scene, image):
            self._changed = time.perf_counter()  # Blender draws what has changed
            self._tell(patience=REDRAW_INTERVAL)
            return
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
    def status(self) -> str:
        """One line for the status bar."""
        percent = f"{self._run.fraction:.0%}"
        after = "keeps the curves so far" if self._keep else "discards the curves"
        return f"Semvec: {self._run.message} ({percent})    Esc stops and {after}"

    @property
    def preview(self) -> Preview:
        """The curves so far."""
        return self._preview

    @property
    def _wanted(self) -> bool:
        """Whether the curves so far are still of interest."""
        return self._keep or self._run.state == "RUNNING"

    def _may_change_curves(self) -> bool:
        """Where the viewport is slow to draw, the rest of the window gets its share of time."""
        now = time.perf_counter()
        if self._changed:  # and drawn since: a tick comes after the drawing that is due
            self._next_change = now + REST * (now - self._changed)
            self._changed = 0.0
        return now >= self._next_change

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

    def _tell(self, patience: float = 0.0) -> None:
        """Copy the state to where the panel finds it, and have it drawn.

        patience: how long after its time the panel may wait, in seconds, where other things
        are drawn now.
        """
        shown, run = bpy.context.window_manager.semvec, self._run
        left = run.seconds_left
        shown.message, shown.fraction = run.message, run.fraction
        shown.stopping = run.state == "STOPPING"
        shown.seconds, shown.seconds_left = run.seconds, -1.0 if left is None else left
        show_failure(shown, self.error)
        shown.result = "" if self.result is None else self.result.name
        now = time.perf_counter()
        if self.over or now >= self._next_redraw + patience:
            self._next_redraw = now + REDRAW_INTERVAL
            _redraw_sidebars()


def show_failure(shown: Any, error: SemvecError | None) -> None:
    """Tell the panel, by way of `WindowManager.semvec`, why a run has failed, if it has."""
    shown.error = "" if error is None else error.message
    shown.hint = "" if error is None else error.hint


def current_session() -> Session | None:
    """The session that runs, if one does."""
    return _current


def nothing_runs(operator: Any) -> bool:
    """For `poll`: whether a run may start; the operator then says why not."""
    if _current is not None:
        operator.poll_message_set("An image is being vectorized. Wait, or cancel it")
    return _current is None


def abort_session() -> None:
    """End the session that runs, if one does, and leave nothing behind."""
    if _current is not None:
        _current.abort()


def _redraw_sidebars() -> None:
    """Have the panel drawn again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "IMAGE_EDITOR"):
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
