# SPDX-License-Identifier: GPL-3.0-or-later
"""A line on the terminal that says how far a picture is."""

from __future__ import annotations

import shutil
from typing import TextIO

CELLS = 24


class ProgressBar:
    """Redraws one line; silent where the stream is not a terminal or `quiet` is asked for."""

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        self.stream = stream
        self.shown = not quiet and stream.isatty()
        self._line = ""

    def update(self, name: str, fraction: float, message: str) -> None:
        """Show what is being done; fraction in [0, 1]."""
        done = round(min(max(fraction, 0.0), 1.0) * CELLS)
        bar = "#" * done + "-" * (CELLS - done)
        self._draw(f"{name} [{bar}] {fraction:4.0%} {message}")

    def finish(self, line: str = "") -> None:
        """Replace the bar by a line that stays, or by nothing."""
        self._draw("")
        if self.shown and line:
            self.stream.write(line + "\n")
            self.stream.flush()

    def _draw(self, line: str) -> None:
        line = line[: shutil.get_terminal_size().columns - 1]
        if self.shown and line != self._line:
            self.stream.write("\r" + line.ljust(len(self._line)) + ("" if line else "\r"))
            self.stream.flush()
            self._line = line
