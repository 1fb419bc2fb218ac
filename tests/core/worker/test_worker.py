# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process and its client, with the real pipeline and with workers that misbehave."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from same_drawing import same

from semvec.core import errors
from semvec.core.image import Image
from semvec.core.pipeline import vectorize as pipeline
from semvec.core.settings import Settings
from semvec.core.worker import process as worker_process
from semvec.core.worker import request as request_module
from semvec.core.worker.job import Event, Finished, Job, Preview, Progress
from semvec.core.worker.payloads import save_array
from semvec.core.worker.process import Worker, close_shared_worker, shared_worker
from semvec.core.worker.server import RecentItems, Server
from semvec.core.worker.shared_folder import LOCK, SharedFolder

SMALL = Settings(kind="photo", budget=8, iterations=20, mask_count=12, threads=1)
# On the CPU: looking for a GPU takes longer than the shortest silence that is tested here.
ENDLESS = Settings(
    kind="photo", budget=8, iterations=10000, mask_count=12, threads=1, compute="cpu"
)


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker of our own kind."""
    worker = Worker()
    yield worker
    worker.close()
    assert not worker.folder.exists()


@pytest.fixture
def folder() -> Iterator[Path]:
    shared = SharedFolder()
    yield shared.path
    shared.remove()


def picture(width: int = 96, height: int = 64) -> Image:
    """A dark disc on a gradient."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rgb = np.stack([x / width, y / height, np.full_like(x, 0.5)], axis=2)
    rgb[np.hypot(x - width / 2, y - height / 2) < height / 4] = (0.1, 0.0, 0.2)
    return Image(rgb.astype(np.float32))


def python(program: str) -> list[str]:
    """The command of a worker that is something else."""
    return [sys.executable, "-c", program]


def until(job: Job, kind: type[Event], seconds: float = 60.0) -> list[Event]:
    """Poll until an event of this kind comes: all events so far."""
    seen: list[Event] = []
    deadline = time.monotonic() + seconds
    while not any(isinstance(event, kind) for event in seen):
        assert time.monotonic() < deadline, seen[-1:]
        seen += job.poll()
        time.sleep(0.01)
    return seen


def assert_gone(worker: Worker) -> None:
    """Neither the process, not even as a zombie, nor its folder is left."""
    assert not worker.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


# The job, as it should go


def test_a_job_gives_the_same_drawing_as_the_pipeline(worker: Worker) -> None:
    finished = Job(worker, picture(), SMALL).wait()
    expected = pipeline.vectorize(picture(), SMALL)
    assert same(finished.drawing, expected.drawing)
    assert len(finished.drawing.paths) == 8
    assert finished.tree == json.loads(json.dumps(expected.tree.to_dict()))
    assert finished.report["paths"] == 8 and not finished.report["stopped"]


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="the system has other priorities")
def test_the_worker_is_less_urgent_and_ctrl_c_is_not_for_it(worker: Worker) -> None:
    Job(worker, picture(), SMALL).wait()
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getsid(worker.pid) == os.getsid(0), "Linux compares priorities within a session"
    assert os.getpgid(worker.pid) != os.getpgid(0)


def test_progress_rises_and_previews_come_only_on_request(worker: Worker) -> None:
    for previews in (False, True):
        events = until(Job(worker, picture(), SMALL, previews=previews), Finished)
        fractions = [event.fraction for event in events if isinstance(event, Progress)]
        assert np.diff(fractions).min() > -1e-9 and fractions[-1] == 1.0
        drawings = [event.drawing for event in events if isinstance(event, Preview)]
        assert bool(drawings) == previews
        assert all((drawing.width, drawing.height) == (96, 64) for drawing in drawings)
    assert {file.name for file in worker.folder.iterdir()} == {LOCK}


def test_arrays_reach_the_pipeline(worker: Worker) -> None:
    alpha = np.ones((64, 96), np.float32)
    alpha[:, 48:] = 0.0
    image = Image(picture().rgb, alpha)
    saliency = np.zeros((64, 96), np.float32)
    saliency[:32] = 1.0
    masks = np.repeat(np.arange(4, dtype=np.int32), 24)[None].repeat(64, axis=0)
    finished = Job(worker, image, SMALL, saliency=saliency, masks=masks).wait()
    expected = pipeline.vectorize(image, SMALL, saliency=saliency, masks=masks)
    assert same(finished.drawing, expected.drawing)


def test_one_process_does_all_jobs_and_remembers_the_masks(worker: Worker, tmp_path: Path) -> None:
    """Masks that had to be found anew would be written to the folder again."""
    image = picture(512, 384)
    settings = Settings(kind="photo", budget=8, iterations=0, threads=1)
    Job(worker, image, settings, cache=tmp_path).wait()
    (kept,) = tmp_path.iterdir()
    kept.unlink()
    second = Job(worker, image, replace(settings, budget=12), cache=tmp_path).wait()
    assert worker.alive and len(second.drawing.paths) == 12
    assert list(tmp_path.iterdir()) == []


