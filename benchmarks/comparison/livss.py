# SPDX-License-Identifier: GPL-3.0-or-later
"""LIVSS: structure from the masks of a simplified image first, then visual refinement.

Wang et al., "Layered image vectorization via semantic simplification", 2025: masks of a
sequence of simplified images become structural paths, fitted with a loss against overlap;
visual paths are then added at the error's components; 40 % structural.
Departures: their simplification by a diffusion model (score distillation) is replaced by
Ward's merging of our 200 masks; the overlap loss by a price on coverage outside of a path's
own mask, of 0.03 a pixel; visual paths and all rates and iterations are LIVE's, in 4 batches.
"""

from __future__ import annotations

import numpy as np

from semvec.core.clustering import cluster
from semvec.core.drawing import Path
from semvec.core.rendering.native import Containment
from semvec.core.saliency.maps import uniform
from semvec.core.segmentation.builtin import over_segment
from semvec.core.tracing import trace

from .free_fit import fit, residual
from .live import disc, largest_components
from .task import Answer, Task

STRUCTURAL = 0.4
MASKS = 200
OVERLAP = 0.03
ITERATIONS = 500
BATCHES = 4


def draw(task: Task) -> Answer:
    """Structure, then what is missing."""
    labels, paths = structure(task)
    missing = task.budget - len(paths)
    for batch in np.array_split(np.arange(missing), BATCHES):
        centers = largest_components(residual(paths, task.image), len(batch))
        paths = paths + [disc(center, task.image) for center in centers]
        paths = fitted(paths, labels, task, ITERATIONS // BATCHES)
    return Answer(task.drawing(paths))


def structure(task: Task) -> tuple[np.ndarray, list[Path]]:
    """Masks simplified to the structural share of the budget, as fitted paths."""
    target = max(1, round(STRUCTURAL * task.budget))
    masks = over_segment(task.image, max(MASKS, 2 * target), threads=task.threads)
    even = uniform(task.height, task.width)
    labels = cluster(masks, task.image, even, target, "ward", 20, task.seed).labels
    paths = trace(labels, task.image)[:target]
    return labels, fitted(paths, labels, task, ITERATIONS)


def fitted(paths: list[Path], labels: np.ndarray, task: Task, iterations: int) -> list[Path]:
    """Return the squared error, and a price on structural coverage outside the own mask."""
    structural = np.array([path.kind == "structural" for path in paths])
    overlap = Containment(
        labels.astype(np.int32),
        np.array([path.region for path in paths], np.int32),
        np.where(structural, OVERLAP, 0).astype(np.float32),
    )
    return fit(
        paths, task.image, task.iterations(iterations), containment=overlap, threads=task.threads
    )
