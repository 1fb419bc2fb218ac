# SPDX-License-Identifier: GPL-3.0-or-later
"""Cost of a batch's carriers, as in docs/scale.md: `python3 dev.py bench batch`.

Small seeded pictures are vectorized in this process, by the pool of processes, and by a Dask
cluster that gets them by shared path and as bytes. Then tasks of the same size without work
show what carrying costs: CPU time of the client, scheduler and workers, bytes written to
connections, and memory, with the window of submitted tasks; and what the scheduler holds where
all are submitted at once.

    .venv/bin/python benchmarks/batch.py [--pictures 1000] [--plain 200] [--tasks 10000]
        [--jobs 2] [--side 64]
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from metrics.dask_processes import DaskProcesses, dask_processes
from metrics.no_operation import no_operation
from scipy import ndimage

from semvec.core.batch import dask_cluster, process_pool
from semvec.core.batch.picture import Record, Task, run_tasks
from semvec.core.image import save_png
from semvec.core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "out" / "bench-batch.json"
SETTINGS = Settings(budget=8, iterations=5, kind="photo")
UNLIMITED = 10**12
LIMITS = dask_cluster._LEAST, dask_cluster._BYTES


@dataclass
class Row:
    """A run, by task: CPU in milliseconds, bytes written, memory in KB; seconds are of the run."""

    name: str
    tasks: int
    seconds: float
    client: float
    scheduler: float = 0.0
    workers: float = 0.0
    sent: float = 0.0
    passed_on: float = 0.0
    returned: float = 0.0
    scheduler_memory: float = 0.0
    client_memory: float = 0.0

    @property
    def cpu(self) -> float:
        return self.client + self.scheduler + self.workers


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        images = list(pictures(Path(folder), options.pictures, options.side))
        size = sum(image.stat().st_size for image in images) / len(images)
        print(f"{len(images)} pictures of {options.side} px, {size:.0f} bytes each (PNG)")
        rows = working_rows(images, options.plain, options.jobs)
        rows += carrying_rows(images, options.tasks, options.jobs)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    print_ratios(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--plain", type=int, default=200, help="pictures in this process")
    parser.add_argument("--tasks", type=int, default=10_000, help="tasks without work")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--side", type=int, default=64, help="pixels")
    return parser.parse_args()


def pictures(folder: Path, count: int, side: int) -> Iterator[Path]:
    """Write pictures of soft colored areas with some noise; yields their files."""
    for number in range(count):
        random = np.random.default_rng(number)
        areas = ndimage.zoom(random.uniform(0.0, 1.0, (5, 5, 3)), (side / 5, side / 5, 1), order=1)
        noisy = areas + random.normal(0.0, 0.02, areas.shape)
        path = folder / f"p_{number:05d}.png"
        save_png(path, np.clip(noisy, 0.0, 1.0).astype(np.float32))
        yield path


def tasks_of(images: list[Path], count: int) -> list[list[Task]]:
    """Return chunks of one task each; images are used again where there are too few."""
    settings = SETTINGS.to_dict()
    chosen = (images[number % len(images)] for number in range(count))
    return [
        [Task(str(path), str(path.with_name(f"{number}.svg")), settings)]
        for number, path in enumerate(chosen)
    ]


def working_rows(images: list[Path], plain: int, jobs: int) -> list[Row]:
    """Vectorize by each carrier."""
    print_heading()
    chunks = tasks_of(images, len(images))
    list(map(run_tasks, chunks[:3]))  # what is loaded once
    started, before = time.perf_counter(), time.process_time()
    failed(record for chunk in chunks[:plain] for record in run_tasks(chunk))
    cpu = time.process_time() - before
    rows = [Row("in this process", plain, time.perf_counter() - started, 1e3 * cpu / plain)]
    print_row(rows[0])
    rows.append(pool_row("pool", chunks, jobs))
    with dask_processes(jobs) as cluster:
        warm = chunks[: 4 * jobs]
        failed(dask_cluster.run_on_dask(warm, cluster.address, jobs))
        for as_bytes in (False, True):
            name = "Dask, as bytes" if as_bytes else "Dask, by path"
            rows.append(dask_row(name, cluster, chunks, as_bytes))
    return rows


def carrying_rows(images: list[Path], count: int, jobs: int) -> list[Row]:
    """Carry tasks without work, then submit them all at once to a cluster without workers."""
    print("\nTasks without work")
    print_heading()
    chunks = tasks_of(images, count)
    dask_cluster.run_tasks = process_pool.run_tasks = no_operation
    rows = [pool_row("pool", chunks, jobs)]
    for as_bytes in (False, True):
        name = "as bytes" if as_bytes else "by path"
        with dask_processes(jobs) as cluster:
            failed(dask_cluster.run_on_dask(chunks[:20], cluster.address, jobs, as_bytes))
            rows.append(dask_row(f"{name}, window", cluster, chunks, as_bytes))
        with dask_processes(0) as cluster:
            rows.append(held_row(f"{name}, at once", cluster, chunks, as_bytes))
    return rows


def held_row(name: str, cluster: DaskProcesses, chunks: list[list[Task]], as_bytes: bool) -> Row:
    """Submit all chunks, which then wait at the scheduler: memory, and time of submission."""
    dask_cluster._LEAST = dask_cluster._BYTES = UNLIMITED
    client = psutil.Process()
    memory = [process.memory_info().rss for process in (cluster.scheduler, client)]
    before, started = cluster.cost(), time.perf_counter()
    window = dask_cluster._Window(cluster.client, dict(enumerate(chunks)), as_bytes)
    futures = window.fill()
    while cluster.client.run_on_scheduler(known_tasks) < len(futures):
        time.sleep(0.5)
    seconds, cost = time.perf_counter() - started, cluster.cost().since(before)
    rises = [
        (process.memory_info().rss - start) / 1e3 / len(chunks)
        for process, start in zip((cluster.scheduler, client), memory, strict=True)
    ]
    times = [1e3 * value / len(chunks) for value in (cost.client, cost.scheduler)]
    row = Row(
        name, len(chunks), seconds, *times, sent=cost.sent / len(chunks),
        scheduler_memory=rises[0], client_memory=rises[1],
    )  # fmt: skip
    print_row(row)
    dask_cluster._LEAST, dask_cluster._BYTES = LIMITS
    return row


def known_tasks(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks)


def pool_row(name: str, chunks: list[list[Task]], jobs: int) -> Row:
    """Run in processes; their start is measured with empty chunks, and subtracted."""
    spent = []
    for content in ([[] for _ in range(jobs)], chunks):
        before, children = time.process_time(), children_seconds()
        started = time.perf_counter()
        failed(process_pool.run_in_processes(content, jobs))
        seconds = time.perf_counter() - started
        spent.append((time.process_time() - before, children_seconds() - children))
    client, workers = (
        1e3 * (all_ - start) / len(chunks) for start, all_ in zip(*spent, strict=True)
    )
    row = Row(name, len(chunks), seconds, client, workers=workers)
    print_row(row)
    return row


def children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def dask_row(name: str, cluster: DaskProcesses, chunks: list[list[Task]], as_bytes: bool) -> Row:
    client = psutil.Process()
    processes = (cluster.scheduler, client)
    memory = [process.memory_info().rss for process in processes]
    peaks = list(memory)
    before, started = cluster.cost(), time.perf_counter()
    records = []
    for record in dask_cluster.run_on_dask(chunks, cluster.address, 0, as_bytes):
        record.data = None
        records.append(record)  # as a batch keeps them
        if len(records) % 200 == 1:
            now = [process.memory_info().rss for process in processes]
            peaks = [max(pair) for pair in zip(peaks, now, strict=True)]
    seconds, cost = time.perf_counter() - started, cluster.cost().since(before)
    failed(records)
    count = len(chunks)
    times = [1e3 * value / count for value in (cost.client, cost.scheduler, cost.workers)]
    sizes = [value / count for value in (cost.sent, cost.passed_on, cost.returned)]
    rises = [(high - low) / 1e3 / count for high, low in zip(peaks, memory, strict=True)]
    row = Row(name, count, seconds, *times, *sizes, *rises)
    print_row(row)
    return row


def failed(records: Iterable[Record]) -> None:
    """Read all records. Raises RuntimeError if one of them is not done."""
    for record in records:
        if record.status != "done":
            raise RuntimeError(f"{record.image}: {record.error}")


def print_heading() -> None:
    print(
        f"{'':18}{'tasks':>6}{'per s':>8} | CPU ms a task: {'client':>8}{'sched.':>8}{'workers':>8}"
        f" | bytes a task: {'sent':>7}{'passed':>7}{'back':>7}"
        f" | KB a task: {'sched.':>7}{'client':>7}"
    )


def print_row(row: Row) -> None:
    print(
        f"{row.name:18}{row.tasks:6}{row.tasks / row.seconds:8.1f} | {'':14} {row.client:8.2f}"
        f"{row.scheduler:8.2f}{row.workers:8.2f} | {'':13} {row.sent:7.0f}{row.passed_on:7.0f}"
        f"{row.returned:7.0f} | {'':10} {row.scheduler_memory:7.1f}{row.client_memory:7.1f}",
        flush=True,
    )


def print_ratios(rows: list[Row]) -> None:
    plain = rows[0].cpu
    print("\nCPU time a task, as a share of a picture's in this process")
    for row in rows:
        print(f"{row.name:18}{row.cpu / plain:8.3f}   scheduler {row.scheduler / plain:6.3f}")


if __name__ == "__main__":
    main()
