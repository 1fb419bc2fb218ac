# SPDX-License-Identifier: GPL-3.0-or-later
"""Interface of the clustering methods: a choice of unions that can be made at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from .options import ClusteringOptions
from .region_graph import RegionGraph

# Pairs that are looked at before those of regions already taken are left out.
_PAIRS_AT_ONCE = 512


class Union(NamedTuple):
    """Two adjacent regions that become one, and what that costs by the method's measure."""

    first: int
    second: int
    cost: float


class Method(ABC):
    """One way to merge regions, for one run from the finest partition to the coarsest.

    largest_share: of the regions, how many unions one step may make at most. As a region is
    in one union a step, large steps unite what should stay apart: in one step of a third,
    nearly every region is in a union.
    """

    largest_share = 0.2

    def __init__(self, options: ClusteringOptions, generator: np.random.Generator) -> None:
        self.options = options
        self.generator = generator

    @abstractmethod
    def unions(self, graph: RegionGraph, count: int) -> list[Union]:
        """Up to `count` unions of adjacent regions, no region in two of them; at least one.

        The graph has at least one pair and count is at least 1. All unions returned are made
        before the next call, which gets `graph.merged` of what survives, in the same order.
        """


def cheapest_unions(pairs: np.ndarray, costs: np.ndarray, count: int) -> list[Union]:
    """Up to `count` of the pairs [E, 2], by ascending cost [E], no region in two of them.

    Pairs of infinite cost are never taken. Of equal costs the earlier pair goes first.
    """
    order = np.argsort(costs, kind="stable")
    order = order[np.isfinite(costs[order])]
    taken = np.zeros(int(pairs.max(initial=0)) + 1, bool)
    unions: list[Union] = []
    # A background may be in thousands of pairs, which go together once it is taken.
    for some in np.split(order, range(_PAIRS_AT_ONCE, len(order), _PAIRS_AT_ONCE)):
        free = some[~taken[pairs[some]].any(axis=1)]
        for (first, second), cost in zip(pairs[free].tolist(), costs[free].tolist(), strict=True):
            if len(unions) == count:
                return unions
            if not (taken[first] or taken[second]):
                taken[first] = taken[second] = True
                unions.append(Union(first, second, cost))
    return unions


def squared_distances(pairs: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Squared color distance [E] of each of the pairs [E, 2], from colors [N, 3]."""
    return ((colors[pairs[:, 0]] - colors[pairs[:, 1]]) ** 2).sum(1)
