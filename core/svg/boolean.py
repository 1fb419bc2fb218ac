# SPDX-License-Identifier: GPL-3.0-or-later
"""Boolean operations on filled outlines of cubics, under both fill rules.

The result fills the same under the non-zero and the even-odd rule. It consists of parts of the
given curves, not of polygons: curves are flattened to find where they cross, cut there, and those
parts are kept that have inside on one side only. Outlines that need no change are returned as
they are. Time grows with n·sqrt(n) segments and with their crossings; all jobs run together.

skia-pathops does the same with 3 MB of binary code a platform, more than all the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from .crossings import ROUNDS, split_at_crossings
from .segments import GRID, Segments, TooComplex, flattened, points_at, portions, rows_of, runs

Outline = list[np.ndarray]  # closed sub-paths, float64 [3·S, 2] each
Rule = Literal["nonzero", "evenodd"]
Operation = Literal["union", "intersect", "subtract"]

_MOST_SEGMENTS = 40_000  # together in one batch
_MOST_JOBS = 4096  # and as many: keys of vertices have to fit into 64 bits
MOST_COMPARISONS = 2_000_000  # more would take seconds
_MOST_RAYS = 40_000_000
_RAY_ROWS = 4.0  # density of the rows in which rays are compared with edges
_FAILED = 10_000  # segments: the effort of finding out that jobs are too complex
_THINNEST = 1e-5  # of the longer side: loops that are thinner on average are dropped


class Operand(NamedTuple):
    """A filled outline."""

    outline: Outline
    rule: str = "nonzero"


class Job(NamedTuple):
    """The first operand with the union of all others: united, within them, or without them."""

    operands: Sequence[Operand]
    operation: Operation = "union"


class Batch(NamedTuple):
    """The curves of several jobs. cubics: [K, 4, 2], grid steps; operand, job: int [K]."""

    jobs: Sequence[Job]
    cubics: np.ndarray
    operand: np.ndarray
    job: np.ndarray
    origin: np.ndarray  # [jobs, 2], pixels
    scale: np.ndarray  # [jobs], pixels a grid step


class Edges(NamedTuple):
    """Pieces of outlines that meet at ends only, each once.

    start, end: [E, 2], grid steps. tail, head: int [E], vertices. weight: int [E, operands],
    how often each operand runs along it, backwards negative. source: segment index.
    """

    start: np.ndarray
    end: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    weight: np.ndarray
    source: np.ndarray


class Effort:
    """Limit of what may be done in all: work, not time, so that results are the same everywhere.

    left: segments, each with what belongs to it on average.
    """

    def __init__(self, most: float = math.inf) -> None:
        """Allow so much."""
        self.left = most


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


def batch_of(jobs: Sequence[Job]) -> Batch:
    """Return the curves of jobs, scaled to the grid."""
    pieces = [
        (points, number, which)
        for which, job in enumerate(jobs)
        for number, operand in enumerate(job.operands)
        for points in operand.outline
        if len(points)
    ]
    sizes = np.array([len(points) // 3 for points, _, _ in pieces], int)
    job = np.repeat(np.array([which for _, _, which in pieces], int), sizes)
    operand = np.repeat(np.array([number for _, number, _ in pieces], int), sizes)
    cubics = np.concatenate([_cubics(points) for points, _, _ in pieces] or [np.zeros((0, 4, 2))])
    low = np.full((len(jobs), 2), np.inf)
    high = np.full((len(jobs), 2), -np.inf)
    np.minimum.at(low, job, cubics.min(axis=1))
    np.maximum.at(high, job, cubics.max(axis=1))
    size = np.maximum((high - low).max(axis=1), 1e-30)
    low[~np.isfinite(low)] = 0.0
    scale = np.where(np.isfinite(size), size, 1.0) / GRID
    steps = (cubics - low[job][:, None]) / scale[job][:, None, None]
    return Batch(jobs, steps, operand, job, low, scale)


def _cubics(points: np.ndarray) -> np.ndarray:
    """Return a closed sub-path [3·S, 2] as cubics [S, 4, 2]."""
    around = np.concatenate([points, points[:1]])
    return np.stack([around[:-1:3], around[1::3], around[2::3], around[3::3]], axis=1)


def _combined(batch: Batch, effort: Effort) -> list[Outline | None]:
    """Return the outlines of a batch. Raises TooComplex; what is done till then counts, too."""
    segments = flattened(batch.cubics, batch.job)
    effort.left -= len(segments.curve) + len(batch.jobs)
    segments, touched = split_at_crossings(segments, batch.cubics, MOST_COMPARISONS)
    edges = _edges(segments, batch)
    job = segments.job[edges.source]
    right, left = windings_beside(edges, job)
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


def shared_edges(
    segments: Segments,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the vertices at both ends of segments, and which segments are one edge.

    tail, head: int [N]. source: int [E], the first segment of each edge. edge: int [N], the edge
    of each segment. sign: int [N], 1 where it runs as the first segment along its edge does.
    """
    count = len(segments.curve)
    tail, head = _vertices(segments)
    forwards = tail < head
    keys = np.minimum(tail, head).astype(np.int64) * (2 * count + 1) + np.maximum(tail, head)
    _, source, edge = np.unique(keys, return_index=True, return_inverse=True)
    sign = np.where(forwards == forwards[source][edge], 1, -1)
    return tail, head, source, edge, sign


