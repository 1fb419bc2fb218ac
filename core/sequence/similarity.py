# SPDX-License-Identifier: GPL-3.0-or-later
"""Similarities fitted to displacements, by robust least squares."""

from __future__ import annotations

import numpy as np

# Rounds of reweighting, and the distance in pixels at which a displacement counts half.
_ROUNDS = 4
_SCALE = 0.5

# Square of the distance in pixels within which the displacements of a group don't tell its turn
# and its growth from those that it tends to.
_OWN_TURN = 25.0

# Largest change of size and turn between two frames; more is an error of the flow.
_LARGEST_CHANGE = 0.2


def fit(
    index: np.ndarray,
    count: int,
    points: np.ndarray,
    vectors: np.ndarray,
    weight: np.ndarray,
    turn: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit u = t + a (p − c) + b ⊥(p − c) to each group of samples.

    turn: (a, b) to tend to, [1, 2]. Returns t [N, 2], (a, b) [N, 2] and the centers c [N, 2].
    """
    robust = weight.astype(np.float64)
    samples = np.ascontiguousarray(np.concatenate([points, vectors], axis=1).T)  # x, y, u, v
    for _ in range(_ROUNDS):
        total = np.bincount(index, robust, count)
        mean = _means(index, robust, count, total, samples)
        x, y, u, v = samples - mean.take(index, axis=1)
        square = np.bincount(index, robust * (x * x + y * y), count)
        along = np.bincount(index, robust * (x * u + y * v), count)
        across = np.bincount(index, robust * (x * v - y * u), count)
        prior = _OWN_TURN * total
        ab = np.stack([along, across]) + prior * turn.T
        ab /= np.maximum(square + prior, 1e-9)
        ab = np.clip(ab, -_LARGEST_CHANGE, _LARGEST_CHANGE)
        a, b = ab.take(index, axis=1)
        rest_x = u - a * x + b * y
        rest_y = v - a * y - b * x
        robust = weight / (1 + (rest_x**2 + rest_y**2) / _SCALE**2)
    return mean[2:].T, ab.T, mean[:2].T


def _means(
    index: np.ndarray, weight: np.ndarray, count: int, total: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Return the weighted means of each group's values [C, K]: [C, N], 0 for an empty group."""
    sums = [np.bincount(index, weight * row, count) for row in values]
    return np.stack(sums) / np.maximum(total, 1e-12)


def as_matrices(shift: np.ndarray, turn: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Return what `fit` returns as p' = M p + t: float64 [N, 2, 3]."""
    a, b = 1 + turn[:, 0], turn[:, 1]
    linear = np.stack([np.stack([a, -b], axis=1), np.stack([b, a], axis=1)], axis=1)  # [N, 2, 2]
    offset = center + shift - np.einsum("nij,nj->ni", linear, center)
    return np.concatenate([linear, offset[:, :, None]], axis=2)
