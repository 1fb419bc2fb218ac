# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes and objectives for the tests of the GPU's kernels, and how far apart results are."""

from __future__ import annotations

from typing import Any

import numpy as np
from raster_scenes import random_scene

from semvec.core.bezier import circle
from semvec.core.drawing import Path, Scene, pack
from semvec.core.rendering.native import Containment


def apart(first: np.ndarray, second: np.ndarray) -> float:
    """1 less the cosine between two arrays as vectors; 0 where both are zero."""
    a, b = np.float64(first).ravel(), np.float64(second).ravel()
    if not a.any() and not b.any():
        return 0.0
    return float(1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def random_target(seed: int, width: int, height: int) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)


def everything(seed: int, width: int, height: int, paths: int) -> dict[str, Any]:
    """Weight, sharpness and containment for `fit_step`."""
    random = np.random.default_rng(seed)
    regions = (np.arange(width * height, dtype=np.int32).reshape(height, width) // 24) % 9
    return {
        "weight": random.uniform(0.2, 2, (height, width)).astype(np.float32),
        "sharpness": 0.5,
        "containment": Containment(
            regions,
            random.integers(-1, 9, paths).astype(np.int32),
            random.uniform(0, 0.2, paths).astype(np.float32),
        ),
    }


def many_discs(seed: int, paths: int, size: int) -> Scene:
    """More small paths than one chunk of a tile's list holds, over a few large ones."""
    random = np.random.default_rng(seed)
    large = random_scene(seed, size, 6, opaque=True)
    centers = random.uniform(0, size, (paths, 2))
    discs = [
        Path([circle(center, random.uniform(2, 8))], random.random(4).astype(np.float32))
        for center in centers
    ]
    small = pack(discs)
    return Scene(
        np.concatenate([large.points, small.points]),
        np.concatenate([large.colors, small.colors]),
        np.append(large.subpath_starts, small.subpath_starts[1:] + len(large.points)).astype("i4"),
        np.append(large.path_starts, small.path_starts[1:] + large.path_starts[-1]).astype("i4"),
    )


def simple_scene(seed: int, paths: int, size: int) -> Scene:
    """Discs of any number of cubics, every fourth with a hole; none crosses itself."""
    random = np.random.default_rng(seed)
    shapes = []
    for i in range(paths):
        radius, center = random.uniform(2, 0.25 * size), random.uniform(0, size, 2)
        rings = [circle(center, radius, int(random.integers(2, 12)))]
        if i % 4 == 0:
            rings.append(circle(center, 0.5 * radius)[::-1].copy())
        fill = np.append(random.random(3), 1.0).astype(np.float32)
        shapes.append(Path(rings, fill))
    return pack(shapes)