def _vertices(segments: Segments) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of the places where segments start and end: int [N] each."""
    ends = np.concatenate([segments.start, segments.end])
    x, y = (ends - ends.min(axis=0, initial=0.0)).astype(np.int64).T
    wide, high = int(x.max(initial=0)) + 1, int(y.max(initial=0)) + 1
    keys = (np.tile(segments.job, 2) * wide + x) * high + y
    numbers = np.unique(keys, return_inverse=True)[1].reshape(2, -1)
    return numbers[0], numbers[1]


def windings_beside(edges: Edges, job: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the windings to the right and to the left of edges: int [E, operands] each.

    One edge of each chain is compared with all that a ray from it may cross.
    """
    chain = _chains(edges, job)
    count = int(chain[-1]) + 1 if len(chain) else 0
    # The ray must not run along an edge: shear makes that improbable on the grid.
    start, end = _sheared(edges.start), _sheared(edges.end)
    rise = end[:, 1] - start[:, 1]
    order = np.lexsort((-np.abs(rise), chain))
    sample = order[np.flatnonzero(np.r_[True, chain[order][1:] != chain[order][:-1]])[:count]]
    beyond = _crossed_by_rays(edges, start, end, job, sample)
    own = np.where((rise[sample] > 0.0)[:, None], edges.weight[sample], -edges.weight[sample])
    # With y down, what runs down has the ray's side, larger x, to its left.
    down = (rise[sample] > 0.0)[:, None]
    left = np.where(down, beyond, beyond + own)
    right = np.where(down, beyond + own, beyond)
    return right[chain], left[chain]


def _sheared(points: np.ndarray) -> np.ndarray:
    x, y = points.T
    return np.stack([x, y + 0.2360679774997897 * x], axis=1)


def _chains(edges: Edges, job: np.ndarray) -> np.ndarray:
    """Return numbers of runs of edges with the same windings beside them: int [E], rising."""
    degree = np.bincount(np.r_[edges.tail, edges.head])
    follows = edges.head[:-1] == edges.tail[1:]
    follows &= degree[edges.head[:-1]] == 2
    follows &= (edges.weight[:-1] == edges.weight[1:]).all(axis=1)
    return np.cumsum(np.r_[True, ~follows])[: len(job)] - 1


def _crossed_by_rays(
    edges: Edges, start: np.ndarray, end: np.ndarray, job: np.ndarray, sample: np.ndarray
) -> np.ndarray:
    """Return the windings that rays to larger x from the middles of edges meet: [samples, O]."""
    offset = np.array([0.0, 0.25 * GRID])  # keeps sheared rows positive
    scaled = Segments((start + offset) / 1.6, (end + offset) / 1.6, job, job, job, job)
    row, owner, side = rows_of(scaled, MOST_COMPARISONS, _RAY_ROWS)
    middle = (start[sample] + end[sample]) / 2.0
    size = GRID / side[sample]
    sample_row = np.floor((middle[:, 1] + offset[1]) / 1.6 / size).clip(0, side[sample] - 1)
    stride = int(side.max(initial=1)) + 1
    keys = job[owner].astype(np.int64) * stride + row
    order = np.argsort(keys, kind="stable")
    keys, owner = keys[order], owner[order]
    wanted = job[sample].astype(np.int64) * stride + sample_row.astype(np.int64)
    first, last = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, "right")
    totals = np.zeros((len(sample), edges.weight.shape[1]), edges.weight.dtype)
    weighted, along = np.nonzero(edges.weight)
    weights = edges.weight[weighted, along]
    counts = np.bincount(weighted, minlength=len(edges.weight))
    entries = np.cumsum(counts) - counts
    if int((last - first).sum()) > _MOST_RAYS:
        raise TooComplex
    for part in portions(last - first):
        which, place = runs((last - first)[part])
        other = owner[first[part][which] + place]
        which = part[which]
        y = middle[which, 1]
        above = (start[other, 1] <= y).astype(int) - (end[other, 1] <= y)
        hit = (above != 0) & (other != sample[which])
        which, other, above = which[hit], other[hit], above[hit]
        step = end[other] - start[other]
        x = start[other, 0] + (middle[which, 1] - start[other, 1]) * step[:, 0] / step[:, 1]
        beyond = x > middle[which, 0]
        which, other, above = which[beyond], other[beyond], above[beyond]
        hit_number, place = runs(counts[other])  # the operands along the edges that are hit
        entry = entries[other[hit_number]] + place
        turns = above[hit_number] * weights[entry]
        np.add.at(totals, (which[hit_number], along[entry]), turns.astype(totals.dtype))
    return totals


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


