# SPDX-License-Identifier: GPL-3.0-or-later
"""Background task in a process of its own: installing, testing, downloading, removing.

core/engine/tasks.py lists the tasks.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import SemvecError
from .process import Message, Worker
from .request import Request

PATIENCE = 15.0  # seconds for the process to stop its own child processes and clean up


class BackgroundTask(Request):
    """One task: start it by creating the object, then poll it until it is over, or wait.

    subject: the model or the Python program that the task is about. `fraction` and `message` are
    its progress; once `over`, `message` is the result, or `error` the reason of the failure.
    Raises WorkerError where no process can be started.
    """

    limited = False  # an installation may be silent for minutes; it can be cancelled

    def __init__(self, name: str, subject: str = "", log: Path | None = None) -> None:
        super().__init__(Worker(log=log))
        self.name, self.subject = name, subject
        self.fraction, self.message = 0.0, "Starting"
        self.over = self.stopping = False
        self.error: SemvecError | None = None
        self._send("task", name=name, subject=subject)

    def poll(self, seconds: float = 0.0) -> None:
        """Read all messages that have arrived; wait at most `seconds` for the first."""
        if self.over:
            return
        try:
            self._read(seconds)
        except SemvecError as error:
            self._end(error)

    def wait(self) -> str:
        """Wait for the end; returns the result as text. Raises the error of the task."""
        try:
            while not self.over:
                self.poll(0.1)
        finally:  # also on Ctrl-C
            self.close()
        if self.error is not None:
            raise self.error
        return self.message

    def cancel(self) -> None:
        """Ask the task to stop; it is over soon afterwards, with Cancelled as its error."""
        if not self.over and not self.stopping:
            self.stopping, self.message = True, "Stopping"
            try:
                self._send_cancel()
            except SemvecError as error:
                self._end(error)

    def close(self) -> None:
        """End the task and its process at once; unfinished work is cleaned up."""
        if not self.over:
            self.over = True
            self._worker.close(PATIENCE)

    def _handle(self, message: Message) -> bool:
        self.message = str(message["message"])
        if message["event"] == "done":
            self._end()
            return True
        self.fraction = float(message["fraction"])
        return False

    def _end(self, error: SemvecError | None = None) -> None:
        self.error, self.over = error, True
        self._worker.close()
