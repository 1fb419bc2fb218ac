# SPDX-License-Identifier: GPL-3.0-or-later
"""Server side of a sequence: frames are read, drawn and sent one after the other."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Cancelled, ImageError
from ..pipeline.progress import ProgressEvent
from ..sequence.frames import check_size
from ..sequence.run import FrameResult, SequenceRun
from ..settings import Settings
from .frame_reader import FrameReader


@dataclass
class SequenceTask:
    """A request `sequence`.

    frames: as in the request. painted: returns what is painted on the frame at a position, which
    moves with the picture, or None; asked once for each. masks: of the first frame. send: called
    for each frame with its position in the request, its drawing or None, and a note. tell: called
    with the progress of the whole.
    """

    frames: list[dict[str, Any]]
    settings: Settings
    painted: Callable[[int], np.ndarray | None]
    masks: np.ndarray | None
    cache: MutableMapping[str, Any]
    send: Callable[[int, FrameResult | None, list[str], str], None]
    tell: Callable[[ProgressEvent], None]
    stopped: Callable[[], bool]
    _index: int = 0
    _size: tuple[int, int] | None = None
    _guide: np.ndarray | None = None  # painted on the last frames, none of which could be read

    def run(self, reader: FrameReader) -> None:
        """Draw all frames. One that can't be read is left out, with a note.

        Raises the errors of `vectorize` other than ImageError.
        """
        run = SequenceRun(
            self.settings, on_progress=self._tell, should_stop=self.stopped, cache=self.cache
        )
        for index in range(len(self.frames)):
            self._index = index
            self._tell(ProgressEvent("frames", 0.0, "Reading"))
            if self.stopped():
                return
            try:
                self._draw(run, reader)
            except ImageError as error:
                self.send(self._index, None, [], str(error))
            except Cancelled:
                return

    def _draw(self, run: SequenceRun, reader: FrameReader) -> None:
        painted = self.painted(self._index)
        self._guide = self._guide if painted is None else painted
        image = reader.read(self.frames[self._index])
        size = image.width, image.height
        check_size(size, self._size)
        is_first, self._size = self._size is None, size
        self._tell(ProgressEvent("frames", 0.0, "Drawing"))
        result = run.add(image, self._guide, self.masks if is_first else None)
        self._guide = None
        if result.is_first and self.stopped():
            return  # its shapes have not settled yet
        assert run.memory is not None
        names = [slot.path.name for slot in run.memory.shot.slots]
        self.send(self._index, result, names, run.note_on(image))

    def _tell(self, event: ProgressEvent) -> None:
        """Pass on the progress of a frame as that of the whole."""
        count = len(self.frames)
        message = f"Frame {self._index + 1} of {count}: {event.message}"
        self.tell(ProgressEvent("frames", (self._index + event.fraction) / count, message))
