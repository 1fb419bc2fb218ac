# SPDX-License-Identifier: GPL-3.0-or-later
"""Touch-ups in the worker process: the same as in the pipeline, with progress, and cancelled."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from same_drawing import same
from soft_photograph import photograph

from semvec.core.drawing import Drawing
from semvec.core.errors import SettingsError, WorkerError
from semvec.core.image import Image
from semvec.core.pipeline.changes import TouchUp
from semvec.core.pipeline.touch_up import touch_up
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import Settings
from semvec.core.worker.job import Event, Preview, Progress
from semvec.core.worker.process import Worker
from semvec.core.worker.refine_job import Refined, RefineJob

CHANGES = TouchUp(add=2, remove=1, lock=("structural",), iterations=30, threads=1)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def image() -> Image:
    return photograph()


@pytest.fixture(scope="module")
def drawing(image: Image) -> Drawing:
    settings = Settings(kind="photo", budget=12, iterations=20, mask_count=40, threads=1)
    return vectorize(image, settings).drawing


def test_the_result_is_that_of_the_pipeline(worker: Worker, drawing: Drawing, image: Image) -> None:
    region = np.zeros((60, 80), np.float32)
    region[20:, 30:] = 1
    events: list[Event] = []
    job = RefineJob(worker, drawing, image, CHANGES, region=region, previews=True)
    finished = job.wait(events.append)
    expected = touch_up(drawing, image, CHANGES, region=region)
    assert isinstance(finished, Refined) and same(finished.drawing, expected.drawing)
    assert finished.origins == expected.origins
    assert finished.changed == expected.changed(drawing)
    assert {"added": 2, "removed": 1}.items() <= finished.report.items()
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert any(isinstance(event, Preview) for event in events)


def test_a_cancelled_job_gives_the_drawing_so_far(
    worker: Worker, drawing: Drawing, image: Image
) -> None:
    job = RefineJob(worker, drawing, image, TouchUp(iterations=20000, threads=1), previews=True)
    seen: list[Event] = []
    deadline = time.monotonic() + 60.0
    while not any(isinstance(event, Preview) for event in seen):
        assert time.monotonic() < deadline
        seen += job.poll(0.1)
    job.cancel()
    finished = job.wait()
    assert finished.report["stopped"] and len(finished.drawing.paths) == len(drawing.paths)


def test_errors_come_back_as_they_are(worker: Worker, drawing: Drawing, image: Image) -> None:
    with pytest.raises(SettingsError, match="'sky'"):
        RefineJob(worker, drawing, image, TouchUp(lock=("sky",))).wait()
    with pytest.raises(SettingsError, match="not 99"):
        RefineJob(worker, drawing, image, TouchUp(remove=99)).wait()
    job = RefineJob(worker, drawing, image, CHANGES)
    with pytest.raises(WorkerError, match="being vectorized"):
        RefineJob(worker, drawing, image, CHANGES)
    assert job.wait().report["paths"] == len(drawing.paths) + 1
