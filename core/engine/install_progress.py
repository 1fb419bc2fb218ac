# SPDX-License-Identifier: GPL-3.0-or-later
"""How far an installation is, from what pip and uv print."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from .environment import size_of

# Called with the share that is done, in [0, 1], and what is being done.
OnProgress = Callable[[float, str], None]

NEARER = 0.03  # share of what is left of a step that each line of output is taken for

# Lines that say what is being done, and what in them is for nobody.
_IS_NEWS = re.compile("Progress|Collecting|Downloading|Using cached|Installing|Prepared|Resolved")
_NOISE = re.compile(
    r" \(from .*| from .*|https?://\S+/|(?<=[a-z])-\d\S*\.whl|(?<=Installing collected packages).*"
)
_COUNTED = re.compile(r"Progress (\d+) of (\d+)")  # bytes, by pip's --progress-bar=raw


class News:
    """Turns lines of output into progress. downloads: the folder that grows meanwhile."""

    def __init__(self, on_progress: OnProgress, downloads: Path) -> None:
        self._on_progress = on_progress
        self._downloads = downloads
        self._furthest = 0.0
        self.step(0.0, 0.0, "Starting")

    def step(self, start: float, end: float, message: str) -> None:
        """A step begins, which takes from `start` to `end` of the whole."""
        self._start, self._end, self._lines = start, end, 0
        self._size_before = size_of(self._downloads)
        self.say(message)

    def say(self, message: str) -> None:
        """Something else is being done now."""
        self._message = message
        self._report(message)

    def take(self, line: str | None) -> None:
        """A line of output; None where a second went by without one."""
        if line is None:
            self._report(self._message + self._size_so_far())
        elif counted := _COUNTED.fullmatch(line):
            done, size = (int(number) / 1e6 for number in counted.groups())
            self._report(f"{self._message.partition(' (')[0]}: {done:.0f} of {size:.0f} MB")
        elif _IS_NEWS.match(line):
            self._lines += 1
            self.say(_NOISE.sub("", line))

    def _report(self, message: str) -> None:
        """Never back, not even where a step is tried in another way."""
        share = 1.0 - (1.0 - NEARER) ** self._lines
        self._furthest = max(self._furthest, self._start + share * (self._end - self._start))
        self._on_progress(self._furthest, message)

    def _size_so_far(self) -> str:
        size = (size_of(self._downloads) - self._size_before) / 1e6
        return f" ({size:.0f} MB so far)" if size >= 1.0 else ""
