# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a run, fed with events by hand: no worker, no window, no waiting."""

from __future__ import annotations

from typing import Any

import pytest

from semvec.core.drawing import Drawing
from semvec.core.errors import Cancelled, SemvecError, WorkerError
from semvec.core.worker.job import Event, Finished, Preview, Progress
from semvec.core.worker.job_monitor import JobMonitor

DRAWING = Drawing(10, 10)
RESULT = Finished(DRAWING, {"paths": 0}, {})


class ScriptedJob:
    """Gives one list of events, or raises one error, a poll."""

    def __init__(self, *polls: list[Event] | SemvecError) -> None:
        self.polls = list(polls)
        self.cancelled = self.closed = 0
        self.cancel_error: SemvecError | None = None

    def poll(self) -> list[Event]:
        answer = self.polls.pop(0) if self.polls else []
        if isinstance(answer, SemvecError):
            raise answer
        return answer

    def cancel(self) -> None:
        self.cancelled += 1
        if self.cancel_error is not None:
            raise self.cancel_error

    def close(self) -> None:
        self.closed += 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def started(*polls: Any) -> tuple[JobMonitor, ScriptedJob, Clock]:
    job, clock = ScriptedJob(*polls), Clock()
    return JobMonitor(job, clock), job, clock


def progress(fraction: float, stage: str = "refinement") -> Progress:
    return Progress(stage, fraction, "Refining shapes")


def test_from_start_to_result() -> None:
    run, _, clock = started([], [progress(0.2), Preview(DRAWING)], [progress(1.0), RESULT])
    assert (run.state, run.fraction, run.step()) == ("RUNNING", 0.0, None)
    assert run.step() is DRAWING
    assert (run.state, run.fraction, run.message) == ("RUNNING", 0.2, "Refining shapes")
    clock.now += 3.0
    assert run.step() is None
    assert run.state == "FINISHED" and run.over and run.finished is RESULT
    assert run.seconds == 3.0


def test_time_left_is_that_of_the_present_stage() -> None:
    run, _, clock = started([progress(0.1, "tracing")], [progress(0.2)], [progress(0.4)])
    run.step()
    clock.now += 50.0  # a slow stage before says nothing about the next one
    run.step()
    assert run.seconds_left is None
    clock.now += 4.0
    run.step()
    assert run.seconds_left == pytest.approx(4.0 * 0.6 / 0.2)


def test_stopping_asks_the_job_and_waits_for_what_it_gives() -> None:
    run, job, _ = started([progress(0.5)], [progress(0.6)], [RESULT])
    run.step()
    run.stop()
    assert (run.state, run.message, job.cancelled, run.over) == ("STOPPING", "Stopping", 1, False)
    run.step()
    assert run.message == "Stopping", "not what the job is still busy with"
    run.step()
    assert run.state == "FINISHED"


def test_stopping_before_there_is_anything() -> None:
    run, _, _ = started(Cancelled())
    run.stop()
    run.step()
    assert (run.state, run.error) == ("STOPPED", None)


def test_stopping_twice_drops_the_job() -> None:
    run, job, _ = started()
    run.stop()
    run.stop()
    assert run.state == "STOPPED" and job.closed == 1
    run.stop()
    assert job.cancelled == 1


@pytest.mark.parametrize("when", ["polled", "cancelled"])
def test_errors_end_the_run_and_are_kept(when: str) -> None:
    error = WorkerError("The worker process has ended.", "Run it again.")
    run, job, _ = started(error if when == "polled" else [])
    job.cancel_error = error
    run.step() if when == "polled" else run.stop()
    assert run.state == "FAILED" and run.error is error and run.over
    assert run.step() is None, "nothing is polled any more"


def test_dropping_after_the_end_keeps_the_end() -> None:
    run, _, _ = started([RESULT])
    run.step()
    run.drop()
    assert run.state == "FINISHED"
