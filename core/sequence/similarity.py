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
    for _ in range(_ROUNDS):
        total = np.bincount(index, robust, count)
        mean = _means(index, robust, count, total, np.column_stack([points, vectors]))
        center, shift = mean[:, :2], mean[:, 2:]
        p, u = points - center[index], vectors - shift[index]
        square = np.bincount(index, robust * (p * p).sum(axis=1), count)
        along = np.bincount(index, robust * (p * u).sum(axis=1), count)
        across = np.bincount(index, robust * (p[:, 0] * u[:, 1] - p[:, 1] * u[:, 0]), count)
        prior = _OWN_TURN * total
        ab = np.stack([along, across], axis=1) + prior[:, None] * turn
        ab /= np.maximum(square + prior, 1e-9)[:, None]
        ab = np.clip(ab, -_LARGEST_CHANGE, _LARGEST_CHANGE)
        a, b = ab[index, 0], ab[index, 1]
        rest_x = u[:, 0] - a * p[:, 0] + b * p[:, 1]
        rest_y = u[:, 1] - a * p[:, 1] - b * p[:, 0]
        robust = weight / (1 + (rest_x**2 + rest_y**2) / _SCALE**2)
    return shift, ab, center


def _means(
    index: np.ndarray, weight: np.ndarray, count: int, total: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Return the weighted means of each group's values [K, C]: [N, C], 0 for an empty group."""
    sums = [np.bincount(index, weight * column, count) for column in values.T]
    return np.stack(sums, axis=1) / np.maximum(total, 1e-12)[:, None]


def as_matrices(shift: np.ndarray, turn: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Return what `fit` returns as p' = M p + t: float64 [N, 2, 3]."""
    a, b = 1 + turn[:, 0], turn[:, 1]
    linear = np.stack([np.stack([a, -b], axis=1), np.stack([b, a], axis=1)], axis=1)  # [N, 2, 2]
    offset = center + shift - np.einsum("nij,nj->ni", linear, center)
    return np.concatenate([linear, offset[:, :, None]], axis=2)