def closed_loops(
    edges: Edges, chosen: np.ndarray, inside_left: np.ndarray
) -> tuple[list[np.ndarray], list[int]]:
    """Return closed loops of edges, each an array of edge numbers: ~e for e run backwards.

    And the first edges of those that don't close, which rounding may leave.
    """
    order = _forwards(inside_left[chosen])
    chosen, turned = chosen[order], inside_left[chosen][order]
    tail = np.where(turned, edges.head[chosen], edges.tail[chosen])
    head = np.where(turned, edges.tail[chosen], edges.head[chosen])
    step = np.where(turned[:, None], -1.0, 1.0) * (edges.end - edges.start)[chosen]
    angle = np.arctan2(step[:, 1], step[:, 0])
    number = np.where(turned, ~chosen, chosen)
    first, last = _unbranched(tail, head)
    leaving: dict[int, list[int]] = {}
    for i, vertex in enumerate(tail[first].tolist()):
        leaving.setdefault(vertex, []).append(i)
    tails, heads = tail[first].tolist(), head[last].tolist()
    starting, arriving, free = angle[first].tolist(), angle[last].tolist(), [True] * len(first)
    parts = np.split(number, first[1:])
    loops, broken = [], []
    for begin in range(len(first)):
        if not free[begin]:
            continue
        loop, at = [], begin
        while at >= 0 and free[at]:
            free[at] = False
            loop.append(at)
            at = _next(leaving.get(heads[at], []), starting, arriving[at], free)
        if heads[loop[-1]] == tails[begin]:
            loops.append(np.concatenate([parts[i] for i in loop]))
        else:
            broken.append(int(chosen[first[begin]]))
    return loops, broken


def _forwards(turned: np.ndarray) -> np.ndarray:
    """Return the order of edges in which those that are turned, side by side, are reversed."""
    number = np.arange(len(turned))
    starts = np.flatnonzero(np.r_[True, turned[1:] != turned[:-1]])[: len(turned)]
    ends = np.r_[starts[1:], len(turned)]
    which = np.repeat(np.arange(len(starts)), ends - starts)
    order: np.ndarray = np.where(turned, starts[which] + ends[which] - 1 - number, number)
    return order


