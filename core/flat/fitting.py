# SPDX-License-Identifier: GPL-3.0-or-later
"""Located edges as closed cubic Béziers with few nodes (core/native/outline/edge_fitting.h)."""

from __future__ import annotations

import ctypes

import numpy as np

from ..native import structures
from ..native.library import array, function
from .corners import find_corners, sample, sharpened, tangents
from .edges import Edge

_fit = function(
    "semvec_fit_edge",
    *(ctypes.POINTER(structures.Edge), array(np.float64), array(np.int32)),
)

# Largest distance of a cubic from the located edge, in pixels, and the value of a node: a squared
# distance integrated along the edge, in pixels cubed.
_LIMIT, _NODE_PRICE = 0.5, 1.0

# Factor on the cost of distance where the edge is hidden.
_HIDDEN_PRICE = 0.01


def fit_edge(edge: Edge, density: float = 1.0) -> np.ndarray:
    """Fit an edge with cubics: float32 [3·S, 2], as in `Path`.

    density: factor on the number of samples, for images of few pixels.
    """
    samples = sample(edge, density)
    corners = find_corners(samples)
    points = sharpened(samples, corners)
    count = len(points)
    start = int(np.argmax(corners.flags))
    around = np.arange(start, start + count + 1) % count
    wide, narrow = tangents(points, samples.step, corners.flags)
    at_corner, both = corners.flags[:, None], (wide, narrow)
    arriving = [
        np.where(at_corner, corners.arriving, tangent)[around] for tangent in (wide, narrow)
    ]
    leaving = [np.where(at_corner, corners.leaving, tangent)[around] for tangent in both]
    limits = np.where(samples.hidden, np.maximum(samples.limits, _LIMIT), _LIMIT)
    price = _LIMIT**2 * samples.step / _NODE_PRICE
    prices = np.where(samples.hidden, _HIDDEN_PRICE * price, price)
    controls, segments = np.empty((3 * count, 2)), np.zeros(1, np.int32)
    given = structures.Edge(
        points=points[around],
        arriving=np.stack(arriving),
        leaving=np.stack(leaving),
        weights=1.0 / np.square(limits[around]),
        prices=prices[around],
        corners=corners.flags[around].astype(np.uint8),
        count=count,
    )
    _fit(given, controls, segments)
    return controls[: 3 * int(segments[0])].astype(np.float32)
