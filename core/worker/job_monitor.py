# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as a person watches it: how far it is, how long it still takes, how it ends.

No bpy here and no waiting: something with a clock calls `step` again and again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, Protocol

from ..drawing import Drawing
from ..errors import Cancelled, SemvecError
from .job import Event, Finished, Preview, Progress

# Share of a stage after which its speed says how long the rest takes.
_TELLING_SHARE = 0.03

State = Literal["RUNNING", "STOPPING", "FINISHED", "STOPPED", "FAILED"]


class Pollable(Protocol):
    """What a run needs of a `Job`."""

    def poll(self) -> list[Event]: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...


class JobMonitor:
    """One job, from its start to one of three ends.

    RUNNING -> STOPPING (asked to) -> FINISHED (there is a drawing: all of it, or what there
    was when it stopped), STOPPED (there is none) or FAILED (`error` says why).
    """

    def __init__(self, job: Pollable, clock: Callable[[], float] = time.monotonic) -> None:
        self.state: State = "RUNNING"
        self.message = "Starting"
        self.fraction = 0.0
        self.finished: Finished | None = None
        self.error: SemvecError | None = None
        self._job = job
        self._clock = clock
        self._started = self._stage_started = clock()
        self._stage, self._stage_fraction = "", 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("FINISHED", "STOPPED", "FAILED")

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return self._clock() - self._started

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at the speed of the present stage; None before there is a speed."""
        done = self.fraction - self._stage_fraction
        if done < _TELLING_SHARE:
            return None
        return (self._clock() - self._stage_started) * (1.0 - self.fraction) / done

    def step(self) -> Drawing | None:
        """Take in what has happened; returns the drawing so far where there is a new one."""
        if self.over:
            return None
        newest = None
        try:
            for event in self._job.poll():
                match event:
                    case Progress():
                        self._note(event)
                    case Preview():
                        newest = event.drawing
                    case Finished():
                        self.finished, self.state = event, "FINISHED"
        except Cancelled:
            self.state = "STOPPED"
        except SemvecError as error:
            self._fail(error)
        return newest

    def stop(self) -> None:
        """Ask the job to stop. Asked twice, it is dropped, and the process with it."""
        if self.state == "STOPPING":
            self.drop()
        elif self.state == "RUNNING":
            self.state, self.message = "STOPPING", "Stopping"
            try:
                self._job.cancel()
            except SemvecError as error:
                self._fail(error)

    def drop(self) -> None:
        """End at once, without a drawing."""
        if not self.over:
            self.state = "STOPPED"
        self._job.close()

    def _note(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self._stage, self._stage_fraction = progress.stage, progress.fraction
            self._stage_started = self._clock()
        self.fraction = progress.fraction
        if self.state == "RUNNING":
            self.message = progress.message

    def _fail(self, error: SemvecError) -> None:
        self.error, self.state = error, "FAILED"
