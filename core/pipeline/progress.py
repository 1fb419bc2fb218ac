# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a run: the stages' fractions of the whole, their times, previews and cancellation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from ..drawing import Drawing, Path
from ..errors import Cancelled


class Stage(NamedTuple):
    """A stage's fraction of the time of a run, and its message."""

    fraction: float
    message: str


# In order; the fractions add up to 1.
STAGES = {
    "segmentation": Stage(0.05, "Finding masks"),
    "saliency": Stage(0.02, "Finding what matters"),
    "clustering": Stage(0.05, "Merging masks"),
    "tracing": Stage(0.03, "Tracing regions"),
    "refinement": Stage(0.84, "Refining shapes"),
    "finishing": Stage(0.01, "Cleaning up"),
}

# Fraction of a run on a CPU in which SAM finds masks: a minute and more.
SAM_FRACTION = 0.8

# Seconds between two previews; more where they would take more than this fraction of the time.
PREVIEW_INTERVAL = 0.05
PREVIEW_FRACTION = 0.05


class ProgressEvent(NamedTuple):
    """Progress of a run. fraction: of the whole run, in [0, 1]; message: text for users."""

    stage: str
    fraction: float
    message: str


class RunProgress:
    """Receiver of the progress of all stages of a run; `report` is of the current stage.

    on_progress is called with each event, on_preview with the drawing so far. should_stop is
    asked at every `check_cancelled`. segmentation: the fraction of the run that finding masks
    takes. stages: the run's stages in order. seconds: the time that each finished stage took.
    """

    def __init__(
        self,
        on_progress: Callable[[ProgressEvent], None] | None = None,
        on_preview: Callable[[Drawing], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        segmentation: float = STAGES["segmentation"].fraction,
        stages: Mapping[str, Stage] = STAGES,
    ) -> None:
        self.seconds: dict[str, float] = {}
        self._on_progress = on_progress
        self._on_preview = on_preview
        self._should_stop = should_stop
        self._stages = stages
        self._spans = _spans(stages, segmentation)
        self._stage = ""
        self._next_preview = 0.0

    @property
    def stopped(self) -> bool:
        """True once the caller has asked to stop."""
        return self._should_stop is not None and self._should_stop()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Announce and time one of STAGES, which reports through this object."""
        self._stage = name
        self.report(0.0)
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started

    def report(self, fraction: float, message: str = "") -> None:
        """Report the fraction of the current stage done."""
        start, end = self._spans[self._stage]
        self._tell(self._stage, start + (end - start) * fraction, message)

    def finish(self) -> None:
        """Report that all is done."""
        self._tell("done", 1.0, "Done")

    def check_cancelled(self) -> None:
        """Raise Cancelled if the caller has asked to stop."""
        if self.stopped:
            raise Cancelled

    def step(self, fraction: float, message: str) -> None:
        """Check for a request to cancel, then report: for stages that take one function."""
        self.check_cancelled()
        self.report(fraction, message)

    def preview(self, drawing: Callable[[], Drawing]) -> None:
        """Show the drawing so far if a preview is due."""
        now = time.monotonic()
        if self._on_preview is None or now < self._next_preview:
            return
        self._on_preview(drawing())
        spent = time.monotonic() - now
        self._next_preview = now + max(PREVIEW_INTERVAL, spent / PREVIEW_FRACTION)

    def _tell(self, stage: str, fraction: float, message: str) -> None:
        if self._on_progress is not None:
            text = message or self._stages[stage].message
            self._on_progress(ProgressEvent(stage, fraction, text))


class PathPreviews:
    """Progress of a stage that previews paths, which `to_drawing` turns into a drawing."""

    def __init__(self, run: RunProgress, to_drawing: Callable[[list[Path]], Drawing]) -> None:
        self.report = run.report
        self.check_cancelled = run.check_cancelled
        self._run = run
        self._to_drawing = to_drawing

    def preview(self, paths: Callable[[], list[Path]]) -> None:
        """Show the paths so far if a preview is due."""
        self._run.preview(lambda: self._to_drawing(paths()))


def _spans(stages: Mapping[str, Stage], segmentation: float) -> dict[str, tuple[float, float]]:
    """Return the start and the end of each stage as fractions of the run.

    segmentation: the fraction of the stage of that name, where there is one.
    """
    fractions = {name: stage.fraction for name, stage in stages.items()}
    if "segmentation" in fractions:
        rest = (1.0 - segmentation) / (1.0 - fractions["segmentation"])
        fractions = {name: rest * fraction for name, fraction in fractions.items()}
        fractions["segmentation"] = segmentation
    spans, start = {}, 0.0
    for name, fraction in fractions.items():
        end = start + fraction
        spans[name] = (start, min(end, 1.0))
        start = end
    return spans
