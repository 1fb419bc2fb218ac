# SPDX-License-Identifier: GPL-3.0-or-later
"""DiffVG: random transparent blobs and the plain squared error.

Li, Lukáč, Gharbi and Ragan-Kelley, "Differentiable vector graphics rasterization for
editing and learning", 2020; apps/painterly_rendering.py --use_blob of their repository:
blobs of 3 to 5 cubics that wander 0.05 of the canvas a step, RGBA at random, 500
iterations of Adam, 1 px and 0.01.
Departure: exact-area coverage instead of 2 x 2 samples.
"""

from __future__ import annotations

import numpy as np

from semvec.core.drawing import Path

from .free_fit import fit
from .task import Answer, Task

ITERATIONS = 500
WANDER = 0.05


def draw(task: Task) -> Answer:
    """All blobs at once, then refined."""
    random = np.random.default_rng(task.seed)
    paths = [random_blob(random, task.width, task.height) for _ in range(task.budget)]
    paths = fit(
        paths,
        task.image,
        task.iterations(ITERATIONS),
        transparency=True,
        threads=task.threads,
    )
    return Answer(task.drawing(paths))


def random_blob(random: np.random.Generator, width: int, height: int) -> Path:
    """Return a closed random walk of 3 to 5 cubics from a random place, in a random RGBA color."""
    points = 3 * int(random.integers(3, 6))
    steps = WANDER * (random.random((points, 2)) - 0.5)
    steps[0] = random.random(2)
    walk = np.cumsum(steps, axis=0) * (width, height)
    return Path([walk.astype(np.float32)], random.random(4).astype(np.float32), "detail")
