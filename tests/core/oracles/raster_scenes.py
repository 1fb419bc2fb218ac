# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes to draw in the tests of the rasterizer."""

from __future__ import annotations

import numpy as np

from semvec.core.bezier import circle
from semvec.core.drawing import Path, Ramps, Scene, pack


def reversed_subpath(subpath: np.ndarray) -> np.ndarray:
    """The same closed curve, run the other way: a hole where it lies in another sub-path."""
    return np.roll(subpath[::-1], 1, axis=0)


def blob(
    random: np.random.Generator, center: np.ndarray, radius: float, segments: int = 4
) -> np.ndarray:
    """A smooth, slightly bumpy closed sub-path: float32 [3·segments, 2]."""
    points = circle(center, radius, segments)
    bumps = random.uniform(-0.15, 0.15, (segments, 2)).repeat(3, axis=0) * radius
    return (points + np.roll(bumps, 1, axis=0)).astype(np.float32)


def ring(center: tuple[float, float], outer: float, inner: float) -> list[np.ndarray]:
    """Two sub-paths: a disc and the hole in it."""
    return [circle(center, outer), reversed_subpath(circle(center, inner))]


def random_ramps(seed: int, size: int, paths: int) -> Ramps:
    """In turn linear, radial and flat; axes of any length, so that some are mostly clamped."""
    random = np.random.default_rng(1000 + seed)
    start = random.uniform(-0.1, 1.1, (paths, 2)) * size
    angle, length = random.uniform(0, 2 * np.pi, paths), random.uniform(0.1, 1.2, paths) * size
    end = start + length[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return Ramps(
        (np.arange(1, paths + 1) % 3).astype(np.int32),
        np.concatenate([start, end], axis=1).astype(np.float32),
        random.uniform(0, 1, (paths, 3)).astype(np.float32),
    )


def random_scene(
    seed: int,
    size: int,
    paths: int = 6,
    opaque: bool = False,
    tangle: float = 0.0,
    ramps: bool = False,
) -> Scene:
    """Overlapping blobs: every third has a hole, every second runs clockwise; some reach out.

    tangle: how far points are moved at random, in pixels; from a few pixels on, the
    outlines cross themselves. ramps: whether there are `random_ramps`.
    """
    random = np.random.default_rng(seed)
    shapes = []
    for i in range(paths):
        center = random.uniform(0.0, size, 2)
        radius = random.uniform(0.15, 0.4) * size
        subpaths = [blob(random, center, radius, segments=int(random.integers(3, 6)))]
        if i % 3 == 2:
            subpaths.append(reversed_subpath(blob(random, center, 0.4 * radius)))
        if i % 2 == 1:
            subpaths = [reversed_subpath(p) for p in subpaths]
        subpaths = [
            (p + random.normal(0.0, 1.0, p.shape) * tangle).astype(np.float32) for p in subpaths
        ]
        fill = random.uniform(0.0, 1.0, 4)
        fill[3] = 1.0 if opaque else random.uniform(0.3, 0.95)
        shapes.append(Path(subpaths, fill.astype(np.float32)))
    scene = pack(shapes)
    return scene._replace(ramps=random_ramps(seed, size, paths)) if ramps else scene
