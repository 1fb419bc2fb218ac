# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that draw: their progress, previews and result; and the one for a vectorization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import errors
from ..drawing import Drawing
from ..image import Image
from ..settings import Settings
from .payloads import PixelsFile, image_message, save_array
from .process import Message, Worker
from .request import Request


@dataclass(frozen=True)
class Progress:
    """Progress of a job. fraction: of the whole job, in [0, 1]."""

    stage: str
    fraction: float
    message: str


@dataclass(frozen=True)
class Preview:
    """The drawing so far."""

    drawing: Drawing


@dataclass(frozen=True)
class Finished:
    """Result of a job.

    tree: the merge tree as a dictionary. levels: the levels of detail, for `request_level`.
    """

    drawing: Drawing
    report: dict[str, Any]
    tree: dict[str, Any]
    levels: bytes = b""


Event = Progress | Preview | Finished


class DrawingJob(Request):
    """A request that draws in a worker, which it has for itself until it is finished.

    A subclass calls `_begin` on creation, and defines `_result_in`.
    """

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)
        self.finished = False
        self._events: list[Event] = []
        worker.send("hello")  # answered before the pipeline is imported

    def _begin(self, request: str, **values: Any) -> None:
        """Send the request. Raises WorkerError where the worker has ended."""
        self._send(request, **values)
        self._worker.busy = True

    def _result_in(self, message: Message) -> Finished:
        """Return the result in the last message."""
        raise NotImplementedError

    def _drawing_in(self, message: Message) -> Drawing:
        """Return the drawing in a message."""
        return self._drawing(message["drawing"])

    def poll(self, seconds: float = 0.0) -> list[Event]:
        """Return the events since the last call, of several previews only the last.

        Waits at most `seconds` for the first. Raises the worker's error; WorkerError where the
        worker has ended, is silent or sends invalid messages; Cancelled where a cancelled job has
        no drawing yet.
        """
        if self.finished:
            return []
        try:
            self._read(seconds)
        except errors.SemvecError:
            self._finish()
            raise
        events, self._events = self._events, []
        return events

    def wait(self, on_event: Callable[[Event], None] | None = None) -> Finished:
        """Wait for the end, and drop the job on Ctrl-C. Raises as `poll` does."""
        try:
            while not self.finished:
                for event in self.poll(0.1):
                    if on_event is not None:
                        on_event(event)
                    if isinstance(event, Finished):
                        return event
        finally:
            self.close()
        raise errors.WorkerError("This job has ended before.", "Start a new one.")

    def cancel(self) -> None:
        """Ask the job to stop: `poll` then returns the drawing so far, or raises Cancelled.

        Raises WorkerError where the worker has ended.
        """
        if not self.finished:
            self._send_cancel()

    def close(self) -> None:
        """Drop the job. A worker that still runs it is ended."""
        if not self.finished:
            self._finish()
            self._worker.close(patience=0.0)

    def _finish(self) -> None:
        self.finished = True
        self._worker.busy = False

    def _handle(self, message: Message) -> bool:
        match message["event"]:
            case "progress":
                stage, text = str(message["stage"]), str(message["message"])
                self._events.append(Progress(stage, float(message["fraction"]), text))
            case "preview":
                self._events = [item for item in self._events if not isinstance(item, Preview)]
                self._events.append(Preview(self._drawing_in(message)))
            case "result":
                self._events.append(self._result_in(message))
                self._finish()
        return self.finished


class Job(DrawingJob):
    """One vectorization.

    Sent on creation. Arrays are as `vectorize` in core/pipeline takes them. previews: whether
    `poll` returns previews. threads: the number to use instead of the setting's; the drawing is
    the same with any number and records the setting. cache: a folder for masks that outlives the
    worker. Raises WorkerError where the worker is busy or has ended, or its folder is full.
    """

    def __init__(
        self,
        worker: Worker,
        image: Image | PixelsFile,
        settings: Settings,
        *,
        saliency: np.ndarray | None = None,
        masks: np.ndarray | None = None,
        previews: bool = False,
        threads: int = 0,
        cache: Path | None = None,
    ) -> None:
        super().__init__(worker)
        self._settings = settings.to_dict()
        files = {
            key: save_array(worker.folder, key, values)
            for key, values in (("saliency", saliency), ("masks", masks))
            if values is not None
        }
        self._begin(
            "vectorize",
            settings={**self._settings, "threads": threads or settings.threads},
            previews=previews,
            cache=None if cache is None else str(cache),
            **image_message(worker.folder, "job", image),
            **files,
        )

    def _result_in(self, message: Message) -> Finished:
        levels = self._array(message["levels"]).tobytes()
        tree, report = dict(message["tree"]), dict(message["report"])
        return Finished(self._drawing_in(message), report, tree, levels)

    def _drawing_in(self, message: Message) -> Drawing:
        drawing = super()._drawing_in(message)
        settings = {**drawing.settings, "threads": self._settings["threads"]}
        return replace(drawing, settings=settings)