def test_cancelling_keeps_what_there_is(worker: Worker) -> None:
    job = Job(worker, picture(), ENDLESS, previews=True)
    until(job, Preview)
    job.cancel()
    finished = until(job, Finished)[-1]
    assert isinstance(finished, Finished) and finished.report["stopped"]
    assert len(finished.drawing.paths) > 0
    assert len(Job(worker, picture(), SMALL).wait().drawing.paths) == 8, "the next job is not"


def test_cancelling_at_once_leaves_nothing(worker: Worker) -> None:
    os.kill(worker.pid, signal.SIGSTOP)  # so that it finds both requests at once
    job = Job(worker, picture(), SMALL)
    job.cancel()
    os.kill(worker.pid, signal.SIGCONT)
    with pytest.raises(errors.Cancelled):
        job.wait()
    assert worker.alive and not worker.busy


def test_a_worker_has_one_job_at_a_time(worker: Worker) -> None:
    job = Job(worker, picture(), ENDLESS)
    with pytest.raises(errors.WorkerError, match="Another image"):
        Job(worker, picture(), SMALL)
    job.close()
    assert_gone(worker)


def test_errors_keep_their_class_and_hint(worker: Worker) -> None:
    with pytest.raises(errors.MaskError, match="masks") as caught:
        Job(worker, picture(), SMALL, masks=np.zeros((2, 2), np.int32)).wait()
    assert caught.value.hint
    assert len(Job(worker, picture(), SMALL).wait().drawing.paths) == 8


def test_a_prompt_without_engine_or_model_says_so(worker: Worker) -> None:
    with pytest.raises((errors.EngineMissingError, errors.ModelMissingError)) as caught:
        Job(worker, picture(), Settings(prompt="a cup", clip_model="/nowhere.pt")).wait()
    assert caught.value.hint


# The shared worker


def test_the_shared_worker_is_kept_until_it_is_gone() -> None:
    first = shared_worker()
    assert shared_worker() is first
    os.kill(first.pid, signal.SIGKILL)
    first._process.wait()
    second = shared_worker()
    assert second is not first and second.alive
    assert_gone(first)
    close_shared_worker()
    assert_gone(second)
    close_shared_worker()


# Misfortunes


def test_a_killed_worker_is_reported_and_leaves_nothing() -> None:
    worker = Worker()
    job = Job(worker, picture(), ENDLESS, previews=True)
    until(job, Preview)
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(errors.WorkerError, match=r"ended \(exit code -9\)") as caught:
        job.wait()
    assert "Run it again" in caught.value.hint
    assert_gone(worker)
    assert job.finished


def test_a_worker_that_stops_answering_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine takes seconds to the first message.
    monkeypatch.setattr(request_module, "SILENCE_LIMIT", 5.0)
    worker = Worker()
    job = Job(worker, picture(), ENDLESS, previews=True)
    until(job, Preview)
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(errors.WorkerError, match="does not answer"):
        job.wait()
    assert_gone(worker)


def test_a_worker_that_ignores_a_cancel_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "CANCEL_LIMIT", 0.5)
    worker = Worker()
    job = Job(worker, picture(), ENDLESS, previews=True)
    until(job, Preview)
    os.kill(worker.pid, signal.SIGSTOP)
    job.cancel()
    with pytest.raises(errors.WorkerError, match="does not answer"):
        job.wait()
    assert_gone(worker)


def test_a_worker_that_never_says_hello_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "HELLO_LIMIT", 0.5)
    worker = Worker(python("import time; time.sleep(1000)"))
    with pytest.raises(errors.WorkerError, match="does not answer"):
        Job(worker, picture(), SMALL).wait()
    assert_gone(worker)


@pytest.mark.parametrize(
    "line",
    [
        "Hello from a library",
        "",
        "[]",
        "{}",
        "null",
        '{"event": "result"}',
        "[" * 100000,
        '{"event": "preview", "drawing": "../secret"}',
        '{"event": "preview", "drawing": []}',
    ],
)
def test_a_worker_that_writes_nonsense_is_ended(line: str) -> None:
    worker = Worker(python(f"import time; print({line!r}, flush=True); time.sleep(1000)"))
    with pytest.raises(errors.WorkerError):
        Job(worker, picture(), SMALL).wait()
    assert_gone(worker)


def test_last_words_become_the_hint() -> None:
    worker = Worker(python("raise SystemExit('numpy is broken')"))
    with pytest.raises(errors.WorkerError) as caught:
        Job(worker, picture(), SMALL).wait()
    assert "numpy is broken" in caught.value.hint
    assert_gone(worker)


def test_a_worker_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[SharedFolder] = []
    monkeypatch.setattr(
        worker_process, "SharedFolder", lambda: made.append(SharedFolder()) or made[-1]
    )
    with pytest.raises(errors.WorkerError, match="can't be started"):
        Worker(["/no/such/program"])
    assert made and not made[0].path.exists()


