# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a sequence that another program decodes for the worker, one at a time.

operators/sequences/frame_program.py is that program, and documents the messages.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from ..errors import Cancelled, ImageError, WorkerError
from ..image import Image
from .payloads import load_pixels, remove_payload

_MARK = b"semvec-frame "
_TOO_SLOW = "Reading takes too long: the file may be damaged. Write its frames to PNG files."
_LOOK = 0.1  # seconds between two checks for cancellation


class FrameReader:
    """The program that decodes frames. A context manager; it starts with the first frame.

    command: the program, called with `folder` as one more argument. stopped: whether to give up.
    limit: seconds for a frame, and for the start of the program before the first one. A file for
    which that is not enough is not read again.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        stopped: Callable[[], bool] = lambda: False,
        limit: float = 120.0,
    ) -> None:
        self._command, self._folder = [*command, str(folder)], folder
        self._stopped, self.limit = stopped, limit
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._slow: set[str] = set()

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def read(self, frame: dict[str, Any]) -> Image:
        """Return a frame.

        Raises ImageError where it can't be read in time, WorkerError without program, Cancelled.
        """
        if frame["file"] in self._slow:
            raise _unreadable(frame, _TOO_SLOW)
        if not frame["movie"] and not os.path.isfile(frame["file"]):
            raise ImageError(f"The file '{frame['file']}' is missing.")
        request = {
            "file": frame["file"],
            "frame": frame["movie"] or None,
            "colorspace": frame.get("colorspace", ""),
            "alpha_mode": frame.get("alpha_mode", ""),
        }
        try:
            answer = self._ask(json.dumps(request).encode() + b"\n")
        except TimeoutError:
            self._end()
            self._slow.add(frame["file"])
            raise _unreadable(frame, _TOO_SLOW) from None
        if answer is None:  # the decoder has crashed
            self._end()
            raise _unreadable(frame, "")
        if "error" in answer:
            raise _unreadable(frame, str(answer["error"]))
        image = load_pixels(self._folder, answer)
        remove_payload(self._folder, answer["file"])
        return image

    def _ask(self, line: bytes) -> dict[str, Any] | None:
        """Send a line and return the answer; None where the program has ended.

        Raises TimeoutError, Cancelled.
        """
        process = self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except OSError:
            return None
        deadline = time.monotonic() + self.limit
        while (reply := self._next_line(deadline)) is not None:
            if reply.startswith(_MARK):  # others are Blender's own messages
                answer: dict[str, Any] = json.loads(reply[len(_MARK) :])
                return answer
        return None

    def _next_line(self, deadline: float) -> bytes | None:
        """Return the next line of the program; None where it has ended."""
        while time.monotonic() < deadline:
            if self._stopped():
                raise Cancelled("Stopped while a frame was read.")
            with contextlib.suppress(queue.Empty):
                return self._lines.get(timeout=_LOOK)
        raise TimeoutError

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            options: dict[str, Any] = {}
            if os.name == "nt":
                options["creationflags"] = subprocess.CREATE_NO_WINDOW  # type: ignore[attr-defined]
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options
                )
            except OSError as error:
                raise WorkerError(f"Frames can't be read: {error}.") from error
            self._lines = queue.SimpleQueue()
            threading.Thread(
                target=_collect, args=(self._process.stdout, self._lines), daemon=True
            ).start()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        process.kill()
        process.wait()


def _collect(stdout: IO[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    """Put the lines of a program into a queue, then None; runs in a thread."""
    with stdout:
        for line in stdout:
            lines.put(line)
    lines.put(None)


def _unreadable(frame: dict[str, Any], reason: str) -> ImageError:
    name = os.path.basename(frame["file"])
    what = f"Frame {frame['movie']} of '{name}'" if frame["movie"] else f"'{name}'"
    return ImageError(f"{what} can't be read.", reason)
