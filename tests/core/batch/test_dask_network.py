# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches whose Dask workers are behind networks of their own, one of which is cut."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="Dask is not installed")

from distributed import Client

from semvec.core.batch import dask_cluster
from semvec.core.batch.picture import Record
from semvec.core.batch.run import Batch, run_batch
from semvec.core.settings import Settings

SETTINGS = Settings(budget=4, iterations=2, mask_count=8)
LOST_AFTER = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "11s"}  # the least that Dask allows
_NUMBERS = itertools.count(os.getpid() % 50 * 4)


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


class Network:
    """A network namespace, joined to this one by a pair of interfaces."""

    def __init__(self) -> None:
        number = next(_NUMBERS)
        self.name, self._here, self._there = (f"sv{part}{number}" for part in ("n", "h", "t"))
        self.here, there = (f"198.18.{number}.{host}" for host in (1, 2))  # for tests: RFC 2544
        ip("netns", "add", self.name)
        ip("link", "add", self._here, "type", "veth", "peer", self._there, "netns", self.name)
        ip("addr", "add", f"{self.here}/30", "dev", self._here)
        ip("link", "set", self._here, "up")
        ip("-n", self.name, "addr", "add", f"{there}/30", "dev", self._there)
        ip("-n", self.name, "link", "set", self._there, "up")
        ip("-n", self.name, "link", "set", "lo", "up")

    def cut(self) -> None:
        ip("-n", self.name, "link", "set", self._there, "down")

    def close(self) -> None:
        ip("netns", "del", self.name)


@pytest.fixture
def networks() -> Iterator[list[Network]]:
    made: list[Network] = []
    try:
        made.append(Network())
        made.append(Network())
    except (OSError, subprocess.CalledProcessError):
        for network in made:
            network.close()
        pytest.skip("nobody may make a network namespace here")
    yield made
    for network in made:
        network.close()


@pytest.fixture
def scheduler(networks: list[Network]) -> Iterator[str]:
    """The address of a scheduler, with a worker in each of the networks."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = (sys.executable, "-m", "distributed.cli.dask_")
    started = []

    def start(program: str, *arguments: str, before: tuple[str, ...] = ()) -> None:
        command = [*before, *dask[:2], dask[2] + program, *arguments, "--no-dashboard"]
        started.append(subprocess.Popen(command, env={**os.environ, **LOST_AFTER}, **quiet))

    start("scheduler", "--port", str(port))
    for network in networks:
        address = f"tcp://{network.here}:{port}"
        options = ("--nthreads", "1", "--no-nanny")
        start("worker", address, *options, before=("ip", "netns", "exec", network.name))
    try:
        with Client(f"tcp://127.0.0.1:{port}", timeout=60) as client:
            client.wait_for_workers(len(networks), timeout=60)
        yield f"tcp://127.0.0.1:{port}"
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.fixture
def limit() -> Iterator[None]:
    """Fail instead of waiting for ever for results that were lost."""

    def fail(*_: object) -> None:
        raise TimeoutError("The batch has not ended.")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(180)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("limit")
def test_a_worker_whose_network_is_cut_loses_nothing(
    networks: list[Network],
    scheduler: str,
    images: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_cluster, "_LEAST", 3)
    monkeypatch.setattr(dask_cluster, "_PER_THREAD", 1)
    jobs = [(image, f"{image.stem}.svg") for image in images]
    alone = [(image, tmp_path / "here" / name) for image, name in jobs]
    run_batch(Batch(SETTINGS), alone, lambda record: None)
    seen: list[str] = []

    def cut_one(record: Record) -> None:
        seen.append(Path(record.svg).name)
        if len(seen) == 2:
            networks[0].cut()

    batch = Batch(SETTINGS, scheduler=scheduler, as_bytes=True)
    run_batch(batch, [(image, tmp_path / "far" / name) for image, name in jobs], cut_one)
    assert sorted(seen) == [name for _, name in jobs], "nothing is lost, nothing is reported twice"
    for _, name in jobs:
        assert (tmp_path / "far" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
