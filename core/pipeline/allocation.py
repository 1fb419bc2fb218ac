# SPDX-License-Identifier: GPL-3.0-or-later
"""Division of a drawing's budgets of paths and nodes among structural and detail paths.

With few nodes, more paths of few nodes are nearer to a photograph than fewer paths of many: see
docs/refinement.md. Where there are enough, paths have as many as without a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..drawing import Path
from ..refinement.refine import CLEAN
from ..refinement.repair import most_nodes_of
from ..settings import FEWEST_NODES_A_PATH, Settings
from ..tracing.structural import MOST_NODES

# Least cap on the nodes of a structural path.
_LEAST_CAP = 8


class Allocation(NamedTuple):
    """Numbers of paths and of their nodes.

    paths: all paths of the drawing at most. nodes: all nodes at most; None for any number.
    structural: structural paths at most. structural_nodes: nodes of one of them at most.
    detail_nodes: nodes of a new detail path; None for those of the schedule.
    """

    paths: int
    nodes: int | None
    structural: int
    structural_nodes: int = MOST_NODES
    detail_nodes: int | None = None

    def detail(self, structural: Sequence[Path]) -> int:
        """Return the number of detail paths beside these structural ones."""
        count = self.paths - len(structural)
        if self.nodes is None or self.detail_nodes is None:
            return count
        left = self.nodes - most_nodes_of(structural)
        return max(0, min(count, left // self.detail_nodes))


def allocated(settings: Settings) -> Allocation:
    """Return how the budgets of the settings are spent.

    With as many paths as the nodes allow, detail paths have 3 nodes each, and structural ones at
    most 8: nearest to photographs, by measurement.
    """
    if not settings.nodes:
        return Allocation(settings.budget, None, settings.structural)
    mean = settings.nodes / settings.budget
    cap = min(max(int(2 * mean) + 2, _LEAST_CAP), MOST_NODES, settings.nodes)
    structural = min(settings.structural, settings.nodes // cap)
    detail_nodes = min(max(int(mean), FEWEST_NODES_A_PATH), CLEAN.detail_segments)
    return Allocation(settings.budget, settings.nodes, structural, cap, detail_nodes)
