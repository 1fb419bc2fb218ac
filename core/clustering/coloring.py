# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage I of the paper (section 4.2): semantic-aware coloring, by Adam."""

from __future__ import annotations

import numpy as np

from ..adam import Adam
from .assignment import SoftAssignment
from .options import ClusteringOptions
from .region_graph import RegionGraph


def color_regions(
    graph: RegionGraph, options: ClusteringOptions, generator: np.random.Generator
) -> SoftAssignment:
    """Find a palette with one color a region, and an assignment, that minimize equation 5.

    Both start at random and are optimized together: fidelity where saliency is high,
    smoothness where it is low, and decided assignments.
    """
    regions = graph.regions
    assignment = SoftAssignment(
        generator.standard_normal((regions, regions), np.float32),
        generator.random((regions, 3), np.float32),
    )
    matrix, target = (part.astype(np.float32) for part in graph.quadratic_form(options))
    entropy_weight = entropy_weights(graph, options)
    logits_adam = Adam(assignment.logits.shape, options.learning_rate)
    palette_adam = Adam(assignment.palette.shape, options.learning_rate)
    for _ in range(options.coloring_iterations):
        color_gradient = 2 * (matrix @ assignment.colors() - target)
        logits_gradient = assignment.logits_gradient(color_gradient, entropy_weight)
        palette_gradient = assignment.palette_gradient(color_gradient)
        assignment.logits += logits_adam.step(logits_gradient)
        assignment.palette += palette_adam.step(palette_gradient)
    return assignment


def entropy_weights(graph: RegionGraph, options: ClusteringOptions) -> np.ndarray:
    """Return the weight of each region's entropy in equation 4, a mean over pixels: float32 [N]."""
    return (options.entropy * graph.pixels / graph.pixel_count).astype(np.float32)