def _unbranched(tail: np.ndarray, head: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last of edges that follow each other with no other way to go."""
    count = int(max(tail.max(initial=-1), head.max(initial=-1))) + 1
    leaving, arriving = np.bincount(tail, minlength=count), np.bincount(head, minlength=count)
    follows = (head[:-1] == tail[1:]) & (leaving[tail[1:]] == 1) & (arriving[tail[1:]] == 1)
    first = np.flatnonzero(np.r_[True, ~follows])[: len(tail)]
    return first, np.r_[first[1:], len(tail)][: len(first)] - 1


def _next(choices: list[int], angles: list[float], arrived: float, free: list[bool]) -> int:
    """Return the way on that turns most to the right, so that loops never cross; -1 for none."""
    if len(choices) == 1:
        return choices[0]
    open_ways = [choice for choice in choices if free[choice]]
    full = 2.0 * np.pi
    back = arrived + np.pi
    # Sorted by the angle from where the way came from, the inside in between.
    return min(open_ways, key=lambda choice: (back - angles[choice]) % full, default=-1)


def loop_curves(
    loops: list[np.ndarray],
    segments: Segments,
    edges: Edges,
    batch: Batch,
    corners: np.ndarray | None = None,
) -> Iterable[tuple[int, np.ndarray]]:
    """Yield the job and the sub-path, pixels, of each loop that is not a mere sliver.

    corners: bool [vertices], where curves are divided in any case.
    """
    if not loops:
        return
    sizes = np.array([len(loop) for loop in loops])
    loop, _ = runs(sizes)
    numbers = np.concatenate(loops)
    turned = numbers < 0
    edge = np.where(turned, ~numbers, numbers)
    source = edges.source[edge]
    curve = segments.curve[source]
    first = np.where(turned, segments.after[source], segments.before[source])
    last = np.where(turned, segments.before[source], segments.after[source])
    vertex = np.where(turned[:, None], edges.end[edge], edges.start[edge])
    firsts = np.cumsum(sizes) - sizes
    begins = np.where(turned, edges.head[edge], edges.tail[edge])
    divided = np.zeros(len(begins), bool) if corners is None else corners[begins]
    starts = _run_starts(loop, curve, first, last, turned, firsts, sizes, divided)
    run_loop = loop[starts]
    counts = np.bincount(run_loop, minlength=len(loops))
    ends = np.r_[starts[1:], len(loop)] - 1
    # The run that ends a loop goes on to the loop's first start.
    wrapped = np.r_[run_loop[1:] != run_loop[:-1], True]
    first_start = starts[np.cumsum(counts) - counts][run_loop]
    loop_end = (firsts + sizes - 1)[run_loop]
    around = np.where(first_start > firsts[run_loop], first_start - 1, loop_end)
    ends = np.where(wrapped, around, ends)
    cubics = _parts(batch.cubics[curve[starts]], first[starts], last[ends])
    inner = (first[starts] != 0.0) & (first[starts] != 1.0)
    shift = np.where(inner[:, None], vertex[starts] - cubics[:, 0], 0.0)
    points = np.stack([cubics[:, 0] + shift, cubics[:, 1] + shift, cubics[:, 2]], axis=1)
    visible = ~_slivers(points, run_loop, counts)
    job, pieces = batch.job[curve[starts]], np.cumsum(counts) - counts
    for number in np.flatnonzero(visible).tolist():
        part = slice(pieces[number], pieces[number] + counts[number])
        which = int(job[part.start])
        yield which, points[part].reshape(-1, 2) * batch.scale[which] + batch.origin[which]


def _run_starts(
    loop: np.ndarray,
    curve: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    turned: np.ndarray,
    firsts: np.ndarray,
    sizes: np.ndarray,
    divided: np.ndarray,
) -> np.ndarray:
    """Return where a new part of a curve starts; at least one for each loop."""
    previous = np.arange(len(loop)) - 1
    previous[firsts] = firsts + sizes - 1
    same = (curve == curve[previous]) & (first == last[previous]) & (turned == turned[previous])
    is_start = ~same | divided
    has_start = np.zeros(len(firsts), bool)
    has_start[loop[is_start]] = True
    is_start[firsts[~has_start]] = True
    return np.flatnonzero(is_start)


def _parts(cubics: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return parts of cubics [N, 4, 2] between two parameters; backwards where last < first."""
    whole, back = (first == 0.0) & (last == 1.0), (first == 1.0) & (last == 0.0)
    s, t = first[:, None], last[:, None]
    a, b, c, d = cubics.swapaxes(0, 1)

    def blossom(u: np.ndarray, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        ab, bc, cd = ((1 - u) * p + u * q for p, q in ((a, b), (b, c), (c, d)))
        abc, bcd = (1 - v) * ab + v * bc, (1 - v) * bc + v * cd
        return (1 - w) * abc + w * bcd

    parts = np.stack([blossom(s, s, s), blossom(s, s, t), blossom(s, t, t), blossom(t, t, t)], 1)
    parts = np.where(whole[:, None, None], cubics, parts)
    result: np.ndarray = np.where(back[:, None, None], cubics[:, ::-1], parts)
    return result


def _slivers(points: np.ndarray, loop: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return which loops are thinner on average than can be seen: bool [loops].

    points: [N, 3, 2], grid steps. loop: int [N], rising. counts: [loops], cubics of each.
    """
    following = np.arange(1, len(points) + 1)
    following[np.cumsum(counts) - 1] = np.cumsum(counts) - counts
    cubics = np.concatenate([points, points[following, :1]], axis=1)
    t = np.tile([0.0, 0.25, 0.5, 0.75], len(cubics))
    polygon = points_at(np.repeat(cubics, 4, axis=0), t).reshape(-1, 4, 2)
    onward = np.concatenate([polygon[:, 1:], polygon[following, :1]], axis=1)
    turns = polygon[..., 0] * onward[..., 1] - polygon[..., 1] * onward[..., 0]
    area = np.abs(np.bincount(loop, turns.sum(axis=1), len(counts)))
    around = np.bincount(loop, np.hypot(*(onward - polygon).T).sum(axis=0), len(counts))
    thin: np.ndarray = area <= 2.0 * _THINNEST * GRID * around
    return thin
