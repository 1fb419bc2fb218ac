# SPDX-License-Identifier: GPL-3.0-or-later
"""An errand in a process of its own: installing, downloading, removing. No bpy here.

core/engine/tasks.py says which there are. Start one by making it, then poll it until it is
over, or wait for that.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import SemvecError
from .job import error_in
from .process import Message, Worker

PATIENCE = 15.0  # seconds that a process may take to stop what it has started, and clean up


class Errand:
    """One errand. subject: the model or the Python that it is about.

    `fraction` and `message` say how far it is; once `over`, `message` says what became of it,
    or `error` why it failed. Raises WorkerError where no process can be started.
    """

    def __init__(self, name: str, subject: str = "", log: Path | None = None) -> None:
        self.name, self.subject = name, subject
        self.fraction, self.message = 0.0, "Starting"
        self.over = self.stopping = False
        self.error: SemvecError | None = None
        self._worker = Worker(log=log)
        self._id = self._worker.send("errand", name=name, subject=subject)

    def poll(self, seconds: float = 0.0) -> None:
        """Take in what has happened; waits at most `seconds` for anything."""
        try:
            while not self.over and (event := self._worker.receive(seconds)) is not None:
                seconds = 0.0
                self._take_in(event)
        except SemvecError as error:
            self.error = error
            self._end()

    def wait(self) -> str:
        """Wait until it is over; returns what became of it. Raises what it failed with."""
        try:
            while not self.over:
                self.poll(0.1)
        finally:  # Ctrl-C
            self.close()
        if self.error is not None:
            raise self.error
        return self.message

    def cancel(self) -> None:
        """Ask it to stop; it is over soon, with Cancelled as its error."""
        if not self.over and not self.stopping:
            self.stopping, self.message = True, "Stopping"
            try:
                self._worker.send("cancel", job=self._id)
            except SemvecError as error:
                self.error = error
                self._end()

    def close(self) -> None:
        """End it and its process, whatever it is doing; what it began is cleaned up."""
        if not self.over:
            self.over = True
            self._worker.close(PATIENCE)

    def _take_in(self, event: Message) -> None:
        try:
            match event["event"]:
                case "progress":
                    self.fraction = float(event["fraction"])
                    self.message = str(event["message"])
                case "done":
                    self.message = str(event["message"])
                    self._end()
                case "error":
                    raise error_in(event)
        except (KeyError, TypeError, ValueError) as error:
            raise self._worker.failure(f"An event of the process is odd: {error}.") from None

    def _end(self) -> None:
        self.over = True
        self._worker.close()
