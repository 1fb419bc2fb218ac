# SPDX-License-Identifier: GPL-3.0-or-later
"""Removal of the paths that a drawing misses least."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bounds import apart
from .given import GivenPath
from .optimization import LossWeights, Optimization
from .target import Target

_MEASURING = LossWeights(structural_rate=0.0, detail_rate=0.0)


def without_least_useful(
    paths: Sequence[GivenPath], candidates: set[int], count: int, target: Target, threads: int = 0
) -> list[GivenPath]:
    """Return the paths without `count` of the candidates: those that the drawing misses least.

    candidates: numbers of paths, at least `count`. A removal changes what the paths above
    and beneath are worth, so paths that overlap are removed one after the other.
    """
    paths = list(paths)
    while count > 0:
        fit = Optimization(paths, target, _MEASURING, threads).measure()
        cost = np.where([path.number in candidates for path in paths], fit.removal_cost, np.inf)
        removed = apart(paths, np.argsort(cost, kind="stable")[:count])
        paths = [path for i, path in enumerate(paths) if i not in removed]
        count -= len(removed)
    return paths
