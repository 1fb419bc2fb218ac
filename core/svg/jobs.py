# SPDX-License-Identifier: GPL-3.0-or-later
"""Boolean operations that are asked for, and the curves of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from .segments import GRID

Outline = list[np.ndarray]  # closed sub-paths, float64 [3·S, 2] each
Rule = Literal["nonzero", "evenodd"]
Operation = Literal["union", "intersect", "subtract"]


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
