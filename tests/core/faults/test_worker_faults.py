# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers that are killed, frozen, fed or answering garbage, or used many times."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import ENDLESS, IMAGE, SMALL
from lengths import trials

from semvec.core.errors import WorkerError
from semvec.core.worker import request
from semvec.core.worker.job import Job
from semvec.core.worker.process import Worker
from semvec.core.worker.shared_folder import LOCK

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def assert_gone(worker: Worker) -> None:
    """Neither the process, not even as a zombie, nor its folder is left."""
    assert not worker.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


@pytest.mark.parametrize("trial", range(trials(30)))
def test_a_worker_that_is_killed_at_a_random_moment(trial: int) -> None:
    worker = Worker()
    job = Job(worker, IMAGE, ENDLESS, previews=True)
    end = time.monotonic() + random.Random(trial).uniform(0.0, 0.8)
    while time.monotonic() < end:
        job.poll(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="has ended") as raised:
        job.wait()
    assert raised.value.hint and job.finished
    assert_gone(worker)


@pytest.mark.parametrize("trial", range(trials(3)))
def test_a_worker_that_is_frozen(trial: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "HELLO_LIMIT", 1.0)
    monkeypatch.setattr(request, "SILENCE_LIMIT", 1.0)
    worker = Worker()
    job = Job(worker, IMAGE, ENDLESS, previews=True)
    time.sleep(random.Random(trial).uniform(0.0, 0.6))
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(WorkerError, match="does not answer"):
        job.wait()
    assert_gone(worker)


def test_garbage_before_a_request_does_not_harm_it(worker: Worker) -> None:
    source = random.Random(0)
    for _ in range(trials(300)):
        worker._stdin.write(source.randbytes(source.randrange(200)) + b"\n")
    worker._stdin.write(b"[" * 5_000_000 + b"\n")
    worker._stdin.flush()
    assert len(Job(worker, IMAGE, SMALL).wait().drawing.paths) == 6


def test_garbage_from_the_worker_ends_it() -> None:
    for seed in range(trials(5)):
        program = (
            f"import random, sys, time; s = random.Random({seed})\n"
            "sys.stdout.buffer.write(s.randbytes(5000) + b'\\n'); sys.stdout.flush()\n"
            "time.sleep(1000)"
        )
        worker = Worker([sys.executable, "-c", program])
        with pytest.raises(WorkerError, match="invalid"):
            Job(worker, IMAGE, SMALL).wait()
        assert_gone(worker)


def resources(worker: Worker) -> tuple[int, int, int, set[str]]:
    """Return resident bytes, open files and threads of the process, and its shared files."""
    status = Path(f"/proc/{worker.pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    descriptors = len(list(Path(f"/proc/{worker.pid}/fd").iterdir()))
    files = {file.name for file in worker.folder.iterdir()}
    return int(fields["VmRSS"].split()[0]) * 1024, descriptors, int(fields["Threads"]), files


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_many_jobs_in_a_row_leave_nothing(worker: Worker) -> None:
    seen = []
    for _ in range(trials(50)):
        Job(worker, IMAGE, SMALL, previews=True).wait()
        seen.append(resources(worker))
    memory, descriptors, threads, files = zip(*seen[10:], strict=True)
    assert max(memory) - memory[0] < 8e6
    assert len(set(descriptors)) == len(set(threads)) == 1
    assert all(names == {LOCK} for names in files)
