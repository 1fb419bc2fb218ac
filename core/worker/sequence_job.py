# SPDX-License-Identifier: GPL-3.0-or-later
"""Request for the drawings of a sequence, which arrive one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..drawing import Drawing
from ..settings import Settings
from .job import DrawingJob, Finished
from .payloads import save_array
from .process import Message, Worker

_PATIENCE = 120.0  # seconds for a frame that has begun when the job is cancelled


@dataclass(frozen=True)
class FrameSource:
    """One frame to draw.

    number: its frame in the scene. file: an image, or a movie. movie: number of the frame in the
    movie, from 1; 0 for an image file. colorspace, alpha_mode: Blender's, "" for its choice.
    """

    number: int
    file: str
    movie: int = 0
    colorspace: str = ""
    alpha_mode: str = ""


@dataclass(frozen=True)
class FrameDrawn:
    """A frame that is finished.

    number: its frame in the scene. drawing: None where it was left out, for the reason in `note`.
    shot: number of its shot. slots: names of the shot's slots so far, in painting order.
    """

    number: int
    drawing: Drawing | None
    shot: int
    slots: list[str]
    note: str


class SequenceJob(DrawingJob):
    """One run over a sequence.

    Sent on creation. reader: the command of the program that decodes frames (frame_reader.py).
    painted: positions in `frames` and what is painted there, as `vectorize` takes saliency.
    masks: of the first frame, as `vectorize` takes them. Raises WorkerError where the worker is
    busy or has ended, or its folder is full.
    """

    def __init__(
        self,
        worker: Worker,
        frames: Sequence[FrameSource],
        settings: Settings,
        reader: Sequence[str],
        *,
        painted: Iterable[tuple[int, np.ndarray]] = (),
        masks: np.ndarray | None = None,
        threads: int = 0,
        cache: Path | None = None,
    ) -> None:
        super().__init__(worker)
        self._frames = list(frames)
        self._drawn: list[FrameDrawn] = []
        guides = {
            index: save_array(worker.folder, f"saliency-{index}", values)
            for index, values in painted
        }
        self._begin(
            "sequence",
            frames=[
                {**vars(frame), "saliency": guides.get(index)}
                for index, frame in enumerate(self._frames)
            ],
            reader=list(reader),
            settings={**settings.to_dict(), "threads": threads or settings.threads},
            masks=None if masks is None else save_array(worker.folder, "masks", masks),
            cache=None if cache is None else str(cache),
        )

    def take_frames(self) -> list[FrameDrawn]:
        """Return the frames that have arrived since the last call."""
        drawn, self._drawn = self._drawn, []
        return drawn

    def cancel(self) -> None:
        """Ask the job to stop after the frame that it draws. Raises as that of other jobs."""
        super().cancel()
        self._deadline += _PATIENCE

    def _handle(self, message: Message) -> bool:
        if message["event"] == "frame":
            self._drawn.append(self._frame_in(message))
        return super()._handle(message)

    def _frame_in(self, message: Message) -> FrameDrawn:
        number = self._frames[int(message["index"])].number
        file = message["drawing"]
        drawing = None if file is None else self._drawing(file)
        slots = [str(name) for name in message["slots"]]
        return FrameDrawn(number, drawing, int(message["shot"]), slots, str(message["note"]))

    def _result_in(self, message: Message) -> Finished:
        report: dict[str, Any] = {"stopped": bool(message["stopped"])}
        return Finished(Drawing(0, 0), report, {})
