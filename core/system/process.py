# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs whose output is read line by line, and that can be stopped at any time."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..errors import Cancelled, EngineError

# Called with each line, and with None after each second without one.
OnLine = Callable[[str | None], None]
ShouldStop = Callable[[], bool]

_INTERVAL = 0.1  # seconds between two calls of should_stop
_LAST_LINES = 8  # of the output, in an error


def run(
    command: Sequence[str | os.PathLike[str]],
    on_line: OnLine,
    should_stop: ShouldStop,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end.

    Raises Cancelled once `should_stop` returns true, and EngineError with the last lines of the
    output where the program fails or can't be started. No child process of it is left.
    """
    process = _started(command, environment)
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    last: list[str] = []
    try:
        _follow(lines, last, on_line, should_stop)
        code = process.wait()
    finally:
        _end(process)
        reader.join(1.0)
    if code != 0:
        words = " | ".join(last[-_LAST_LINES:]) or f"exit code {code}"
        raise EngineError(f"'{os.path.basename(command[0])}' failed: {words}.")


def _follow(
    lines: queue.Queue[str | None], last: list[str], on_line: OnLine, should_stop: ShouldStop
) -> None:
    """Pass on lines until the output ends."""
    silent = 0.0
    while True:
        if should_stop():
            raise Cancelled("Stopped.")
        try:
            line = lines.get(timeout=_INTERVAL)
        except queue.Empty:
            silent += _INTERVAL
            if silent >= 1.0:
                silent = 0.0
                on_line(None)
            continue
        if line is None:
            return
        silent = 0.0
        if line:
            last.append(line)
            del last[:-_LAST_LINES]
            on_line(line)


def _read(stream: Iterable[bytes], lines: queue.Queue[str | None]) -> None:
    """Put lines into the queue, split at carriage returns as well; runs in a thread."""
    for chunk in stream:
        for line in chunk.decode("utf-8", "replace").replace("\r", "\n").split("\n"):
            lines.put(line.strip())
    lines.put(None)


def _started(
    command: Sequence[str | os.PathLike[str]], environment: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, so that its child processes can be ended."""
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            **options,
        )
    except OSError as error:
        raise EngineError(f"'{command[0]}' can't be started: {error.strerror}.") from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and its child processes by force."""
    if process.poll() is None:
        if sys.platform == "win32":
            process.kill()  # the environment's Python is in a job with what it launches
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
