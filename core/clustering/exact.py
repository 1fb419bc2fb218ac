# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage I without entropy, solved exactly instead of by Adam.

Fidelity and smoothness (equations 2 and 3) are quadratic in the region colors C:
J(C) = tr CᵀMC - 2 tr Cᵀr + constant, least where MC = r. Uniting regions i and j
means the constraint c_i = c_j, which raises the least J by |c_i - c_j|² / R_ij with
R_ij = Z_ii + Z_jj - 2 Z_ij and Z = M⁻¹, and changes C and Z by a rank-one update.
"""

from __future__ import annotations

import numpy as np

from .method import Method, Union, squared_distances
from .options import ClusteringOptions
from .region_graph import RegionGraph


class ExactColoring:
    """The optimal colors under the unions made so far.

    colors: float64 [N, 3]; united regions share one color.
    inverse: float64 [N, N], Z.
    """

    def __init__(self, graph: RegionGraph, options: ClusteringOptions) -> None:
        matrix, target = graph.quadratic_form(options)
        self.inverse = np.linalg.inv(matrix)
        self.colors = self.inverse @ target

    def energy_rises(self, pairs: np.ndarray) -> np.ndarray:
        """Return the rise of the minimal energy by uniting each of the pairs [E, 2]: [E]."""
        first, second = pairs.T
        diagonal = self.inverse.diagonal()
        resistance = diagonal[first] + diagonal[second] - 2 * self.inverse[first, second]
        return squared_distances(pairs, self.colors) / resistance

    def unite(self, first: int, second: int) -> None:
        """Constrain two regions, not united so far, to one color."""
        direction = self.inverse[first] - self.inverse[second]  # [N]
        resistance = direction[first] - direction[second]
        difference = self.colors[first] - self.colors[second]
        self.colors -= np.outer(direction, difference / resistance)
        self.inverse -= np.outer(direction, direction / resistance)

    def drop(self, regions: list[int]) -> None:
        """Forget regions that were united with others which stay."""
        self.colors = np.delete(self.colors, regions, axis=0)
        self.inverse = np.delete(np.delete(self.inverse, regions, axis=0), regions, axis=1)


class Exact(Method):
    """Unites what raises the least possible energy least, solved once and then updated."""

    largest_share = 0.05
    _coloring: ExactColoring | None = None

    def unions(self, graph: RegionGraph, count: int) -> list[Union]:
        """Return the union of least rise, then that of the remaining regions, and so on."""
        if self._coloring is None:
            self._coloring = ExactColoring(graph, self.options)
        unions: list[Union] = []
        pairs = graph.pairs
        while len(unions) < count and len(pairs):
            costs = self._coloring.energy_rises(pairs)
            cheapest = int(costs.argmin())
            first, second = pairs[cheapest].tolist()
            unions.append(Union(first, second, float(costs[cheapest])))
            self._coloring.unite(first, second)
            pairs = pairs[((pairs != first) & (pairs != second)).all(axis=1)]
        self._coloring.drop([union.second for union in unions])
        return unions
