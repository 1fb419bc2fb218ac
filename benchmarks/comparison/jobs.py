# SPDX-License-Identifier: GPL-3.0-or-later
"""One method on one photograph at one budget, in a process of its own, kept as JSON.

A job that has a result is not run again: a comparison that was stopped goes on.
"""

from __future__ import annotations

import json
import multiprocessing
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from metrics.memory import peak_memory

from semvec.core.svg import from_svg, load_svg, to_svg

from .measure import figures, perceptual
from .methods import EVERYTHING
from .photographs import load, salient_segment
from .task import Task


class Job(NamedTuple):
    """A task of the comparison, and the file of its result. masks: a folder of labels."""

    folder: Path
    method: str
    file: Path
    budget: int
    resolution: int
    effort: float
    backbone: Path | None
    threads: int
    masks: Path | None = None

    @property
    def result(self) -> Path:
        """The JSON file of the figures; the drawing lies beside it as SVG."""
        return self.folder / self.method / f"{self.file.stem}-{self.budget}.json"


def run(jobs: list[Job], processes: int, again: set[str]) -> Iterator[tuple[int, int, Job]]:
    """Run what has no result yet; yields how many of how many are done, and the last one."""
    waiting = [job for job in jobs if job.method in again or not is_done(job)]
    with ThreadPoolExecutor(processes) as threads:
        running = {threads.submit(in_own_process, job): job for job in waiting}
        try:
            for done, future in enumerate(as_completed(running), 1):
                future.result()
                yield done, len(waiting), running[future]
        finally:
            threads.shutdown(cancel_futures=True)


def in_own_process(job: Job) -> None:
    """Carry a job out in a fresh process: peak memory is its own, and so is a crash."""
    process = multiprocessing.get_context("spawn").Process(target=carry_out, args=(job,))
    process.start()
    process.join()
    if process.exitcode:
        _keep(job, {"error": f"the process died, exit code {process.exitcode}"})


def is_done(job: Job) -> bool:
    """Tell whether there is a result that is no failure."""
    return job.result.is_file() and "error" not in read(job)


def read(job: Job) -> dict[str, Any]:
    """Return the kept figures."""
    return json.loads(job.result.read_text(encoding="utf-8"))


def carry_out(job: Job) -> None:
    """Draw, measure, keep. A method's failure is kept as the result, with its reason."""
    try:
        _keep(job, measured(job))
    except Exception as problem:
        _keep(job, {"error": str(problem), "traceback": traceback.format_exc()})


def _keep(job: Job, record: dict[str, Any]) -> None:
    record |= {"method": job.method, "image": job.file.stem, "budget": job.budget}
    job.result.parent.mkdir(parents=True, exist_ok=True)
    job.result.write_text(json.dumps(record, indent=1), encoding="utf-8")


def measured(job: Job) -> dict[str, Any]:
    """Return the drawing as SVG in its file, and all its figures."""
    photograph = load(job.file, job.resolution, job.masks)
    salient = None if photograph.labels is None else salient_segment(photograph.labels)
    task = Task(
        *(photograph.image, job.budget, salient, photograph.labels, photograph.prompt),
        effort=job.effort,
        threads=job.threads,
    )
    wall, processor = time.perf_counter(), time.process_time()
    answer = EVERYTHING[job.method].draw(task)
    svg = answer.svg or to_svg(answer.drawing)
    cost = {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - processor,
        "memory_mb": peak_memory(),
        "svg_bytes": len(svg.encode()),
    }
    job.result.parent.mkdir(parents=True, exist_ok=True)
    job.result.with_suffix(".svg").write_text(svg, encoding="utf-8")
    drawing = from_svg(svg)
    return {
        **figures(drawing, photograph.image, photograph.labels, salient),
        **cost,
    }


def add_perceptual(jobs: list[Job]) -> None:
    """LPIPS for all results that lack it, or why there is none; here, so torch loads once."""
    for job in jobs:
        record = read(job)
        if "error" not in record and "lpips" not in record:
            image = load(job.file, job.resolution).image
            record |= perceptual(load_svg(job.result.with_suffix(".svg")), image, job.backbone)
            _keep(job, record)
