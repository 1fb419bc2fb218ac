# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage II of the paper (section 4.3): local color smoothing, by Adam."""

from __future__ import annotations

import numpy as np

from ..adam import Adam
from .assignment import SoftAssignment
from .coloring import entropy_weights
from .options import ClusteringOptions
from .region_graph import RegionGraph, laplacian


def smooth_colors(
    graph: RegionGraph, assignment: SoftAssignment, options: ClusteringOptions
) -> np.ndarray:
    """Colors [N, 3] after pulling neighbors together and other regions apart.

    The palette stays; only the logits of `assignment` are changed (equation 6).
    """
    target = assignment.colors()
    matrix = adjacency_form(graph, options).astype(np.float32)
    target_term = (2 / graph.regions) * target
    entropy_weight = entropy_weights(graph, options)
    adam = Adam(assignment.logits.shape, options.learning_rate)
    for _ in range(options.smoothing_iterations):
        color_gradient = matrix @ assignment.colors() - target_term
        assignment.logits += adam.step(assignment.logits_gradient(color_gradient, entropy_weight))
    return assignment.colors()


def adjacency_form(graph: RegionGraph, options: ClusteringOptions) -> np.ndarray:
    """Q [N, N] such that QC - 2C*/N is the gradient of L_adj / N, the mean over regions.

    With the Laplacian L of plain adjacency, the sum over ordered adjacent pairs is
    2 tr CᵀLC, and the one over all pairs is 2N Σ|c|² - 2|Σc|²; the rest don't touch.
    """
    regions = graph.regions
    fidelity = 2 * np.eye(regions)
    adjacent = 4 * laplacian(graph.pairs, np.ones(len(graph.pairs)), regions)
    other = 4 * (regions * np.eye(regions) - 1) - adjacent
    form = fidelity + options.adjacency * adjacent - (options.diversity / regions) * other
    return form / regions
