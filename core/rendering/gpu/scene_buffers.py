# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene and what it is compared with, as the arrays that go to the device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...drawing import Scene
from ...errors import GpuError
from ..native import Containment
from .layouts import FILL, TILE


@dataclass(frozen=True)
class Objective:
    """Target of a scene, as the arguments of `native.fit_step`.

    target: float32 [H, W, 3]. background: a color [3]. weight: float32 [H, W], or None for 1.
    """

    target: np.ndarray
    background: np.ndarray | tuple[float, float, float] = (1.0, 1.0, 1.0)
    weight: np.ndarray | None = None
    sharpness: float = 0.0
    containment: Containment | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.target.shape[1], self.target.shape[0]


def check_colors(scene: Scene) -> None:
    """Raise GpuError for colors that are not finite, as the native renderer refuses them."""
    colors = [scene.colors] + ([] if scene.ramps is None else [scene.ramps.colors])
    if not all(np.isfinite(each).all() for each in colors):
        raise GpuError("A color of the scene is not finite.")


def links(scene: Scene) -> np.ndarray:
    """Return the next and the previous cubic on the ring, and the path, of each: uint32 [S, 4]."""
    cubics = np.arange(len(scene.points) // 3)
    starts = scene.subpath_starts // 3
    is_ring = np.diff(starts) > 0
    first, last = starts[:-1][is_ring], starts[1:][is_ring] - 1
    following, previous = cubics + 1, cubics - 1
    following[last], previous[first] = first, last
    path = np.repeat(np.arange(len(scene.colors)), np.diff(starts[scene.path_starts]))
    return np.stack([following, previous, path, path], axis=1).astype(np.uint32)


def fills(scene: Scene, containment: Containment | None) -> np.ndarray:
    """Return FILL [N] of all paths."""
    result = np.zeros(len(scene.colors), FILL)
    ends = scene.subpath_starts[scene.path_starts] // 3
    result["first_segment"], result["last_segment"] = ends[:-1], ends[1:]
    result["color"] = scene.colors
    if scene.ramps is not None:
        result["kind"], result["axis"], result["end_color"] = scene.ramps
    if containment is not None:
        result["region"] = containment.path_regions
        result["containment"] = containment.strength * (containment.path_regions >= 0)
    return result


def goal(objective: Objective) -> np.ndarray:
    """Return the target's RGB and the weight of every pixel: float32 [H, W, 4]."""
    width, height = objective.size
    values = np.ones((height, width, 4), np.float32)
    values[..., :3] = objective.target
    if objective.weight is not None:
        values[..., 3] = objective.weight
    return values


def image(objective: Objective) -> np.ndarray:
    """Return an empty picture whose fourth channel has the bits of regions: float32 [H, W, 4]."""
    width, height = objective.size
    values = np.zeros((height, width, 4), np.float32)
    if objective.containment is not None:
        regions = np.ascontiguousarray(objective.containment.regions, np.int32)
        values[..., 3] = regions.view(np.float32)
    return values


def expected_pairs(scene: Scene, size: tuple[int, int]) -> int:
    """Return about how many pairs of a path and a tile there are: by boxes of control points."""
    if len(scene.points) == 0:
        return 0
    starts = scene.subpath_starts[scene.path_starts]
    points = np.clip(np.nan_to_num(scene.points), 0, size)
    starts = starts[:-1][np.diff(starts) > 0]
    high = np.ceil(np.maximum.reduceat(points, starts) / TILE)
    low = np.minimum.reduceat(points, starts) // TILE
    return int(np.prod(high - low, axis=1).sum())
