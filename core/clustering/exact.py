# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage I without entropy, solved exactly instead of by Adam.

Fidelity and smoothness (equations 2 and 3) are quadratic in the region colours C:
J(C) = tr CᵀMC - 2 tr Cᵀr + constant, least where MC = r. Uniting regions i and j
means the constraint c_i = c_j, which raises the least J by |c_i - c_j|² / R_ij with
R_ij = Z_ii + Z_jj - 2 Z_ij and Z = M⁻¹, and changes C and Z by a rank-one update.
"""

from __future__ import annotations

import numpy as np

from .options import ClusteringOptions
from .region_graph import RegionGraph
from .unions import Union, squared_distances


class ExactColoring:
    """The optimal colours under the unions made so far.

    colors: float64 [N, 3]; united regions share one colour.
    inverse: float64 [N, N], Z.
    """

    def __init__(self, graph: RegionGraph, options: ClusteringOptions) -> None:
        matrix, target = graph.quadratic_form(options)
        self.inverse = np.linalg.inv(matrix)
        self.colors = self.inverse @ target

    def energy_rises(self, pairs: np.ndarray) -> np.ndarray:
        """How much uniting each of the pairs [E, 2] raises the least energy: [E]."""
        first, second = pairs.T
        diagonal = self.inverse.diagonal()
        resistance = diagonal[first] + diagonal[second] - 2 * self.inverse[first, second]
        return squared_distances(pairs, self.colors) / resistance

    def unite(self, first: int, second: int) -> None:
        """Constrain two regions, not united so far, to one colour."""
        direction = self.inverse[first] - self.inverse[second]  # [N]
        resistance = direction[first] - direction[second]
        difference = self.colors[first] - self.colors[second]
        self.colors -= np.outer(direction, difference / resistance)
        self.inverse -= np.outer(direction, direction / resistance)


def exact_unions(
    graph: RegionGraph, count: int, options: ClusteringOptions, generator: np.random.Generator
) -> list[Union]:
    """Up to `count` disjoint unions, each the one that then raises the least energy least."""
    coloring = ExactColoring(graph, options)
    pairs = graph.pairs
    unions: list[Union] = []
    while len(unions) < count and len(pairs):
        costs = coloring.energy_rises(pairs)
        cheapest = int(costs.argmin())
        first, second = pairs[cheapest].tolist()
        unions.append(Union(first, second, float(costs[cheapest])))
        coloring.unite(first, second)
        pairs = pairs[~np.isin(pairs, (first, second)).any(axis=1)]
    return unions
