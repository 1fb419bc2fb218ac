# SPDX-License-Identifier: GPL-3.0-or-later
"""LIVE: paths added where the error's largest components are, batch by batch.

Ma et al., "Towards layer-wise image vectorization", 2022; LIVE/config/base.yaml of their
repository: circles of radius 5 with 4 cubics, batches of 1, 2, 4, ... up to 32 paths
(experiment_exp2_128), 500 iterations a batch with rates falling to 0.4, the squared error
weighted by distance to the outlines, and the Xing loss times 0.01.
Departures: the distance weight is renewed every 10 steps and is 1 at all outlines alike,
falling to 0 at 10 px (theirs is a sum over paths); old paths start Adam anew with each
batch; opaque fills; a white canvas.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from semvec.core.bezier import circle
from semvec.core.drawing import Path, Scene

from .free_fit import fit, residual
from .task import Answer, Task
from .xing import xing_gradient

ITERATIONS = 500
LARGEST_BATCH = 32
RADIUS = 5.0
REACH = 10.0  # pixels from an outline within which errors count
XING_WEIGHT = 0.01
FINAL_SPEED = 0.4
LEVELS = 200  # quantiles of the error
NO_DIFFERENCE = 0.1  # squared error under which a pixel is right


def draw(task: Task) -> Answer:
    """One batch after the other."""
    paths: list[Path] = []
    for count in batches(task.budget):
        centers = largest_components(residual(paths, task.image), count)
        paths = refined(paths + [disc(center, task.image) for center in centers], task)
    return Answer(task.drawing(paths))


def batches(budget: int) -> list[int]:
    """1, 2, 4, ... paths, at most 32 at a time, the budget in all."""
    sizes: list[int] = []
    while sum(sizes) < budget:
        sizes.append(min(2 ** len(sizes), LARGEST_BATCH, budget - sum(sizes)))
    return sizes


def refined(paths: list[Path], task: Task) -> list[Path]:
    """LIVE's optimization after a batch."""
    return fit(
        paths,
        task.image,
        task.iterations(ITERATIONS),
        weight=lambda scene: outline_weight(scene, task.height, task.width),
        penalty=lambda scene: XING_WEIGHT * xing_gradient(scene),
        final_speed=FINAL_SPEED,
        threads=task.threads,
    )


def disc(center: np.ndarray, image: np.ndarray) -> Path:
    """Return a circle of radius 5 in the color of the pixel beneath its center (x, y)."""
    color = image[int(center[1]), int(center[0])]
    return Path([circle(center, RADIUS)], np.append(color, 1).astype(np.float32), "detail")


def largest_components(error: np.ndarray, count: int) -> np.ndarray:
    """Centers (x, y) of the largest connected components of equal error level: [count, 2]."""
    error = np.where(error < NO_DIFFERENCE, 0.0, error)
    wrong = error[error > 0]
    centers: list[tuple[float, float]] = []
    if len(wrong):
        levels = np.quantile(wrong, np.linspace(0, 1, LEVELS + 1)[1:-1])
        level = np.where(error > 0, 1 + np.searchsorted(levels, error), 0)
        centers = _component_centers(level, count)
    while len(centers) < count:  # nearly nothing is wrong: where it is most, then
        row, column = np.unravel_index(_spread(error, centers).argmax(), error.shape)
        centers.append((column + 0.5, row + 0.5))
    return np.array(centers)


def _component_centers(level: np.ndarray, count: int) -> list[tuple[float, float]]:
    """Return the pixels nearest the centroids of the largest components of equal level."""
    components = np.zeros(level.shape, np.int64)
    for value in np.unique(level[level > 0]):
        numbered, _ = ndimage.label(level == value)
        components += np.where(numbered > 0, numbered + components.max(), 0)
    areas = np.bincount(components.ravel())
    areas[0] = 0
    centers = []
    for component in np.argsort(-areas, kind="stable")[: min(count, len(areas) - 1)]:
        rows, columns = np.nonzero(components == component)
        nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
        centers.append((columns[nearest] + 0.5, rows[nearest] + 0.5))
    return centers


def _spread(error: np.ndarray, centers: list[tuple[float, float]]) -> np.ndarray:
    """Return the error without the discs already there; noise decides where nothing is left."""
    rows, columns = np.indices(error.shape)
    landscape = error + 1e-9 * np.random.default_rng(len(centers)).random(error.shape)
    for x, y in centers:
        landscape[(columns - x) ** 2 + (rows - y) ** 2 < RADIUS**2] = 0
    return landscape


def outline_weight(scene: Scene, height: int, width: int) -> np.ndarray:
    """1 at the outlines, falling to 0 at 10 px from them; mean 1: float32 [H, W]."""
    outlines = np.ones((height, width), bool)
    points = samples(scene, 16).astype(int)
    inside = (points >= 0).all(axis=1) & (points < (width, height)).all(axis=1)
    outlines[points[inside, 1], points[inside, 0]] = False
    if outlines.all():
        return np.ones((height, width), np.float32)
    weight = np.maximum(0.0, 1.0 - ndimage.distance_transform_edt(outlines) / REACH)
    return (weight / weight.mean()).astype(np.float32)


def samples(scene: Scene, count: int) -> np.ndarray:
    """Points on all cubics: [M / 3 · count, 2]."""
    t = (np.arange(count) / count)[:, None, None]
    a, b, c = (scene.points[k::3].astype(np.float64) for k in range(3))
    d = np.empty_like(a)
    for first, last in zip(scene.subpath_starts[:-1] // 3, scene.subpath_starts[1:] // 3):
        d[first:last] = np.roll(a[first:last], -1, axis=0)
    curve = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    return curve.reshape(-1, 2)
