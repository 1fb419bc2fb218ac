# SPDX-License-Identifier: GPL-3.0-or-later
"""Batch on a Dask cluster: an existing one, or one of local processes.

Retries, lost workers, work stealing and the dashboard are Dask's. A lost scheduler is waited for:
the chunks without a result are submitted again. Only a window of chunks is submitted at a time:
the scheduler keeps each submitted task, with the image's bytes, and the workers each result, until
the client drops it (docs/scale.md).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import EngineMissingError, WorkerError
from .picture import Record, Task, run_tasks

_RECONNECT = 60.0  # seconds to wait for a scheduler that was lost
_RETRIES = 2  # of a chunk, by Dask

# Window of submitted chunks without a result. It is filled up when half of it is done, so that
# every thread has work meanwhile, and the size of a cluster that grows is asked for each time.
_LEAST = 256  # chunks
_PER_THREAD = 8  # chunks for each thread of the cluster
_BYTES = 2**28  # of images; exceeded only to keep all threads busy
_BUSY = 2  # chunks for each thread, however large

Chunk = Sequence[Task]


def run_on_dask(
    chunks: Sequence[Chunk], scheduler: str, jobs: int, as_bytes: bool = False
) -> Generator[Record, None, None]:
    """Yield the record of each task as it is finished.

    scheduler: an address such as tcp://host:8786; where empty, a cluster of `jobs` local
    processes is started. as_bytes: send the images' bytes, read when their turn comes.
    Raises EngineMissingError without Dask, WorkerError without a scheduler.
    """
    distributed = _import_distributed()
    if not scheduler:
        with distributed.LocalCluster(
            n_workers=jobs, threads_per_worker=1, dashboard_address=None
        ) as cluster:
            yield from run_on_dask(chunks, cluster.scheduler_address, jobs, as_bytes)
        return
    left = dict(enumerate(chunks))
    while left:
        client = _connected(distributed, scheduler)
        try:
            for number, records in _results(distributed, client, left, as_bytes):
                del left[number]
                yield from records
        except (OSError, distributed.CancelledError):
            continue  # the scheduler was lost
        finally:
            client.close(timeout=5)


def _results(
    distributed: Any, client: Any, left: dict[int, Chunk], as_bytes: bool
) -> Iterator[tuple[int, list[Record]]]:
    """Yield the number and the records of each chunk of `left`, as they are finished."""
    window = _Window(client, left, as_bytes)
    finished = distributed.as_completed(window.fill(), loop=client.loop)
    for future in finished:
        number = window.take(future)
        if future.status == "finished":
            yield number, future.result()
        elif future.status in ("cancelled", "lost"):
            raise distributed.CancelledError(future.key)
        else:
            error = f"The cluster gave it up: {future.exception()}."
            yield number, [Record(t.image, t.svg, "failed", error=error) for t in left[number]]
        finished.update(window.fill())


class _Window:
    """Chunks that are submitted and have no result yet; the others wait."""

    def __init__(self, client: Any, chunks: dict[int, Chunk], as_bytes: bool) -> None:
        self._client, self._chunks, self._as_bytes = client, chunks, as_bytes
        self._waiting = deque(chunks)
        self._running: dict[Any, tuple[int, int]] = {}  # future: number of the chunk, bytes sent
        self._bytes = 0
        self._enough = 1  # running chunks below which the window is filled up

    def take(self, future: Any) -> int:
        """Forget a future, so that the cluster does as well; returns its chunk's number."""
        number, size = self._running.pop(future)
        self._bytes -= size
        return number

    def fill(self) -> list[Any]:
        """Submit waiting chunks if less than half of the window is running; returns futures.

        Raises OSError where the scheduler was lost.
        """
        if not self._waiting or len(self._running) >= self._enough:
            return []
        if self._client.status != "running":
            raise ConnectionError("The scheduler was lost.")
        threads = sum(self._client.nthreads().values())
        submitted = []
        while self._waiting and self._has_space(threads):
            submitted.append(self._submit(self._waiting.popleft()))
        self._enough = (len(self._running) + 1) // 2
        return submitted

    def _has_space(self, threads: int) -> bool:
        running = len(self._running)
        small = self._bytes < _BYTES or running < _BUSY * threads
        return not running or (small and running < max(_LEAST, _PER_THREAD * threads))

    def _submit(self, number: int) -> Any:
        tasks = list(self._chunks[number])
        if self._as_bytes:
            tasks = [_with_content(task) for task in tasks]
        future = self._client.submit(run_tasks, tasks, retries=_RETRIES, pure=False)
        size = sum(len(task.content or b"") for task in tasks)
        self._running[future] = number, size
        self._bytes += size
        return future


def _with_content(task: Task) -> Task:
    """Return the task with its image's bytes; without, if it can't be read: the worker says why."""
    try:
        return replace(task, content=Path(task.image).read_bytes())
    except OSError:
        return task


def _connected(distributed: Any, scheduler: str) -> Any:
    """Return a client; waits for a scheduler that is being started. Raises WorkerError."""
    end = time.monotonic() + _RECONNECT
    while True:
        try:
            return distributed.Client(scheduler, timeout=5, set_as_default=False)
        except (OSError, ValueError) as error:
            if time.monotonic() > end or isinstance(error, ValueError):
                raise WorkerError(
                    f"The scheduler {scheduler} can't be reached: {error}.",
                    "Check its address, and start it: dask scheduler.",
                ) from None
            time.sleep(1.0)


def _import_distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise EngineMissingError(
            f"Dask can't be used: {error}.", "Install it: pip install semvec[batch]"
        ) from None
    return distributed
