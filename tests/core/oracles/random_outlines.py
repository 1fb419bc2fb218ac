# SPDX-License-Identifier: GPL-3.0-or-later
"""Random outlines, and their points by the slowest known method."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st

from semvec.core.bezier import circle


@st.composite
def random_outlines(draw, noise: float = 0.7) -> np.ndarray:
    """Draw a circle with displaced points, float32 [3·S, 2]; some of them cross themselves."""
    seed, segments = draw(st.integers(0, 10**6)), draw(st.integers(2, 6))
    random = np.random.default_rng(seed)
    radius = random.uniform(1, 20)
    points = circle(random.uniform(0, 30, 2), radius, segments)
    displaced = points + random.normal(0, radius * noise * random.random(), points.shape)
    return displaced.astype(np.float32)


def naive_outline(points: np.ndarray, samples: int) -> np.ndarray:
    """Compute points on all cubics one by one, by de Casteljau's algorithm."""
    result = []
    for i in range(0, len(points), 3):
        cubic = [points[(i + k) % len(points)].astype(np.float64) for k in range(4)]
        for step in range(samples):
            level, t = cubic, step / samples
            while len(level) > 1:
                level = [(1 - t) * a + t * b for a, b in itertools.pairwise(level)]
            result.append(level[0])
    return np.array(result)
