# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of the losses and lengths of the optimizations of clustering."""

from __future__ import annotations

from typing import NamedTuple


class ClusteringOptions(NamedTuple):
    """Weights of the clustering methods. The defaults suit 50 to 1000 masks.

    wmse: weight of fidelity (equation 2). Stage I and `exact`.
    variation: weight of smoothness (equation 3) for an image whose long side is 512 px;
        it grows with the long side, because borders grow slower than areas. Higher
        merges unimportant regions earlier, whatever their contrast. Stage I and `exact`.
    entropy: weight of decided assignments (equation 4). Higher makes regions settle on
        one palette color sooner. Stages I and II.
    learning_rate: of Adam, for logits and palette. Stages I and II.
    coloring_iterations, smoothing_iterations: of Stage I and Stage II in each round.
    adjacency: pull of each adjacent pair relative to a region's own color: lambda_c / N
        of the paper's loss. Higher makes neighbors share colors. Stage II.
    diversity: push between regions that don't touch: lambda_d of the paper's loss.
        At 0.5 and above it beats fidelity and the colors run away. Stage II.
    border: reward for removing border through unimportant ground. Higher spends more of
        the regions on salient parts and makes shapes more compact. `ward`.
    chroma: how often differences of chroma count, against those of brightness; 1 is plain
        RGB. Higher follows objects better and the picture's brightness less. `ward`.
    """

    wmse: float = 1.0
    variation: float = 3.0
    entropy: float = 0.01
    learning_rate: float = 0.01
    coloring_iterations: int = 1000
    smoothing_iterations: int = 125
    adjacency: float = 0.1
    diversity: float = 0.02
    border: float = 0.02
    chroma: float = 2.0


DEFAULT_OPTIONS = ClusteringOptions()
