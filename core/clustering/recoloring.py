# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's clustering: Stage I, then Stage II, then union of what they colored alike."""

from __future__ import annotations

from .coloring import color_regions
from .method import Method, Union, cheapest_unions, squared_distances
from .region_graph import RegionGraph
from .smoothing import smooth_colors


class Recoloring(Method):
    """Unites neighbors that a fresh run of both stages by Adam gave the most similar colors.

    The paper merges neighbors "with shared colors". Soft colors hardly ever coincide, and
    equal palette indices are chance among similar palette colors, so pairs are ranked.
    """

    def unions(self, graph: RegionGraph, count: int) -> list[Union]:
        """Return the unions of least squared distance between the soft colors."""
        assignment = color_regions(graph, self.options, self.generator)
        colors = smooth_colors(graph, assignment, self.options)
        return cheapest_unions(graph.pairs, squared_distances(graph.pairs, colors), count)
