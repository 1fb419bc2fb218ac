# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches on a real Dask cluster: a scheduler and workers in processes of their own."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="Dask is not installed")

from semvec.core.batch import dask_cluster
from semvec.core.batch.picture import Record
from semvec.core.batch.run import Batch, run_batch
from semvec.core.errors import WorkerError
from semvec.core.settings import Settings

SETTINGS = Settings(budget=4, iterations=2, mask_count=8)


class Cluster:
    """A scheduler on a fixed port, and workers that can be killed and started again."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, workers: int = 2) -> None:
        self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        for _ in range(workers):
            self.start_worker()

    def start_worker(self) -> None:
        self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny")

    def kill(self, number: int) -> None:
        """Kill the scheduler (0) or a worker."""
        process = self.processes.pop(number)
        process.kill()
        process.wait()

    def close(self) -> None:
        while self.processes:
            self.kill(0)

    def _start(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen(command, **quiet))


@pytest.fixture(autouse=True)
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill the window several times in each test: at most three chunks."""
    monkeypatch.setattr(dask_cluster, "_LEAST", 3)
    monkeypatch.setattr(dask_cluster, "_PER_THREAD", 1)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.close()


def run(
    images: list[Path], folder: Path, scheduler: str, as_bytes: bool = False,
    on_record: Callable[[Record], None] = lambda record: None,
) -> list[Record]:  # fmt: skip
    batch = Batch(SETTINGS, scheduler=scheduler, as_bytes=as_bytes)
    return run_batch(batch, [(image, folder / f"{image.stem}.svg") for image in images], on_record)


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def expected(images: list[Path], tmp_path: Path) -> dict[str, bytes]:
    """The drawings of this machine, without Dask."""
    run(images, tmp_path / "expected", "")
    return content(tmp_path / "expected")


@pytest.mark.parametrize("as_bytes", [False, True], ids=["path", "bytes"])
def test_a_cluster_gives_the_same_bytes(cluster, images, expected, tmp_path, as_bytes) -> None:
    cluster.start()
    records = run(images, tmp_path / "out", cluster.address, as_bytes)
    assert [record.status for record in records] == ["done"] * 12
    assert content(tmp_path / "out") == expected


@pytest.mark.parametrize("limit", ["chunks", "bytes"])
def test_the_scheduler_holds_a_window_of_tasks(
    cluster, images, expected, tmp_path, monkeypatch, limit
) -> None:
    """Every task is seen once, and 12 images never are 12 tasks at the scheduler."""
    cluster.start(1)
    if limit == "bytes":
        monkeypatch.setattr(dask_cluster, "_LEAST", 100)
        monkeypatch.setattr(dask_cluster, "_BYTES", 2500)  # images have about 1200 bytes each
    seen: list[str] = []
    held: list[int] = []

    def count(record: Record) -> None:
        seen.append(record.svg)
        held.append(observer.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))

    import distributed

    with distributed.Client(cluster.address, set_as_default=False) as observer:
        run(images, tmp_path / "out", cluster.address, limit == "bytes", count)
    assert max(held) <= 6, "three, and as many whose end is not yet known"
    assert content(tmp_path / "out") == expected
    assert len(seen) == len(set(seen)) == 12


def test_an_image_that_cannot_be_sent_fails_alone(cluster, images, tmp_path) -> None:
    images[3].unlink()
    cluster.start(1)
    records = run(images, tmp_path / "out", cluster.address, as_bytes=True)
    assert [record.image for record in records if record.status == "failed"] == [str(images[3])]
    assert len(list((tmp_path / "out").iterdir())) == 11


def test_a_local_cluster(images, tmp_path) -> None:
    records = run(images[:2], tmp_path / "out", "local")
    assert [record.status for record in records] == ["done"] * 2


def test_a_killed_worker_loses_nothing(cluster, images, expected, tmp_path) -> None:
    cluster.start(2)
    seen: list[str] = []

    def kill_one(record: Record) -> None:
        seen.append(record.svg)
        if len(seen) == 2:
            cluster.kill(2)

    run(images, tmp_path / "out", cluster.address, on_record=kill_one)
    assert content(tmp_path / "out") == expected
    assert len(seen) == len(set(seen)) == 12, "nothing is reported twice"


def test_a_killed_scheduler_is_waited_for(cluster, images, expected, tmp_path) -> None:
    """All of the cluster is killed after the second image, and started again a second later."""
    cluster.start()
    seen: list[str] = []

    def kill_all(record: Record) -> None:
        seen.append(record.svg)
        if len(seen) == 2:
            cluster.close()
            threading.Timer(1.0, cluster.start).start()

    run(images, tmp_path / "out", cluster.address, on_record=kill_all)
    assert content(tmp_path / "out") == expected
    assert len(seen) == len(set(seen)) == 12


def test_no_scheduler_is_an_error(images, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(dask_cluster, "_RECONNECT", 0.0)
    with pytest.raises(WorkerError, match="can't be reached") as raised:
        run(images, tmp_path / "out", "tcp://127.0.0.1:9")
    assert "dask scheduler" in raised.value.hint


def test_a_bad_image_does_not_stop_a_cluster(cluster, images, tmp_path) -> None:
    images[3].write_bytes(b"no image")
    cluster.start(1)
    records = run(images, tmp_path / "out", cluster.address)
    assert [record.status for record in records].count("failed") == 1
    assert len(list((tmp_path / "out").iterdir())) == 11
