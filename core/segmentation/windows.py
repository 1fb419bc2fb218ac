# SPDX-License-Identifier: GPL-3.0-or-later
"""Small windows that move over a plane of pixels."""

from __future__ import annotations

import ctypes

import numpy as np

from ..native import library

_PLANE = library.array(np.float32, 2)
_box_mean = library.function("semvec_box_mean", _PLANE, *[ctypes.c_int] * 3, _PLANE)


def shifted(padded: np.ndarray, y: int, x: int) -> np.ndarray:
    """Return the view of a plane padded by 1 that starts at row y and column x, 0 to 2."""
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    return padded[y : y + height, x : x + width]


def dilated(mask: np.ndarray, reach: int) -> np.ndarray:
    """Return the pixels within `reach` rows and columns of a mask's: bool [H, W]."""
    return maximum(mask.astype(np.uint8), reach) > 0


def maximum(plane: np.ndarray, reach: int) -> np.ndarray:
    """Return the largest value within `reach` rows and columns of each pixel: [H, W]."""
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (reach, reach)
        padded = np.pad(plane, padding, mode="edge")
        size = plane.shape[axis]
        parts = [np.take(padded, np.arange(k, k + size), axis) for k in range(2 * reach + 1)]
        plane = np.max(parts, axis=0)
    return plane


def smoothed(plane: np.ndarray) -> np.ndarray:
    """Return a plane blurred by the binomial window 1 2 1 in both directions: float32 [H, W]."""
    padded = np.pad(plane, 1, mode="edge")
    across = (padded[:, :-2] + 2.0 * padded[:, 1:-1] + padded[:, 2:]) / 4.0
    return ((across[:-2] + 2.0 * across[1:-1] + across[2:]) / 4.0).astype(np.float32)


def doubled(plane: np.ndarray) -> np.ndarray:
    """Return a plane at twice the size, interpolated between the middles of its pixels."""
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (1, 1)
        padded = np.pad(plane, padding, mode="edge")
        size = plane.shape[axis]
        here = np.take(padded, np.arange(1, size + 1), axis)
        before, after = (np.take(padded, np.arange(k, k + size), axis) for k in (0, 2))
        pairs = np.stack([0.75 * here + 0.25 * before, 0.75 * here + 0.25 * after], axis + 1)
        shape = list(plane.shape)
        shape[axis] *= 2
        plane = pairs.reshape(shape)
    return plane.astype(np.float32)


def sampled(plane: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return a plane's values at points [..., 2], x and y in pixels, between pixels' middles."""
    height, width = plane.shape
    x = np.clip(points[..., 0] - 0.5, 0.0, width - 1.0)
    y = np.clip(points[..., 1] - 0.5, 0.0, height - 1.0)
    left = np.minimum(x.astype(int), max(width - 2, 0))
    top = np.minimum(y.astype(int), max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = x - left, y - top
    upper = plane[top, left] * (1 - across) + plane[top, right] * across
    lower = plane[bottom, left] * (1 - across) + plane[bottom, right] * across
    return upper * (1 - down) + lower * down


def box_mean(values: np.ndarray, reach: int) -> np.ndarray:
    """Return the means over squares of 2·reach + 1 pixels, [H, W]; edges are repeated."""
    means = np.empty(values.shape, np.float32)
    _box_mean(np.ascontiguousarray(values, np.float32), *values.shape, reach, means)
    return means
