# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a sequence that another program decodes for the worker, one at a time.

operators/sequences/frame_program.py is that program, and documents the messages.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ImageError, WorkerError
from ..image import Image
from .payloads import load_pixels, remove_payload

_MARK = b"semvec-frame "


class FrameReader:
    """The program that decodes frames. A context manager; it starts with the first frame.

    command: the program, called with `folder` as one more argument.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command, self._folder = [*command, str(folder)], folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def read(self, frame: dict[str, Any]) -> Image:
        """Return a frame. Raises ImageError where it can't be read, WorkerError without program."""
        if not frame["movie"] and not os.path.isfile(frame["file"]):
            raise ImageError(f"The file '{frame['file']}' is missing.")
        request = {
            "file": frame["file"],
            "frame": frame["movie"] or None,
            "colorspace": frame.get("colorspace", ""),
            "alpha_mode": frame.get("alpha_mode", ""),
        }
        answer = self._ask(json.dumps(request).encode() + b"\n")
        if answer is None:  # the decoder has crashed
            self._end()
            raise _unreadable(frame, "")
        if "error" in answer:
            raise _unreadable(frame, str(answer["error"]))
        image = load_pixels(self._folder, answer)
        remove_payload(self._folder, answer["file"])
        return image

    def _ask(self, line: bytes) -> dict[str, Any] | None:
        """Send a line and return the answer; None where the program has ended."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except OSError:
            return None
        for reply in process.stdout:  # others are Blender's own messages
            if reply.startswith(_MARK):
                answer: dict[str, Any] = json.loads(reply[len(_MARK) :])
                return answer
        return None

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
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def _unreadable(frame: dict[str, Any], reason: str) -> ImageError:
    name = os.path.basename(frame["file"])
    what = f"Frame {frame['movie']} of '{name}'" if frame["movie"] else f"'{name}'"
    return ImageError(f"{what} can't be read.", reason)
