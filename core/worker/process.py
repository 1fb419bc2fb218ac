# SPDX-License-Identifier: GPL-3.0-or-later
"""Client side of the worker process: start it, exchange messages, end it.

A worker that fails is ended with a WorkerError: no process and no file remains, and the next job
starts a new worker.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import WorkerError
from ..system.launch import command, own_python
from .shared_folder import SharedFolder

Message = dict[str, Any]

_LONGEST_LINE = 1 << 24
_LONGEST_LOG = 1 << 20
_KILLED = -9  # the exit code of a process that the system ends, on Linux and macOS

# Decrease of the worker's priority: Blender's window comes first.
_NICENESS = 5


class Worker:
    """One worker process.

    command: the program, called with the shared folder as one more argument; None for our own
    worker on this Python. log: a file for its stderr; None for a temporary one. Raises
    WorkerError where it can't be started.
    """

    def __init__(self, command: Sequence[str] | None = None, log: Path | None = None) -> None:
        self._shared_folder = SharedFolder()
        self.folder = self._shared_folder.path
        self.busy = False  # with a job
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._last_id = 0
        self._log = _open_log(log)
        self._log_start = self._log.seek(0, os.SEEK_END)
        try:
            self._process = _start([*(command or own_command()), str(self.folder)], self._log)
        except BaseException:
            self._remove_files()
            raise
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process identifier."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process.poll() is None

    @property
    def last_id(self) -> int:
        """Id of the last request."""
        return self._last_id

    def send(self, request: str, **values: Any) -> int:
        """Send a request and return its id. Raises WorkerError where the process has ended."""
        self._last_id += 1
        line = json.dumps({"request": request, "id": self._last_id, **values}).encode() + b"\n"
        try:
            self._stdin.write(line)
            self._stdin.flush()
        except (OSError, ValueError):  # ValueError: closed by us
            raise self._ended() from None
        return self._last_id

    def receive(self, seconds: float) -> Message | None:
        """Return the next message; waits at most `seconds`, then returns None.

        Raises WorkerError where the process has ended or sends invalid output.
        """
        try:
            line = self._lines.get(seconds > 0.0, seconds)
        except queue.Empty:
            return None
        if line is None:
            self._lines.put(None)  # for the next call
            raise self._ended()
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or "event" not in message:
            excerpt = line[:80].decode("utf-8", "replace").strip()
            raise self.failure(f"The worker process sent invalid output: '{excerpt}'.")
        return message

    def failure(self, message: str, advice: str = "") -> WorkerError:
        """End the process and return the error to raise, with its last output as a hint."""
        self._kill()
        last_output = "" if self._log.closed else _last_output(self._log, self._log_start)
        self.close()
        last_output = last_output and f"Its last output: {last_output}"
        hints = ("Run it again; a new process is started.", advice, last_output)
        return WorkerError(message, " ".join(hint for hint in hints if hint))

    def close(self, patience: float = 1.0) -> None:
        """End the process, by force after `patience` seconds, and remove its files."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.close()  # the worker ends when its stdin does
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self._kill()
        self._reader.join(1.0)
        self._remove_files()

    @property
    def _stdin(self) -> BinaryIO:
        return self._process.stdin  # type: ignore[return-value]

    def _ended(self) -> WorkerError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)  # its pipes close a moment before it ends
        code = self._process.poll()
        how = f" (exit code {code})" if code is not None else ""
        advice = "If memory ran out, lower the resolution." if code == _KILLED else ""
        return self.failure(f"The worker process has ended{how}.", advice)

    def _kill(self) -> None:
        if self.alive:
            self._process.kill()
        self._process.wait()

    def _remove_files(self) -> None:
        self._log.close()
        self._shared_folder.remove()

    def _read(self) -> None:
        """Put the lines of the process into the queue, then None; runs in a thread."""
        with self._process.stdout as stdout:  # type: ignore[union-attr]
            while line := stdout.readline(_LONGEST_LINE):
                self._lines.put(line)
        self._lines.put(None)


_shared: Worker | None = None
_shared_python = ""


def shared_worker(python: str = "", log: Path | None = None) -> Worker:
    """Return the worker that all jobs share, so that it keeps masks from one run to the next.

    python: the program to run it on; our own Python where empty. log: as in `Worker`.
    A new worker is started where there is none, or it has ended, or runs on another Python.
    """
    global _shared, _shared_python
    if _shared is not None:
        is_other = _shared_python != python and not _shared.busy
        if is_other or not _shared.alive:
            close_shared_worker()
    if _shared is None:
        _shared, _shared_python = Worker(own_command(python), log), python
    return _shared


def worker_status() -> str:
    """Return the state of the shared worker as text."""
    if _shared is None or not _shared.alive:
        return "Not running; starts with the next image"
    return "Busy" if _shared.busy else "Ready; keeps the masks of the last images in memory"


@atexit.register
def close_shared_worker() -> None:
    """End the shared worker and its job, if there are any."""
    global _shared
    if _shared is not None:
        _shared.close(patience=0.0 if _shared.busy else 1.0)
        _shared = None


def own_command(python: str = "") -> list[str]:
    """Return the command of our worker, on this Python or another, without the shared folder."""
    return command(python or _python(), "core.worker", niceness=_NICENESS)


def _python() -> str:
    """Return the path of the running Python's program. Raises WorkerError where there is none."""
    found = own_python()
    if not found:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise WorkerError(
            f"No Python {version} was found beside Blender.",
            "Reinstall Blender, or install this version of Python.",
        )
    return found


def _start(command: Sequence[str], log: Any) -> subprocess.Popen[bytes]:
    """Start the process in a process group of its own, which Ctrl-C does not reach.

    It stays in our session: Linux may share processors between sessions regardless of priorities.
    """
    options: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        urgency = subprocess.BELOW_NORMAL_PRIORITY_CLASS
        options = {"creationflags": subprocess.CREATE_NO_WINDOW | urgency}
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=tempfile.gettempdir(),
            **options,
        )
    except OSError as error:
        raise WorkerError(
            f"The worker process can't be started: {error}.", "Reinstall the extension."
        ) from error


def _open_log(file: Path | None) -> Any:
    """Open a log to append to, or a new one where it is long. `close` closes it.

    Where the log can't be opened, and then no temporary file either, the worker runs without.
    """
    with contextlib.suppress(OSError):
        if file is not None:
            too_long = file.exists() and file.stat().st_size > _LONGEST_LOG
            return file.open("w+b" if too_long else "a+b")
    with contextlib.suppress(OSError):
        return tempfile.TemporaryFile()
    return open(os.devnull, "r+b")


def _last_output(log: Any, start: int) -> str:
    """Return the last lines that an ended process wrote to stderr, on one line."""
    log.seek(max(start, log.seek(0, os.SEEK_END) - 2000))
    lines = [line.strip() for line in log.read().decode("utf-8", "replace").splitlines()]
    return " | ".join([line for line in lines if line][-3:])
