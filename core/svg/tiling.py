# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiles: the visible parts of outlines that lie on each other, without overlaps and gaps.

All outlines are divided at all their crossings at once. Each edge that is left has the topmost
outline to its right and to its left; where these differ it bounds the tiles of both. Neighbors
share the same curves, divided at the same points, so that rounding moves both alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .crossings import ROUNDS, split_at_crossings
from .edges import Edges, shared_edges
from .effort import Effort, TooComplex
from .jobs import Batch, Job, Operand, Outline, batch_of
from .loops import closed_loops, loop_curves
from .segments import Segments, flattened
from .windings import windings_beside

# Outlines whose windings are counted together: memory is edges times these.
_TOGETHER = 256


def tiles(outlines: Sequence[Outline], owners: Sequence[int] | None = None) -> list[Outline]:
    """Return the part of each outline that those after it don't cover; [] where none is left.

    Outlines are filled by the non-zero rule, the first is lowest. owners: the number of the
    outline whose tile the part of each becomes one with; None for its own. Raises TooComplex.
    """
    batch = batch_of([Job([Operand(outline) for outline in outlines])])
    if not len(batch.cubics):
        return [[] for _ in outlines]
    segments = flattened(batch.cubics, batch.job)
    segments, touched = split_at_crossings(segments, batch.cubics, Effort())
    if (touched >= ROUNDS).any():
        raise TooComplex
    tail, head, source, edge, sign = shared_edges(segments)
    edges = Edges(
        segments.start[source], segments.end[source], tail[source], head[source],
        np.zeros((len(source), 1), np.int16), source,
    )  # fmt: skip
    operand = batch.operand[segments.curve]
    right, left = _topmost(edges, segments, edge, sign, operand, len(outlines))
    if owners is not None:
        owner = np.array([*owners, -1])  # the last is for no outline
        right, left = owner[right], owner[left]
    return _outlined(edges, segments, batch, right, left, len(outlines))


def _topmost(
    edges: Edges,
    segments: Segments,
    edge: np.ndarray,
    sign: np.ndarray,
    operand: np.ndarray,
    count: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the last outline that covers each side of edges, -1 for none: int [E] each."""
    job = segments.job[edges.source]
    tops = np.full((2, len(job)), -1)
    for end in range(count, 0, -_TOGETHER):
        first = max(end - _TOGETHER, 0)
        chosen = (operand >= first) & (operand < end)
        weight = np.zeros((len(job), end - first), np.int16)
        np.add.at(weight, (edge[chosen], operand[chosen] - first), sign[chosen])
        whole = edges._replace(weight=weight)
        for top, windings in zip(tops, windings_beside(whole, job, Effort())):
            inside = windings != 0
            last = end - 1 - inside[:, ::-1].argmax(axis=1)
            found = (top < 0) & inside.any(axis=1)
            top[found] = last[found]
    return tops[0], tops[1]


def _outlined(
    edges: Edges,
    segments: Segments,
    batch: Batch,
    right: np.ndarray,
    left: np.ndarray,
    count: int,
) -> list[Outline]:
    """Return the outline of each tile."""
    borders = np.flatnonzero(right != left)
    ends = np.r_[edges.tail[borders], edges.head[borders]]
    corners = np.bincount(ends, minlength=int(max(edges.tail.max(), edges.head.max())) + 1) > 2
    owners = np.r_[right[borders], left[borders]]
    order = np.argsort(owners, kind="stable")
    sides = np.split(np.r_[borders, borders][order], np.cumsum(_counts(owners, count))[:-1])
    inside_left = np.zeros(len(edges.tail), bool)
    outlines: list[Outline] = []
    for number, chosen in enumerate(sides[1:]):
        inside_left[chosen] = left[chosen] == number
        loops, broken = closed_loops(edges, np.sort(chosen), inside_left)
        if broken:
            raise TooComplex
        curves = loop_curves(loops, segments, edges, batch, corners)
        outlines.append([points for _, points in curves])
    return outlines


def _counts(owners: np.ndarray, count: int) -> np.ndarray:
    """Return the number of sides of no outline, then of each: int [count + 1]."""
    return np.bincount(owners + 1, minlength=count + 1)
