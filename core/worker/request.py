# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of all requests to the worker process, with the only receive loop.

core/worker/server.py documents the messages.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from .. import errors
from ..drawing import Drawing
from .payloads import load_array, load_drawing, remove_payload
from .process import Message, Worker

# Seconds until a new process must send its first message, between two messages of a request,
# and until a cancelled job must end.
HELLO_LIMIT = 60.0
SILENCE_LIMIT = 120.0
CANCEL_LIMIT = 10.0


class Request:
    """One request to a worker, and the messages that answer it.

    A subclass calls `_send` once, then `_read` repeatedly, and defines `_handle`. Raises
    WorkerError where a job has the worker for itself.
    """

    limited = True  # whether a silent worker is ended

    def __init__(self, worker: Worker) -> None:
        if worker.busy:
            raise errors.WorkerError(
                "Another image is being vectorized.", "Wait until it is done, or cancel it."
            )
        self._worker = worker
        self._id = 0
        self._cancelled = False
        self._deadline = time.monotonic() + HELLO_LIMIT

    def _send(self, request: str, **values: Any) -> None:
        """Send the request. Raises WorkerError where the worker has ended."""
        self._id = self._worker.send(request, **values)

    def _send_cancel(self) -> None:
        """Ask the worker to stop. Raises WorkerError where it has ended."""
        if not self._cancelled:
            self._cancelled = True
            self._worker.send("cancel", job=self._id)
            self._deadline = time.monotonic() + CANCEL_LIMIT

    def _handle(self, message: Message) -> bool:
        """Take the values from a message; returns whether it is the last one."""
        raise NotImplementedError

    def _read(self, seconds: float) -> None:
        """Handle the messages that have arrived; wait at most `seconds` for the first.

        Messages that answer other requests are skipped. Raises the error that the worker sent,
        and WorkerError where the worker has ended, is silent or sends invalid messages.
        """
        while (message := self._worker.receive(seconds)) is not None:
            seconds = 0.0
            if not self._cancelled:
                self._deadline = time.monotonic() + SILENCE_LIMIT
            if message.get("id", self._id) == self._id and self._is_last(message):
                return
        if self.limited and time.monotonic() > self._deadline:
            raise self._worker.failure("The worker process does not answer any more.")

    def _is_last(self, message: Message) -> bool:
        try:
            if message["event"] == "error":
                raise _error_in(message)
            return self._handle(message)
        except KeyError as error:
            reason = f"{error} is missing"
        except (TypeError, ValueError) as error:
            reason = str(error)
        raise self._worker.failure(f"The worker process sent an invalid message: {reason}.")

    def _array(self, file: Any) -> np.ndarray:
        """Read the array in a file named by a message, and remove the file."""
        return self._payload(load_array, file)

    def _drawing(self, file: Any) -> Drawing:
        """Read the drawing in a file named by a message, and remove the file."""
        return self._payload(load_drawing, file)

    def _payload(self, load: Any, file: Any) -> Any:
        try:
            found = load(self._worker.folder, file)
            remove_payload(self._worker.folder, file)
        except errors.WorkerError as error:
            raise self._worker.failure(error.message) from error
        return found


def _error_in(message: Message) -> errors.SemvecError:
    """Return the error in a message, as the class that it had in the worker."""
    kind = getattr(errors, str(message["type"]), None)
    if not isinstance(kind, type) or not issubclass(kind, errors.SemvecError):
        kind = errors.WorkerError
    return kind(str(message["message"]), str(message["hint"]))
