# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of an image on the terminal: a bar by tqdm, or lines where it is not installed."""

from __future__ import annotations

import importlib.util
import shutil
from typing import Any, TextIO

_FORMAT = "{desc} |{bar:10}| {percentage:3.0f}% {remaining} left"
_BESIDE_TEXT = 32  # columns for the rest of the line
_SHORTEST = 7  # columns for the text
_LINES = 10  # per image, without tqdm


class ProgressBar:
    """Progress on one stream; silent where that is no terminal, or `quiet` is true."""

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        self.stream = stream
        self.shown = not quiet and stream.isatty()
        self._has_tqdm = importlib.util.find_spec("tqdm") is not None
        self._bar: Any = None
        self._name, self._last_line = "", -1

    def update(self, name: str, fraction: float, message: str) -> None:
        """Show the progress of the image `name`. fraction: of the whole, clipped to [0, 1]."""
        if not self.shown:
            return
        fraction = min(max(fraction, 0.0), 1.0)
        if self._has_tqdm:
            self._draw(name, fraction, message)
        elif (name, int(fraction * _LINES)) != (self._name, self._last_line):
            self._name, self._last_line = name, int(fraction * _LINES)
            self._print(f"{name}: {fraction:4.0%} {message}")

    def finish(self, line: str = "") -> None:
        """Remove the bar, and print a line if there is one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if self.shown and line:
            self._print(line)

    def _draw(self, name: str, fraction: float, message: str) -> None:
        if self._bar is None or name != self._name:
            self.finish()
            self._name, self._bar = name, self._new_bar()
        text = f"{name}: {message}"[: max(_SHORTEST, self._bar.ncols - _BESIDE_TEXT)]
        self._bar.set_description_str(text, refresh=False)
        self._bar.n = fraction
        self._bar.refresh()

    def _new_bar(self) -> Any:
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread
        columns, rows = shutil.get_terminal_size()  # tqdm finds none where they are unknown
        return tqdm(
            total=1.0, file=self.stream, bar_format=_FORMAT, leave=False, ncols=columns - 1,
            nrows=rows,
        )  # fmt: skip

    def _print(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()
