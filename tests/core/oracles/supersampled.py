# SPDX-License-Identifier: GPL-3.0-or-later
"""Anti-aliased pictures of known shapes, by counting samples: no code of semvec is involved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

# Samples of a pixel, either way.
SAMPLES = 16

Inside = Callable[[np.ndarray, np.ndarray], np.ndarray]
Layer = tuple[Inside, Sequence[float]]


def disc(x: float, y: float, radius: float) -> Inside:
    return lambda px, py: (px - x) ** 2 + (py - y) ** 2 < radius**2


def polygon(corners: Sequence[tuple[float, float]]) -> Inside:
    """A convex polygon, clockwise on screen."""

    def inside(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        result = np.ones(px.shape, bool)
        for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
            result &= (bx - ax) * (py - ay) - (by - ay) * (px - ax) >= 0
        return result

    return inside


def draw(width: int, height: int, layers: Sequence[Layer]) -> np.ndarray:
    """The layers over each other on a clear canvas: RGBA of 255, uint8 [H, W, 4].

    A layer is what is inside and its color (RGB or RGBA of 255).
    """
    places = (np.arange(max(width, height) * SAMPLES) + 0.5) / SAMPLES
    px, py = np.meshgrid(places[: width * SAMPLES], places[: height * SAMPLES])
    picture = np.zeros((height, width, 4))
    for inside, color in layers:
        blocks = inside(px, py).reshape(height, SAMPLES, width, SAMPLES)
        coverage = blocks.mean(axis=(1, 3))
        opacity = coverage * (color[3] / 255 if len(color) == 4 else 1.0)
        source = np.concatenate([np.array(color[:3]) / 255, [1.0]])
        picture = opacity[..., None] * source + (1 - opacity[..., None]) * picture
    picture[..., :3] /= np.maximum(picture[..., 3:], 1e-9)
    return np.rint(picture * 255).astype(np.uint8)
