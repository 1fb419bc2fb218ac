# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimize & Reduce: far too many shapes first, the least important ones dropped.

Hirschorn, Jevnisek and Avidan, "Optimize and reduce: a top-down approach for image
vectorization", 2024; README and custom_parser.py of their repository: circles on DBSCAN's
color clusters, four times the budget, then twice, then the budget (256 128 64), 100
iterations each and 500 at the end, importance by the rise of the squared error.
Departures: colors are clustered on a grid in Lab instead of by DBSCAN; the squared error
instead of L1 and CLIP; LIVE's Xing loss instead of their geometric loss, at their 0.01.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.color import rgb2lab

from semvec.core.bezier import circle
from semvec.core.drawing import Path

from .free_fit import fit, measured
from .task import Answer, Task
from .xing import xing_gradient

SURPLUS = (4, 2, 1)  # times the budget
ITERATIONS = (100, 100, 500)
GEOMETRIC_WEIGHT = 0.01
CELL = 12.0  # of the grid in Lab


def draw(task: Task) -> Answer:
    """Optimize, drop the least important, again."""
    paths = start(task.image, SURPLUS[0] * task.budget, task.seed)
    for surplus, iterations in zip(SURPLUS, ITERATIONS):
        paths = most_important(paths, task.image, surplus * task.budget)
        paths = fit(
            paths,
            task.image,
            task.iterations(iterations),
            penalty=lambda scene: GEOMETRIC_WEIGHT * xing_gradient(scene),
            threads=task.threads,
        )
    return Answer(task.drawing(paths))


def most_important(paths: list[Path], image: np.ndarray, count: int) -> list[Path]:
    """Return the `count` paths without which the error would rise most, in their order."""
    cost = measured(paths, image).removal_cost
    kept = np.sort(np.argsort(-cost, kind="stable")[:count])
    return [paths[i] for i in kept]


def start(image: np.ndarray, count: int, seed: int) -> list[Path]:
    """Circles of the area of the largest one-colored components, large ones first."""
    cells = np.floor(rgb2lab(image) / CELL).astype(int) - (-20, -20, -20)
    colors = (cells[..., 0] * 64 + cells[..., 1]) * 64 + cells[..., 2]
    found: list[tuple[float, Path]] = []
    for color in np.unique(colors):
        components, number = ndimage.label(colors == color)
        found += _circles(components, number, image)
    found.sort(key=lambda item: -item[0])
    paths = [path for _, path in found[:count]]
    random = np.random.default_rng(seed)
    while len(paths) < count:  # a picture of few colors: the rest at random
        x, y = random.random(2) * (image.shape[1], image.shape[0])
        paths.append(_circle((x, y), 5.0, image[int(y), int(x)]))
    return paths


def _circles(components: np.ndarray, number: int, image: np.ndarray) -> list[tuple[float, Path]]:
    """Area and circle of each component."""
    indices = np.arange(1, number + 1)
    areas = np.bincount(components.ravel(), minlength=number + 1)[1:]
    centers = ndimage.center_of_mass(components > 0, components, indices)
    means = np.stack([ndimage.mean(image[..., k], components, indices) for k in range(3)], axis=1)
    return [
        (area, _circle((x + 0.5, y + 0.5), np.sqrt(area / np.pi), mean))
        for area, (y, x), mean in zip(areas, centers, means)
    ]


def _circle(center: tuple[float, float], radius: float, color: np.ndarray) -> Path:
    return Path([circle(center, radius)], np.append(color, 1).astype(np.float32), "detail")
