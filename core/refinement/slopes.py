# SPDX-License-Identifier: GPL-3.0-or-later
"""Best linear trend of the colors of each path: least squares over its visible pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .visible_sums import Moments

# Added to the spread of a path's pixels, px²: keeps thin shapes from steep ramps across.
_LEAST_SPREAD = 1.0


class Slope(NamedTuple):
    """Colors that change along one direction: color + ((p − center)·direction)·change.

    center, direction: [2]; color, change: [3]. explained: how much larger the mean squared error
    of a flat fill is. Of one path, or with a leading axis of many.
    """

    center: np.ndarray
    color: np.ndarray
    direction: np.ndarray
    change: np.ndarray
    explained: np.ndarray


def fit_slopes(moments: Moments) -> Slope:
    """Return the best rank-1 part of the color gradients of N paths.

    Of the planes of least squares, spread⁻¹·trend, the part of the largest singular value as
    measured over the pixels: what is left out costs least. By eigenvectors, for which NumPy
    wakes no threads.
    """
    sizes, axes = np.linalg.eigh(moments.spread)
    sizes = np.maximum(sizes, 0) + _LEAST_SPREAD  # those of few pixels are rounded
    whiten = (axes / np.sqrt(sizes)[:, None]) @ axes.transpose(0, 2, 1)
    trend = whiten @ moments.trend
    main = np.linalg.eigh(trend @ trend.transpose(0, 2, 1))[1][:, :, 1:]
    change = (main.transpose(0, 2, 1) @ trend)[:, 0]
    direction, explained = (whiten @ main)[:, :, 0], np.square(change).sum(axis=1)
    return Slope(moments.center, moments.color, direction, change, explained)
