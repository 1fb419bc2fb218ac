# SPDX-License-Identifier: GPL-3.0-or-later
"""New detail in a frame: where it has changed and fits worst, in place of what is missed least."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..drawing import Path
from ..refinement.optimization import LossWeights, Optimization
from ..refinement.primitives import blur, detail_circles, peaks
from ..refinement.target import Target

# Rise of the weighted squared error, summed over pixels and channels, for which a path is worth
# drawing.
LEAST_GAIN = 0.1

# Share of the squared error around it that a new shape takes away, roughly.
_SAVED = 0.4

# A new shape must save so many times what the one costs that it replaces.
_WORTH_IT = 4.0

# Share of the paths that may be replaced in one frame.
_REPLACED = 0.02

# Nodes of a new shape.
NODES = 4


def gains_of(
    paths: Sequence[Path], target: Target, weights: LossWeights, threads: int = 0
) -> np.ndarray:
    """Return the squared error that each path saves, summed over pixels and channels: [N]."""
    fit = Optimization(paths, target, weights, threads).measure()
    return fit.removal_cost * np.float32(3 * target.weight.size)


def find_births(
    paths: Sequence[Path],
    target: Target,
    error: np.ndarray,
    gains: np.ndarray,
    *,
    free: int,
    labels: np.ndarray,
) -> tuple[list[Path], set[int]]:
    """Return new shapes, and which paths are replaced by those for which there is no room.

    error: float [H, W], the squared error where new shapes may be, and 0 elsewhere. gains: [N],
    infinite for paths that may not be replaced. free: number of shapes for which there is room.
    labels: int32 [H, W], the traced region of each pixel.
    """
    details = [i for i, path in enumerate(paths) if path.kind == "detail" and gains[i] < np.inf]
    victims = sorted(details, key=lambda i: gains[i])[: max(1, round(_REPLACED * len(paths)))]
    count = free + len(victims)
    height, width = error.shape
    radius = max(4.0, 0.5 * np.sqrt(height * width / (np.pi * (len(paths) + count))))
    centers = peaks(error, count, radius)
    rows, columns = centers[:, 1].astype(int), centers[:, 0].astype(int)
    saved = _SAVED * blur(error, radius / 2)[rows, columns] * np.pi * radius**2
    order = np.argsort(-saved, kind="stable")
    costs = np.array([LEAST_GAIN] * free + [max(LEAST_GAIN, float(gains[i])) for i in victims])
    # Savings fall and costs rise, so that the first ones are chosen.
    chosen = order[saved[order] > _WORTH_IT * costs]
    replaced = set(victims[: max(0, len(chosen) - free)])
    opacity = target.opacity if target.transparent else None
    circles = detail_circles(
        centers[chosen],
        np.full(len(chosen), 0.7 * radius),
        target.fill_colors,
        labels,
        NODES,
        opacity,
    )
    return circles, replaced
