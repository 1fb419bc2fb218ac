# SPDX-License-Identifier: GPL-3.0-or-later
"""Windings of outlines beside their edges, found by rays.

One edge of each chain of edges is compared with all that a ray from it may cross.
"""

from __future__ import annotations

import numpy as np

from .edges import Edges
from .effort import Effort
from .segments import GRID, Segments, portions, rows_of, runs

_RAY_ROWS = 4.0  # density of the rows in which rays are compared with edges


def windings_beside(edges: Edges, job: np.ndarray, effort: Effort) -> tuple[np.ndarray, np.ndarray]:
    """Return the windings to the right and to the left of edges: int [E, operands] each.

    job: int [E]. Raises TooComplex.
    """
    chain = _chains(edges, job)
    count = int(chain[-1]) + 1 if len(chain) else 0
    # The ray must not run along an edge: shear makes that improbable on the grid.
    start, end = _sheared(edges.start), _sheared(edges.end)
    rise = end[:, 1] - start[:, 1]
    order = np.lexsort((-np.abs(rise), chain))
    sample = order[np.flatnonzero(np.r_[True, chain[order][1:] != chain[order][:-1]])[:count]]
    beyond = _crossed_by_rays(edges, start, end, job, sample, effort)
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
    edges: Edges,
    start: np.ndarray,
    end: np.ndarray,
    job: np.ndarray,
    sample: np.ndarray,
    effort: Effort,
) -> np.ndarray:
    """Return the windings that rays to larger x from the middles of edges meet: [samples, O]."""
    offset = np.array([0.0, 0.25 * GRID])  # keeps sheared rows positive
    scaled = Segments((start + offset) / 1.6, (end + offset) / 1.6, job, job, job, job)
    row, owner, side = rows_of(scaled, _RAY_ROWS)
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
    effort.meet(int((last - first).sum()))
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
