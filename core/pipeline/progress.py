# SPDX-License-Identifier: GPL-3.0-or-later
"""What a caller hears of a running job, and how it stops one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from ..drawing import Drawing
from ..errors import Cancelled

# Masks are found in the first part of the fractions that stages report.
MASKS_END = 0.05


class Progress(NamedTuple):
    """stage: its name; fraction: of the whole job done, in [0, 1]; message: for people."""

    stage: str
    fraction: float
    message: str


@dataclass
class Hooks:
    """What a caller may listen to, and how it may stop a run.

    on_preview is called with the drawing so far, in the pixels of the image given.
    masks_share: how much of the whole time finding masks takes; listeners hear of fractions
    in which that is so.
    """

    on_progress: Callable[[Progress], None] | None = None
    on_preview: Callable[[Drawing], None] | None = None
    should_stop: Callable[[], bool] | None = None
    masks_share: float = MASKS_END
    seconds: dict[str, float] = field(default_factory=dict)

    def stopped(self) -> bool:
        return self.should_stop is not None and self.should_stop()

    def report(self, stage: str, fraction: float, message: str) -> None:
        if self.on_progress is not None:
            self.on_progress(Progress(stage, self._of_all_time(fraction), message))

    def continue_or_cancel(self) -> None:
        """Raise Cancelled where a stop was asked for."""
        if self.stopped():
            raise Cancelled

    @contextmanager
    def stage(self, name: str, fraction: float, message: str) -> Iterator[None]:
        """Announce a stage and time it."""
        self.report(name, fraction, message)
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started

    def _of_all_time(self, fraction: float) -> float:
        if fraction <= MASKS_END:
            return fraction / MASKS_END * self.masks_share
        rest = (fraction - MASKS_END) / (1.0 - MASKS_END)
        return self.masks_share + rest * (1.0 - self.masks_share)
