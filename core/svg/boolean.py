# SPDX-License-Identifier: GPL-3.0-or-later
"""Boolean operations on filled outlines of cubics, under both fill rules.

The result fills the same under the non-zero and the even-odd rule. It consists of parts of the
given curves, not of polygons: curves are flattened to find where they cross, cut there, and those
parts are kept that have inside on one side only. Outlines that need no change are returned as
they are. Time grows with n·sqrt(n) segments and with their crossings; all jobs run together.

skia-pathops does the same with 3 MB of binary code a platform, more than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .crossings import ROUNDS, split_at_crossings
from .edges import Edges, shared_edges
from .effort import Effort, TooComplex
from .jobs import Batch, Job, Operand, Operation, Outline, batch_of
from .loops import closed_loops, loop_curves
from .segments import Segments, flattened
from .windings import windings_beside

_MOST_SEGMENTS = 40_000  # together in one batch
_MOST_JOBS = 4096  # and as many: keys of vertices have to fit into 64 bits
_FAILED = 10_000  # segments: the effort of finding out that jobs are too complex


def combine(jobs: Sequence[Job], effort: Effort | None = None) -> list[Outline | None]:
    """Return the outline of each job; None where it, or all up to it, takes too much effort."""
    effort = effort or Effort()
    results: list[Outline | None] = []
    for batch in _batches(jobs):
        results += _combined_in_parts(batch, effort)
    return results


def _combined_in_parts(jobs: Sequence[Job], effort: Effort) -> list[Outline | None]:
    """Return the outlines of jobs together, or of halves of them where one is too complex."""
    if effort.left < 0:
        return [None] * len(jobs)
    try:
        return _combined(batch_of(jobs), effort)
    except TooComplex:
        effort.left -= _FAILED
    half = len(jobs) // 2
    parts = (jobs[:half], jobs[half:]) if half else ()
    return [each for part in parts for each in _combined_in_parts(part, effort)] or [None]


def combined(operation: Operation, *operands: Operand) -> Outline | None:
    """Return the outline of one job; None where it is too complex."""
    return combine([Job(operands, operation)])[0]


def _batches(jobs: Sequence[Job]) -> Iterable[Sequence[Job]]:
    """Yield the jobs in groups of limited size."""
    group: list[Job] = []
    size = 0
    for job in jobs:
        count = 4 * sum(len(points) for operand in job.operands for points in operand.outline)
        if group and (size + count > _MOST_SEGMENTS or len(group) == _MOST_JOBS):
            yield group
            group, size = [], 0
        group.append(job)
        size += count
    if group:
        yield group


def _combined(batch: Batch, effort: Effort) -> list[Outline | None]:
    """Return the outlines of a batch. Raises TooComplex; what is done till then counts, too."""
    if not np.isfinite(batch.cubics).all():  # so large that the job's own grid has no numbers
        raise TooComplex
    segments = flattened(batch.cubics, batch.job)
    effort.left -= len(segments.curve) + len(batch.jobs)
    segments, touched = split_at_crossings(segments, batch.cubics, effort)
    edges = _edges(segments, batch)
    job = segments.job[edges.source]
    right, left = windings_beside(edges, job, effort)
    inside_right, inside_left = _inside(right, job, batch), _inside(left, job, batch)
    kept = inside_right != inside_left
    count = len(batch.jobs)
    shared = np.bincount(segments.job, minlength=count) != np.bincount(job, minlength=count)
    shared[: len(touched)] |= touched > 0
    whole = _unchanged(batch, shared, job, kept, right, left)
    chosen = kept & ~whole[job]
    # Turn edges so that the inside is to the right of all of them.
    loops, broken = closed_loops(edges, np.flatnonzero(chosen), inside_left)
    outlines: list[Outline | None] = [
        list(each.operands[0].outline) if whole[number] else []
        for number, each in enumerate(batch.jobs)
    ]
    for loop_job, points in loop_curves(loops, segments, edges, batch):
        outline = outlines[loop_job]
        assert outline is not None
        outline.append(points)
    for number in {*job[broken].tolist(), *np.flatnonzero(touched >= ROUNDS).tolist()}:
        outlines[number] = None
    return outlines


def _edges(segments: Segments, batch: Batch) -> Edges:
    """Return each piece of the outlines once, with how often operands run along it."""
    tail, head, source, edge, sign = shared_edges(segments)
    operands = max(len(each.operands) for each in batch.jobs)  # also those without any piece
    weight = np.zeros((len(source), operands), int)
    np.add.at(weight, (edge, batch.operand[segments.curve]), sign)
    order = np.argsort(source)
    order = order[weight[order].any(axis=1)]
    source = source[order]
    return Edges(
        segments.start[source], segments.end[source], tail[source], head[source], weight[order],
        source,
    )  # fmt: skip


def _inside(windings: np.ndarray, job: np.ndarray, batch: Batch) -> np.ndarray:
    """Return whether places with these windings, int [E, operands], are inside: bool [E]."""
    operands = windings.shape[1]
    even_odd = np.zeros((len(batch.jobs), operands), bool)
    for number, each in enumerate(batch.jobs):
        for which, operand in enumerate(each.operands):
            even_odd[number, which] = operand.rule == "evenodd"
    inside = np.where(even_odd[job], windings % 2 != 0, windings != 0)
    first, others = inside[:, 0], inside[:, 1:].any(axis=1)
    operation = np.array([each.operation for each in batch.jobs])[job]
    result: np.ndarray = np.where(
        operation == "union", first | others, first & (others == (operation == "intersect"))
    )
    return result


def _unchanged(
    batch: Batch,
    shared: np.ndarray,
    job: np.ndarray,
    kept: np.ndarray,
    right: np.ndarray,
    left: np.ndarray,
) -> np.ndarray:
    """Return which jobs have one outline that fills alike under both rules: bool [jobs].

    shared: bool [jobs], which have crossings or edges in common.
    """
    whole = np.array([len(each.operands) == 1 for each in batch.jobs])
    whole &= ~shared
    simple = kept & (np.abs(right).max(axis=1) <= 1) & (np.abs(left).max(axis=1) <= 1)
    whole[job[~simple]] = False
    whole[np.setdiff1d(np.arange(len(whole)), job)] = False
    return whole
