# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for a drawing's remaining error to the worker process."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from semvec.core.drawing import Drawing
from semvec.core.errors import WorkerError
from semvec.core.image import Image
from semvec.core.pipeline.error_map import error_map
from semvec.core.worker.error_request import ErrorRequest
from semvec.core.worker.process import Worker
from semvec.core.worker.shared_folder import LOCK

PICTURE = Image(np.random.default_rng(0).random((24, 40, 3), np.float32))
EMPTY = Drawing(40, 24, [])


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def answer(request: ErrorRequest) -> np.ndarray:
    """Wait for the map."""
    end = time.monotonic() + 60.0
    while (found := request.poll(0.1)) is None:
        assert time.monotonic() < end
    return found


def test_the_answer_is_that_of_the_pipeline_and_leaves_no_file(worker: Worker) -> None:
    request = ErrorRequest(worker, PICTURE, EMPTY)
    assert np.array_equal(answer(request), error_map(PICTURE, EMPTY))
    assert not request.lost
    assert {file.name for file in worker.folder.iterdir()} == {LOCK}


def test_another_request_loses_the_answer(worker: Worker) -> None:
    first = ErrorRequest(worker, PICTURE, EMPTY)
    second = ErrorRequest(worker, PICTURE, EMPTY)
    assert first.lost and not second.lost
    answer(second)
    worker.busy = True
    with pytest.raises(WorkerError, match="Another image"):
        ErrorRequest(worker, PICTURE, EMPTY)
