# SPDX-License-Identifier: GPL-3.0-or-later
"""A Dask cluster on this machine whose scheduler and workers are processes of their own.

As processes, their CPU time and memory can be read apart; distributed.LocalCluster has its
scheduler in the client's process.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
from distributed import Client
from distributed.comm.tcp import TCP

BENCHMARKS = Path(__file__).resolve().parents[1]


class Cost(NamedTuple):
    """CPU seconds and written bytes of the client (this process), scheduler and workers."""

    client: float
    scheduler: float
    workers: float
    sent: int
    passed_on: int
    returned: int

    def since(self, before: Cost) -> Cost:
        return Cost(*(now - then for now, then in zip(self, before, strict=True)))


class DaskProcesses:
    """A running cluster, at `address`."""

    def __init__(self, address: str, scheduler: int, workers: list[int], client: Client) -> None:
        self.address = address
        self.scheduler = psutil.Process(scheduler)
        self._workers = [psutil.Process(worker) for worker in workers]
        self.client = client
        count_bytes()
        client.run(count_bytes)
        client.run_on_scheduler(count_bytes)

    def cost(self) -> Cost:
        """Return what the cluster has cost so far."""
        return Cost(
            cpu_seconds(psutil.Process()), cpu_seconds(self.scheduler),
            sum(map(cpu_seconds, self._workers)), written_bytes(),
            self.client.run_on_scheduler(written_bytes),
            sum(self.client.run(written_bytes).values()),
        )  # fmt: skip


@contextlib.contextmanager
def dask_processes(workers: int) -> Iterator[DaskProcesses]:
    """Start a scheduler and workers of one thread each, and end them afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    started = [_start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port))]
    try:
        for _ in range(workers):
            started.append(_start("dask_worker", address, "--nthreads", "1", "--no-nanny"))
        with Client(address, timeout=60, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=120)
            scheduler, *others = (process.pid for process in started)
            yield DaskProcesses(address, scheduler, others, client)
    finally:
        for process in started:
            process.kill()
            process.wait()


def _start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
    paths = [str(BENCHMARKS), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def count_bytes() -> None:
    """Count the bytes that this process writes to Dask's connections from now on."""
    write = TCP.write
    if hasattr(write, "total"):
        return

    async def counted(self: TCP, *arguments: object, **options: object) -> int:
        size = int(await write(self, *arguments, **options))
        vars(counted)["total"] += size
        return size

    vars(counted)["total"] = 0
    TCP.write = counted


def written_bytes() -> int:
    return int(vars(TCP.write)["total"])
