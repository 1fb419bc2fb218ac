# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency requests to the worker process before a run; the prompts need no engine here."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from semvec.core.errors import EngineMissingError, ModelMissingError, WorkerError
from semvec.core.image import Image
from semvec.core.settings import Settings
from semvec.core.worker import request as request_module
from semvec.core.worker.job import Job
from semvec.core.worker.process import Worker
from semvec.core.worker.saliency_request import SaliencyRequest
from semvec.core.worker.shared_folder import LOCK

PICTURE = Image(np.random.default_rng(0).random((24, 40, 3), np.float32))
SMALL = Settings(kind="photo", budget=4, iterations=5, mask_count=6, threads=1)
FAILING = Settings(prompt="a cup", clip_model="/nowhere.pt")


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def answer_to(worker: Worker, request: SaliencyRequest) -> None:
    """Wait until the worker has written the last line of its answer, and leave it unread."""
    while worker._lines.empty():
        assert worker.alive
        time.sleep(0.01)


def test_the_map_comes_at_working_size(worker: Worker) -> None:
    request = SaliencyRequest(worker, PICTURE, Settings(resolution=20))
    found = request.wait()
    assert found.shape == (12, 20) and found.dtype == np.float32 and np.all(found == 0.5)
    assert [file.name for file in worker.folder.iterdir()] == [LOCK] and not worker.busy
    assert SaliencyRequest(worker, PICTURE, Settings()).wait().shape == (24, 40)


def test_errors_keep_their_class_and_the_worker_goes_on(worker: Worker) -> None:
    with pytest.raises((EngineMissingError, ModelMissingError)) as caught:
        SaliencyRequest(worker, PICTURE, FAILING).wait()
    assert caught.value.hint
    assert SaliencyRequest(worker, PICTURE, Settings()).wait().shape == (24, 40)


@pytest.mark.parametrize("settings", [Settings(), FAILING])
def test_a_job_does_not_hear_what_was_asked_before(worker: Worker, settings: Settings) -> None:
    request = SaliencyRequest(worker, PICTURE, settings)
    answer_to(worker, request)
    assert not request.lost
    job = Job(worker, PICTURE, SMALL)
    assert request.lost
    with pytest.raises(WorkerError, match="another request"):
        request.poll()
    assert len(job.wait().drawing.paths) == 4
    assert SaliencyRequest(worker, PICTURE, Settings()).wait().shape == (24, 40)


def test_only_the_last_request_is_answered(worker: Worker) -> None:
    first = SaliencyRequest(worker, PICTURE, Settings())
    second = SaliencyRequest(worker, PICTURE, Settings(resolution=20))
    assert first.lost and second.wait().shape == (12, 20)


def test_a_cancelled_request_and_the_end_of_the_worker(worker: Worker) -> None:
    request = SaliencyRequest(worker, PICTURE, Settings())
    request.cancel()
    worker.close()
    assert request.lost
    request.cancel()  # nothing to stop
    with pytest.raises(WorkerError):
        request.wait()


def test_a_busy_worker_is_not_asked(worker: Worker) -> None:
    worker.busy = True
    with pytest.raises(WorkerError, match="being vectorized"):
        SaliencyRequest(worker, PICTURE, Settings())


def test_a_worker_that_never_answers_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "HELLO_LIMIT", 0.3)
    worker = Worker([sys.executable, "-c", "import time; time.sleep(1000)"])
    with pytest.raises(WorkerError, match="does not answer"):
        SaliencyRequest(worker, PICTURE, Settings()).wait()
    assert not worker.folder.exists()


@pytest.mark.parametrize("file", ["../secret.npy", "missing.npy", None, 5])
def test_a_worker_that_names_no_map_is_ended(file: object) -> None:
    line = json.dumps({"event": "saliency", "id": 1, "map": file})
    worker = Worker(
        [sys.executable, "-c", f"import time; print({line!r}, flush=True); time.sleep(1000)"]
    )
    with pytest.raises(WorkerError):
        SaliencyRequest(worker, PICTURE, Settings()).wait()
    assert not worker.folder.exists()
