# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG files read in a thread of their own, so that a window stays usable meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..drawing import Drawing
from ..errors import Cancelled, SemvecError, SvgError
from .reading import load_svg


@dataclass(frozen=True)
class ReadFile:
    """A file, and its drawing or the error that it failed with."""

    path: str
    drawing: Drawing | None = None
    error: SemvecError | None = None


class BackgroundReading:
    """Files that are being read, in the order given.

    `fraction` is how far it is, in [0, 1]. Once `is_over`, `files` has all that were read: fewer
    than were given after `cancel`.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Start reading."""
        self.fraction = 0.0
        self.files: list[ReadFile] = []
        self._paths = list(paths)
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._read, name="semvec-svg", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """True once nothing is being read any more."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Stop as soon as possible."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> list[ReadFile]:
        """Wait until it is over, or that long; return the files read."""
        self._thread.join(seconds)
        return self.files

    def _read(self) -> None:
        for number, path in enumerate(self._paths):
            try:
                self.files.append(ReadFile(path, load_svg(path, self._reporter(number))))
            except Cancelled:
                return
            except SemvecError as error:
                self.files.append(ReadFile(path, error=error))
            except MemoryError:
                failure = SvgError("There is not enough memory to read it.", "Simplify it.")
                self.files.append(ReadFile(path, error=failure))

    def _reporter(self, number: int) -> Callable[[float], None]:
        def report(fraction: float) -> None:
            self.fraction = (number + fraction) / len(self._paths)
            if self._cancelled.is_set():
                raise Cancelled("Stopped before the file was read.")

        return report
