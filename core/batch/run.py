# SPDX-License-Identifier: GPL-3.0-or-later
"""Run of a batch: skip what is done, distribute the rest, and report every image."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import OutputError
from ..native.library import thread_count
from ..settings import Settings
from ..system.files import make_folder, write_output
from .dask_cluster import run_on_dask
from .picture import Record, Task, is_current
from .process_pool import run_in_processes


@dataclass(frozen=True)
class Batch:
    """Options of a run.

    jobs: images at the same time, 0 for one a processor. chunk: images per task. scheduler: the
    address of a Dask scheduler, "local" for a local Dask cluster, "" for a pool of processes.
    as_bytes: send images and drawings through the cluster, where no folder is shared.
    """

    settings: Settings
    skip_existing: bool = False
    jobs: int = 0
    chunk: int = 1
    scheduler: str = ""
    as_bytes: bool = False
    report: Path | None = None


def run_batch(
    batch: Batch, pairs: Sequence[tuple[Path, Path]], on_record: Callable[[Record], None]
) -> list[Record]:
    """Vectorize images into SVG files; returns a record of each, in order of the images.

    Files that are there already, made of the same image with the same settings, are kept.
    on_record is called with each record as it is finished. Raises OutputError, and WorkerError
    where the cluster can't be reached; an image that fails is a record.
    """
    settings = batch.settings.to_dict()
    tasks = [
        Task(os.fspath(image.absolute()), os.fspath(svg.absolute()), settings)
        for image, svg in pairs
    ]
    for folder in {svg.parent for _, svg in pairs}:
        make_folder(folder)
    records: dict[str, Record] = {}
    with _Report(batch.report) as tell:
        for record in _records(batch, tasks):
            records[record.svg] = record
            tell(record)
            on_record(record)
    return [records[task.svg] for task in tasks if task.svg in records]


def _records(batch: Batch, tasks: list[Task]) -> Iterator[Record]:
    left = []
    for task in tasks:
        if (batch.skip_existing and os.path.exists(task.svg)) or is_current(task):
            yield Record(task.image, task.svg, "skipped", attempts=0)
        else:
            left.append(task)
    with closing(_distributed(batch, left)) as found:
        for record in found:
            if record.data is not None:
                write_output(record.svg, record.data)
            yield replace(record, data=None)


def _distributed(batch: Batch, tasks: list[Task]) -> Generator[Record, None, None]:
    """Yield the records of tasks, as processes or a cluster finish them."""
    processors = thread_count(batch.settings.threads)
    jobs = max(1, min(batch.jobs or processors, len(tasks)))
    threads = max(1, processors // jobs)
    tasks = [replace(task, threads=threads) for task in tasks]
    chunks = [tasks[start : start + batch.chunk] for start in range(0, len(tasks), batch.chunk)]
    if batch.scheduler:
        address = "" if batch.scheduler == "local" else batch.scheduler
        return run_on_dask(chunks, address, jobs, batch.as_bytes)
    return run_in_processes(chunks, jobs)


class _Report:
    """Report in JSON lines, to which each record is appended when it is finished."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __enter__(self) -> Callable[[Record], None]:
        try:
            self._file = None if self._path is None else self._path.open("ab+")
            if self._file is not None and self._file.tell():
                self._file.seek(-1, os.SEEK_END)
                if self._file.read(1) != b"\n":  # of a run that was killed
                    self._file.write(b"\n")
        except OSError as error:
            raise self._error(error) from None
        return self._append

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    def _append(self, record: Record) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(record.to_dict()).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._error(error) from None

    def _error(self, error: OSError) -> OutputError:
        return OutputError(
            f"The report '{self._path}' can't be written: {error.strerror or error}.",
            "Choose another file, or make space on the disk.",
        )
