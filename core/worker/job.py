# SPDX-License-Identifier: GPL-3.0-or-later
"""One vectorization in the worker process. No bpy here: it is tested without Blender.

Make a `Job`, then poll it until `Finished` comes, or wait for that. core/worker/server.py
documents the messages behind it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import errors
from ..drawing import Drawing
from ..image import Image
from ..settings import Settings
from .payloads import PixelsFile, image_message, load_array, load_drawing, save_array
from .process import Message, Worker

# Seconds until a fresh process must have answered, between two events of a job, and until
# a cancelled job must have stopped.
HELLO_LIMIT = 60.0
SILENCE_LIMIT = 120.0
CANCEL_LIMIT = 10.0


@dataclass(frozen=True)
class Progress:
    """How far a job is. fraction: of the whole job, in [0, 1]."""

    stage: str
    fraction: float
    message: str


@dataclass(frozen=True)
class Preview:
    """The drawing so far."""

    drawing: Drawing


@dataclass(frozen=True)
class Finished:
    """What a job gave.

    tree: the merge tree, as its `to_dict` gives it. levels: for `request_level`.
    """

    drawing: Drawing
    report: dict[str, Any]
    tree: dict[str, Any]
    levels: bytes = b""


Event = Progress | Preview | Finished


class Job:
    """One vectorization in a worker, which it has for itself until it is finished.

    Starts when it is made. Arrays are as `core.pipeline.vectorize` takes them; previews:
    whether `poll` gives the drawing so far, now and then; threads: how many to use instead of
    what the settings say, which the drawing still remembers: it is the same with any number;
    cache: a folder to keep masks in. Raises WorkerError where the worker is busy or has ended.
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
        if worker.busy:
            raise errors.WorkerError(
                "Another image is being vectorized.", "Wait until it is done, or cancel it."
            )
        self.finished = False
        self._worker = worker
        self._settings = settings.to_dict()
        self._cancelled = False
        self._deadline = time.monotonic() + HELLO_LIMIT
        self._first_id = worker.send("hello")
        files = {
            key: save_array(worker.folder, key, values)
            for key, values in (("saliency", saliency), ("masks", masks))
            if values is not None
        }
        self._id = worker.send(
            "vectorize",
            settings={**self._settings, "threads": threads or settings.threads},
            previews=previews,
            cache=None if cache is None else str(cache),
            **image_message(worker.folder, "job", image),
            **files,
        )
        worker.busy = True

    def poll(self) -> list[Event]:
        """What has happened since the last call; never waits. Only the last preview is kept.

        Raises the worker's error, WorkerError where it has ended, hangs or writes nonsense,
        and Cancelled where a cancelled job has nothing to keep.
        """
        return self._events(0.0)

    def wait(self, on_event: Callable[[Event], None] | None = None) -> Finished:
        """Wait until the job is finished, and drop it on Ctrl-C. Raises as `poll` does."""
        try:
            while not self.finished:
                for event in self._events(0.1):
                    if on_event is not None:
                        on_event(event)
                    if isinstance(event, Finished):
                        return event
        finally:
            self.close()
        raise errors.WorkerError("This job has ended before.", "Start a new one.")

    def cancel(self) -> None:
        """Ask the job to stop: `poll` then gives the drawing so far, or raises Cancelled.

        Raises WorkerError where the worker has ended.
        """
        if not self.finished and not self._cancelled:
            self._cancelled = True
            self._worker.send("cancel", job=self._id)
            self._deadline = time.monotonic() + CANCEL_LIMIT

    def close(self) -> None:
        """Drop the job. A worker that is still busy with it is ended."""
        if not self.finished:
            self._finish()
            self._worker.close(patience=0.0)

    def _finish(self) -> None:
        self.finished = True
        self._worker.busy = False

    def _events(self, seconds: float) -> list[Event]:
        try:
            messages = list(self._messages(seconds))
            previews = [message for message in messages if message["event"] == "preview"]
            for outdated in previews[:-1]:
                messages.remove(outdated)
                self._take_drawing(outdated)
            return [event for message in messages if (event := self._event(message))]
        except errors.SemvecError:
            self._finish()
            raise

    def _messages(self, seconds: float) -> Iterator[Message]:
        """All messages there are, the first waited for."""
        while not self.finished and (message := self._worker.receive(seconds)):
            seconds = 0.0
            if not self._cancelled:
                self._deadline = time.monotonic() + SILENCE_LIMIT
            if self._is_old(message):
                continue
            yield message
            if message["event"] in ("result", "error"):
                return
        if not self.finished and time.monotonic() > self._deadline:
            raise self._worker.failure("The worker process doesn't answer any more.")

    def _is_old(self, message: Message) -> bool:
        """Whether it answers what was asked before this job, and nobody waits for any more."""
        identifier = message.get("id")
        return isinstance(identifier, int) and identifier < self._first_id

    def _event(self, message: Message) -> Event | None:
        """The event in a message; None for one that only says that the worker is there."""
        try:
            match message["event"]:
                case "progress":
                    return Progress(
                        str(message["stage"]), float(message["fraction"]), str(message["message"])
                    )
                case "preview":
                    return Preview(self._take_drawing(message))
                case "result":
                    finished = Finished(
                        self._take_drawing(message),
                        message["report"],
                        message["tree"],
                        self._take_bytes(message.get("levels")),
                    )
                    self._finish()
                    return finished
                case "error":
                    raise error_in(message)
            return None
        except KeyError as error:
            raise self._worker.failure(f"An event of the worker process lacks {error}.") from None
        except (TypeError, ValueError) as error:
            raise self._worker.failure(f"An event of the worker process is odd: {error}.") from None

    def _take_drawing(self, message: Message) -> Drawing:
        return replace(take_drawing(self._worker, message), settings=self._settings)

    def _take_bytes(self, file: Any) -> bytes:
        if file is None:
            return b""
        try:
            data = load_array(self._worker.folder, file).tobytes()
        except errors.WorkerError as error:
            raise self._worker.failure(error.message) from error
        (self._worker.folder / file).unlink()
        return data


def take_drawing(worker: Worker, message: Message) -> Drawing:
    """The drawing that a message names, read once. Raises WorkerError and ends the worker."""
    try:
        drawing = load_drawing(worker.folder, message["drawing"])
    except errors.WorkerError as error:
        raise worker.failure(error.message) from error
    (worker.folder / message["drawing"]).unlink()
    return drawing


def error_in(message: Message) -> errors.SemvecError:
    """The error in an event, as the class that it had in the worker."""
    kind = getattr(errors, str(message["type"]), None)
    known = isinstance(kind, type) and issubclass(kind, errors.SemvecError)
    return (kind if known else errors.WorkerError)(message["message"], message["hint"])
