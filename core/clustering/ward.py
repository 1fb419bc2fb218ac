# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency-weighted Ward merging with a border term: the default.

Two changes to the plain rise of the weighted squared error (equation 2) make regions
follow objects better: differences of chroma count more than those of brightness, because
light and shade cut through an object more often than its color changes; and removing
border through unimportant ground is rewarded.
"""

from __future__ import annotations

import numpy as np

from .method import Method, Union, cheapest_unions, squared_distances
from .region_graph import RegionGraph

_LUMA = np.array([0.299, 0.587, 0.114])  # of sRGB values, Rec. 601


class Ward(Method):
    """Unites what changes the saliency-weighted picture least."""

    largest_share = 0.05

    def unions(self, graph: RegionGraph, count: int) -> list[Union]:
        """Return the unions of least cost.

        The cost is a_i a_j / (a_i + a_j) · |mean_i - mean_j|² / |Omega| (Ward 1963), less
        `options.border` times the fraction w_ij / |E| of border that is removed.
        """
        first, second = graph.pairs.T
        weight = graph.weight
        mass = weight[first] * weight[second] / (weight[first] + weight[second])  # [E]
        colors = with_stressed_chroma(graph.mean_colors, self.options.chroma)
        error = mass * squared_distances(graph.pairs, colors) / graph.pixel_count
        costs = error - self.options.border * graph.border / graph.pixel_pairs
        return cheapest_unions(graph.pairs, costs, count)


def with_stressed_chroma(colors: np.ndarray, chroma: float) -> np.ndarray:
    """Colors [N, 3] with their difference from gray of the same luma times `chroma`."""
    luma = colors @ _LUMA
    return luma[:, None] + chroma * (colors - luma[:, None])
