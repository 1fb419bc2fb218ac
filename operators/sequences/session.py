# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over a sequence, advanced by a timer: each frame is in the scene once it is drawn."""

from __future__ import annotations

import bpy

from ...core.errors import ImageError, SemvecError
from ...core.worker.sequence_job import FrameDrawn, SequenceJob
from ..blender.datablocks import find_by_uid
from ..run.preview import Preview
from ..run.session import Session
from .target import SequenceTarget


class SequenceSession(Session):
    """A run whose result grows frame by frame, and stays when it is stopped.

    notes: sentences on frames that were left out or changed.
    """

    def __init__(
        self,
        scene: bpy.types.Scene,
        job: SequenceJob,
        target: SequenceTarget,
        arrange: bool,
    ) -> None:
        self.notes: list[str] = []
        self._job, self._target = job, target
        self._waiting: list[FrameDrawn] = []
        super().__init__(scene, job, Preview(target.placement, arrange, 0))

    def tick(self) -> None:
        """Place a frame that the worker has sent; never waits."""
        if self.over:
            return
        scene = find_by_uid(bpy.data.scenes, self._scene)
        if scene is None:
            self.error = ImageError("The scene of the sequence has been removed.")
            self.abort()
            return
        message = self._run.message
        self._run.step()
        self._waiting += self._job.take_frames()
        try:
            self._place_next(scene)
        except SemvecError as error:
            self.error = error
            self.abort()
            return
        self._pacing.tick()
        if self._run.over and not self._waiting:
            self._end_here()
        elif self._pacing.panel_is_due or self._run.message != message:
            self._tell()

    def _place_next(self, scene: bpy.types.Scene) -> None:
        if not self._waiting:
            return
        drawn = self._waiting.pop(0)
        if drawn.note:
            self.notes.append(f"Frame {drawn.number}: {drawn.note}")
        if drawn.drawing is None:
            return
        is_first = not self._target.has_begun
        collection = self._target.add(scene, drawn)
        if is_first:
            self._preview.arrange_for(scene, collection, None)

    def _end_here(self) -> None:
        self.error = self._run.error
        self.result = self._target.collection()
        if self.result is None and self.error is None and self._run.state == "FINISHED":
            self.error = no_frames(self.notes) if self.notes else None
        self._close()
        self._tell()

    @property
    def _esc_effect(self) -> str:
        return "keeps the frames so far"

    def _discard(self) -> None:
        self._waiting = []
        self.result = self._target.collection()


def no_frames(notes: list[str]) -> ImageError:
    """Return the error for a sequence of which nothing could be drawn."""
    hint = notes[0] if notes else "Choose another range of frames."
    return ImageError("No frame of the sequence could be drawn.", hint)
