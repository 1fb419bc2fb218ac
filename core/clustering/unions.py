# SPDX-License-Identifier: GPL-3.0-or-later
"""Unions of two adjacent regions, and the cheapest set of them that can be done at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Union(NamedTuple):
    """Two adjacent regions that become one, and what that costs by the method's measure."""

    first: int
    second: int
    cost: float


def cheapest_unions(pairs: np.ndarray, costs: np.ndarray, count: int) -> list[Union]:
    """Up to `count` of the pairs [E, 2], by ascending cost [E], no region in two of them.

    Pairs of infinite cost are never taken. Of equal costs the earlier pair goes first.
    """
    taken: set[int] = set()
    unions: list[Union] = []
    for index in np.argsort(costs, kind="stable").tolist():
        if len(unions) == count or not np.isfinite(costs[index]):
            break
        first, second = pairs[index].tolist()
        if first not in taken and second not in taken:
            taken.update((first, second))
            unions.append(Union(first, second, float(costs[index])))
    return unions


def squared_distances(pairs: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Squared colour distance [E] of each of the pairs [E, 2], from colors [N, 3]."""
    return ((colors[pairs[:, 0]] - colors[pairs[:, 1]]) ** 2).sum(1)
