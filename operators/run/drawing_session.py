# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over one image: a preview that becomes the drawing at the end."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...core.errors import ImageError, SemvecError
from ...core.worker.job import Finished
from ...core.worker.job_monitor import Pollable
from ..blender.datablocks import find_by_uid
from ..objects.collection import placement_of
from ..objects.placement import Placement
from .preview import Preview
from .session import Session

# Puts the result into the scene: called at the end with scene, image and the finished job.
Place = Callable[[bpy.types.Scene, bpy.types.Image, Finished], bpy.types.Collection]


class DrawingSession(Session):
    """A run whose current curves are shown and replaced by its result.

    keep: whether stopping keeps the current curves. arrange: as in `Preview`. drawing: the one
    that the run changes; None where it makes one.
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
        self._place, self._keep = place, keep
        self._image = image.session_uid
        self._drawing = 0 if drawing is None else drawing.session_uid
        super().__init__(scene, job, Preview(placement, arrange, self._drawing))

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
        if not self._keep:
            self._preview.remove()
        super().stop()

    @property
    def _wanted(self) -> bool:
        """True while the current curves may still be shown."""
        return self._keep or self._run.state == "RUNNING"

    @property
    def _esc_effect(self) -> str:
        return "keeps the current curves" if self._keep else "discards the curves"

    def _discard(self) -> None:
        self._preview.remove()

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
