# SPDX-License-Identifier: GPL-3.0-or-later
"""Batch on the processors of this machine, one process each (concurrent.futures).

Images in parallel use processors better than threads within one image: only parts of a run are
parallel. A process that is lost, for lack of memory for instance, breaks the whole pool; the chunks
that were running are then tried again one at a time, so that only the guilty one is given up.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from .picture import Record, Task, run_tasks

_ATTEMPTS = 2  # of a chunk whose process is lost
_LOST = "Its process was lost, perhaps for lack of memory. (Lower the resolution, or --jobs.)"

Chunk = Sequence[Task]


@dataclass
class _Item:
    """A chunk, and how often its process was lost while nothing else ran."""

    tasks: list[Task]
    losses: int = 0


def run_in_processes(chunks: Sequence[Chunk], jobs: int) -> Generator[Record, None, None]:
    """Yield the record of each task as it is finished. Ends all processes when it is closed."""
    waiting, suspects = deque(_Item(list(chunk)) for chunk in chunks), deque[_Item]()
    while waiting or suspects:
        lost = yield from _run_pool(suspects or waiting, 1 if suspects else jobs)
        for item in lost:
            item.losses += len(lost) == 1  # of several, some are innocent
            if item.losses < _ATTEMPTS:
                suspects.append(item)
            else:
                yield from (_lost(task) for task in item.tasks)


def _run_pool(queue: deque[_Item], width: int) -> Generator[Record, None, list[_Item]]:
    """Run the items of `queue` until it is empty; returns those that were lost with the pool."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(width, context, initializer=_ignore_interrupts)
    running: dict[Future[list[Record]], _Item] = {}
    try:
        while queue or running:
            while queue and len(running) < width:
                item = queue.popleft()
                running[pool.submit(run_tasks, item.tasks)] = item
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                records = future.result()
                del running[future]
                yield from records
    except BrokenProcessPool:
        return list(running.values())
    finally:
        _end(pool)
    return []


def _lost(task: Task) -> Record:
    return Record(task.image, task.svg, "failed", _ATTEMPTS, error=_LOST)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes at once: an unfinished image has no output yet."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the main process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