def test_printing_and_defects_do_not_disturb_the_conversation() -> None:
    program = """
import os, pathlib, sys
from semvec.core.worker import server as worker
from semvec.core.pipeline import vectorize as pipeline
def defective(*arguments, **options):
    print("noise"); os.system("echo more noise"); sys.stdin.read(); 1 / 0
pipeline.vectorize = defective
worker.main(pathlib.Path(sys.argv[1]))
"""
    worker = Worker(python(program))
    for _ in range(2):
        with pytest.raises(errors.WorkerError, match="ZeroDivisionError"):
            Job(worker, picture(), SMALL).wait()
    assert worker.alive
    worker.close()
    assert_gone(worker)


def test_the_worker_ends_with_its_client() -> None:
    """Also where the client has no chance to say goodbye, in the middle of a job."""
    program = """
import os, numpy as np
from semvec.core.image import Image
from semvec.core.settings import Settings
from semvec.core.worker.job import Job, Preview
from semvec.core.worker.process import Worker
worker = Worker()
image = Image(np.random.default_rng(0).random((64, 64, 3), np.float32))
job = Job(worker, image, Settings(kind="photo", budget=8, iterations=10000), previews=True)
while not any(isinstance(event, Preview) for event in job.poll()):
    pass
print(worker.pid, worker.folder, flush=True)
os.kill(os.getpid(), 9)
"""
    client = subprocess.run(python(program), capture_output=True, text=True)
    pid, folder = client.stdout.split()
    deadline = time.monotonic() + 30.0
    while Path(folder).exists() or Path(f"/proc/{pid}/cmdline").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# The server's side of the conversation


def answers(lines: bytes, folder: Path) -> list[dict[str, object]]:
    """Return the answers of a server until its input ends."""
    events = io.BytesIO()
    Server(io.BytesIO(lines), events, folder).serve()
    return [json.loads(line) for line in events.getvalue().splitlines()]


def test_hello_names_versions(folder: Path) -> None:
    (hello,) = answers(b'{"request": "hello", "id": 7}\n', folder)
    assert hello["event"] == "hello" and hello["id"] == 7
    assert hello["numpy"] == np.__version__ and hello["pid"] == os.getpid()


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"",
        b"[1]",
        b'"hello"',
        b"\xff\xfe",
        b"{",
        b'{"request": "dance"}',
        b'{"request": []}',
        b'{"request": "hello", "id": {}}',
        b'{"request": "cancel", "job": []}',
        b'{"request": "vectorize"}',
        b'{"request": "vectorize", "image": "missing.npy"}',
        b'{"request": "vectorize", "image": "../../etc/passwd"}',
        b'{"request": "vectorize", "image": 5}',
        b'{"request": "vectorize", "image": "rgb.npy", "settings": 3}',
        b'{"request": "vectorize", "image": "rgb.npy", "settings": {"budget": "many"}}',
        b'{"request": "vectorize", "image": "pickle.npy"}',
    ],
)
def test_a_bad_request_is_an_error_and_the_next_is_answered(line: bytes, folder: Path) -> None:
    save_array(folder, "rgb", picture().rgb)
    np.save(folder / "pickle.npy", np.array([{"a": 1}], object), allow_pickle=True)
    events = answers(line + b'\n{"request": "hello", "id": 1}\n', folder)
    assert {event["event"] for event in events} == {"error", "hello"}
    (error,) = (event for event in events if event["event"] == "error")
    assert issubclass(getattr(errors, str(error["type"])), errors.SemvecError)
    assert error["message"]


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_no_input_upsets_the_server(lines: list[bytes]) -> None:
    events = answers(b"\n".join([*lines, b'{"request": "hello"}']), Path("nowhere"))
    assert [event["event"] for event in events].count("hello") == 1


def test_a_closed_output_ends_the_server(folder: Path) -> None:
    """The input stays open, as that of a client that lives."""
    reading, writing = os.pipe()
    output_reading, output_writing = os.pipe()
    os.close(output_reading)
    with (
        os.fdopen(reading, "rb") as requests,
        os.fdopen(output_writing, "wb", 0) as events,
        os.fdopen(writing, "wb", 0) as client,
    ):
        client.write(b'{"request": "hello", "id": 1}\n')
        server = threading.Thread(target=Server(requests, events, folder).serve, daemon=True)
        server.start()
        server.join(60.0)
        assert not server.is_alive()


def test_shutdown_ends_the_server(folder: Path) -> None:
    requests = b'{"request": "shutdown"}\n{"request": "hello"}\n'
    assert answers(requests, folder) == []


def test_the_cache_keeps_the_items_set_last() -> None:
    cache = RecentItems()
    for number in range(10):
        cache[number] = number
    assert 9 in cache and 0 not in cache and len(cache) < 10
