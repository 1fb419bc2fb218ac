# SPDX-License-Identifier: GPL-3.0-or-later
"""Small clips of a painted scene whose motion is known."""

from __future__ import annotations

import numpy as np

SIZE = (64, 96)  # rows, columns


def scene(x: np.ndarray, y: np.ndarray, seed: int = 0) -> np.ndarray:
    """Colors of a plane with discs on a shaded ground, at places: float32 [..., 3] in [0, 1]."""
    generator = np.random.default_rng(seed)
    color = np.stack([0.3 + 0.002 * x, 0.5 + 0.001 * y, 0.5 - 0.001 * x], axis=-1)
    for _ in range(14):
        cx, cy, radius = generator.uniform([-20, -20, 6], [116, 84, 14])
        inside = np.clip(radius - np.hypot(x - cx, y - cy) + 0.5, 0, 1)[..., None]
        color = color + inside * (generator.uniform(0, 1, 3) - color)
    return np.clip(color, 0, 1).astype(np.float32)


def moving(count: int, speed: tuple[float, float], seed: int = 0) -> list[np.ndarray]:
    """Frames in which the scene moves by `speed` pixels a frame."""
    rows, columns = np.indices(SIZE, dtype=np.float64)
    return [
        scene(columns + 0.5 - speed[0] * t, rows + 0.5 - speed[1] * t, seed) for t in range(count)
    ]


def noisy(frames: list[np.ndarray], deviation: float) -> list[np.ndarray]:
    """Frames with noise that differs from frame to frame."""
    generator = np.random.default_rng(1)
    return [
        np.clip(f + generator.normal(0, deviation, f.shape), 0, 1).astype(np.float32)
        for f in frames
    ]
