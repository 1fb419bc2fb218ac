# SPDX-License-Identifier: GPL-3.0-or-later
"""Batch on a Dask cluster: an existing one, or one of local processes.

Retries, lost workers, work stealing and the dashboard are Dask's. A lost scheduler is waited for:
the chunks without a result are submitted again.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from ..errors import EngineMissingError, WorkerError
from .picture import Record, Task, run_tasks

_RECONNECT = 60.0  # seconds to wait for a scheduler that was lost
_RETRIES = 2  # of a chunk, by Dask

Chunk = Sequence[Task]


def run_on_dask(
    chunks: Sequence[Chunk], scheduler: str, jobs: int
) -> Generator[Record, None, None]:
    """Yield the record of each task as it is finished.

    scheduler: an address such as tcp://host:8786; where empty, a cluster of `jobs` local
    processes is started. Raises EngineMissingError without Dask, WorkerError without a scheduler.
    """
    distributed = _import_distributed()
    if not scheduler:
        with distributed.LocalCluster(
            n_workers=jobs, threads_per_worker=1, dashboard_address=None
        ) as cluster:
            yield from run_on_dask(chunks, cluster.scheduler_address, jobs)
        return
    left = {number: list(chunk) for number, chunk in enumerate(chunks)}
    while left:
        client = _connected(distributed, scheduler)
        try:
            for number, records in _results(distributed, client, left):
                del left[number]
                yield from records
        except (OSError, distributed.CancelledError):
            continue  # the scheduler was lost
        finally:
            client.close(timeout=5)


def _results(
    distributed: Any, client: Any, left: dict[int, list[Task]]
) -> Iterator[tuple[int, list[Record]]]:
    futures = {
        client.submit(run_tasks, chunk, retries=_RETRIES, pure=False): number
        for number, chunk in left.items()
    }
    for future in distributed.as_completed(futures, loop=client.loop):
        number = futures[future]
        if future.status == "finished":
            yield number, future.result()
        elif future.status in ("cancelled", "lost"):
            raise distributed.CancelledError(future.key)
        else:
            error = f"The cluster gave it up: {future.exception()}."
            yield number, [Record(t.image, t.svg, "failed", error=error) for t in left[number]]


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
