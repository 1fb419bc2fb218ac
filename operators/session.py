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

from ..core.drawing import Drawing
from ..core.errors import ImageError, SemvecError
from .curves import Placement, add_drawing, find_drawings, remove_drawing, update_drawing
from .job import Finished
from .live_run import LiveRun, Pollable
from .viewport_colors import Viewports, show_material_colors, show_object_colors

# Called at the end with scene, image and what the job gave; puts the result into the scene.
Place = Callable[[bpy.types.Scene, bpy.types.Image, Finished], bpy.types.Collection]

# Share of the time that showing previews may take: large drawings are shown less often.
PREVIEW_SHARE = 0.15

# Seconds between two redraws. Software rendering, for one, can't do more.
REDRAW_INTERVAL = 0.08

_current: Session | None = None


class Session:
    """One run and its preview in the scene.

    keep: whether stopping keeps the curves so far. Once `over`, `result` is the drawing's
    collection or None, `error` says what went wrong, and the scene is as it was before but
    for the result.
    """

    def __init__(
        self,
        scene: bpy.types.Scene,
        image: bpy.types.Image,
        job: Pollable,
        place: Place,
        placement: Placement,
        keep: bool = True,
    ) -> None:
        global _current
        self.over = False
        self.result: bpy.types.Collection | None = None
        self.error: SemvecError | None = None
        self._run = LiveRun(job)
        self._place, self._placement, self._keep = place, placement, keep
        self._scene, self._image = scene.session_uid, image.session_uid
        self._preview = 0
        self._next_preview = self._next_redraw = 0.0  # not before these times
        self._hidden: list[int] = []
        self._recolored: Viewports = []
        _current = self
        self._tell()

    def tick(self) -> None:
        """Show what has happened since the last tick; never waits."""
        if self.over:
            return
        scene, image = _find(bpy.data.scenes, self._scene), _find(bpy.data.images, self._image)
        if scene is None or image is None:
            self.error = ImageError("What was being vectorized has been removed.")
            self.abort()
            return
        drawing = self._run.step()
        if self._run.over:
            self._end(scene, image)
        elif drawing is not None and self._is_time_to_show():
            started = time.perf_counter()
            self._show(scene, image, drawing)
            bpy.context.view_layer.update()  # Blender's share of the work, to be timed as well
            now = time.perf_counter()
            self._next_preview = now + (now - started) / PREVIEW_SHARE
        self._tell()

    def stop(self) -> None:
        """What Esc does: the run ends at one of the next ticks. A second time, at once."""
        self._run.stop()
        if not self._keep:
            self._remove_preview()
        self._tell()

    def abort(self) -> None:
        """End at once and leave nothing behind: no process, no curves."""
        if self.over:
            return
        self._run.drop()
        self._remove_preview()
        self._close()
        self._tell()

    @property
    def status(self) -> str:
        """One line for the status bar."""
        percent = f"{self._run.fraction:.0%}"
        after = "keeps the curves so far" if self._keep else "discards the curves"
        return f"Semvec: {self._run.message} ({percent})    Esc stops and {after}"

    def _is_time_to_show(self) -> bool:
        wanted = self._keep or self._run.state == "RUNNING"
        return wanted and time.perf_counter() >= self._next_preview

    def _show(self, scene: bpy.types.Scene, image: bpy.types.Image, drawing: Drawing) -> None:
        """Put the drawing so far where the result will be, in place of earlier drawings."""
        top = _find(bpy.data.collections, self._preview)
        if top is not None:
            update_drawing(top, drawing)
            return
        if self._placement.existing == "REPLACE":
            old = [item for item in find_drawings(scene, image.name) if not item.hide_viewport]
            self._hidden = [item.session_uid for item in old]
            self._hide(True)
        self._recolored = show_object_colors()
        beside = self._placement._replace(existing="ADD", form="CURVES")  # moves in place
        self._preview = add_drawing(scene, drawing, image.name, beside).session_uid

    def _end(self, scene: bpy.types.Scene, image: bpy.types.Image) -> None:
        """The result instead of the preview, or neither."""
        self._remove_preview()
        self.error = self._run.error
        finished = self._run.finished
        if finished is not None and (self._keep or not finished.report["stopped"]):
            try:
                self.result = self._place(scene, image, finished)
            except SemvecError as error:
                self.error = error
        self._close()

    def _remove_preview(self) -> None:
        top = _find(bpy.data.collections, self._preview)
        self._preview = 0
        if top is not None:
            scene = _find(bpy.data.scenes, self._scene) or bpy.context.scene
            remove_drawing(scene, top)
        self._hide(False)

    def _hide(self, hidden: bool) -> None:
        for item in (_find(bpy.data.collections, identifier) for identifier in self._hidden):
            if item is not None:
                item.hide_viewport = hidden

    def _close(self) -> None:
        global _current
        self.over = True
        if self.result is None:
            show_material_colors(self._recolored)
        if _current is self:
            _current = None

    def _tell(self) -> None:
        """Copy the state to where the panel finds it, and have it drawn."""
        shown, run = bpy.context.window_manager.semvec, self._run
        left = run.seconds_left
        shown.message, shown.fraction = run.message, run.fraction
        shown.stopping = run.state == "STOPPING"
        shown.seconds, shown.seconds_left = run.seconds, -1.0 if left is None else left
        shown.error = "" if self.error is None else self.error.message
        shown.hint = "" if self.error is None else self.error.hint
        shown.result = "" if self.result is None else self.result.name
        if self.result is not None and run.finished is not None:
            report = run.finished.report
            shown.paths, shown.nodes = report["paths"], report["nodes"]
            shown.psnr, shown.stopped = report["psnr"], report["stopped"]
        now = time.perf_counter()
        if self.over or now >= self._next_redraw:
            self._next_redraw = now + REDRAW_INTERVAL
            _redraw()


def current_session() -> Session | None:
    """The session that runs, if one does."""
    return _current


def abort_session() -> None:
    """End the session that runs, if one does, and leave nothing behind."""
    if _current is not None:
        _current.abort()


def _find(items: Any, identifier: int) -> Any:
    """The data-block with this session-wide number; None where it is gone."""
    return next((item for item in items if item.session_uid == identifier), None)


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "IMAGE_EDITOR"):
                area.tag_redraw()
