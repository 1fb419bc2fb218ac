# SPDX-License-Identifier: GPL-3.0-or-later
"""State of a job for the interface: progress, time left and result.

Nothing here waits: a timer calls `step` repeatedly.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, Protocol

from ..drawing import Drawing
from ..errors import Cancelled, SemvecError
from .job import Event, Finished, Preview, Progress

# Fraction of the run that a stage must have done before its speed gives the time left.
_KNOWN_SPEED = 0.03

State = Literal["RUNNING", "STOPPING", "FINISHED", "STOPPED", "FAILED"]


class Pollable(Protocol):
    """Interface of a `Job` that the monitor uses."""

    def poll(self) -> list[Event]: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...


class JobMonitor:
    """Monitor of one job.

    States: RUNNING; STOPPING, after a request to stop; then FINISHED (there is a drawing, perhaps
    an unfinished one), STOPPED (there is none) or FAILED (`error` is the reason).
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
        """True after the job has ended."""
        return self.state in ("FINISHED", "STOPPED", "FAILED")

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._started

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at the speed of the current stage; None before it is known."""
        done = self.fraction - self._stage_fraction
        if done < _KNOWN_SPEED:
            return None
        return (self._clock() - self._stage_started) * (1.0 - self.fraction) / done

    def step(self) -> Drawing | None:
        """Read the job's events; returns the drawing so far where there is a new one."""
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
        """Ask the job to stop; the second time, drop it and its process."""
        if self.state == "STOPPING":
            self.drop()
        elif self.state == "RUNNING":
            self.state, self.message = "STOPPING", "Stopping"
            try:
                self._job.cancel()
            except SemvecError as error:
                self._fail(error)

    def drop(self) -> None:
        """End the job at once, without a drawing."""
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
