# SPDX-License-Identifier: GPL-3.0-or-later
"""Loops of edges, and the parts of curves along them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .edges import Edges
from .jobs import Batch
from .segments import GRID, Segments, points_at, runs

_THINNEST = 1e-5  # of the longer side: loops that are thinner on average are dropped


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
