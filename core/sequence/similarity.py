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
    index = index.astype(np.intp)  # what bincount and take would convert each time
    x, y, u, v = np.concatenate([points, vectors], axis=1).T.astype(np.float64)
    samples = np.stack([x, y, u, v, x * x + y * y, x * u + y * v, x * v - y * u])
    mean, ab = _fitted(index, samples, weight.astype(np.float64), count, turn)
    for _ in range(_ROUNDS - 1):
        robust = weight / (1 + _squared_rest(index, samples, mean, ab) / _SCALE**2)
        mean, ab = _fitted(index, samples, robust, count, turn)
    return mean[2:].T, ab.T, mean[:2].T


def _fitted(
    index: np.ndarray, samples: np.ndarray, weight: np.ndarray, count: int, turn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted means of x, y, u and v, [4, N], and (a, b) of each group, [2, N]."""
    total = _sums(index, weight, count)
    sums = np.stack([_sums(index, weight * row, count) for row in samples])
    mean = sums[:4] / np.maximum(total, 1e-12)
    # Moments about the centers, from those about the origin.
    (x, y, u, v), prior = mean, _OWN_TURN * total
    square = sums[4] - total * (x * x + y * y)
    along = sums[5] - total * (x * u + y * v)
    across = sums[6] - total * (x * v - y * u)
    ab = (np.stack([along, across]) + prior * turn.T) / np.maximum(square + prior, 1e-9)
    return mean, np.clip(ab, -_LARGEST_CHANGE, _LARGEST_CHANGE)


def _sums(index: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Return the sum of each group's values: [N]."""
    return values.sum(keepdims=True) if count == 1 else np.bincount(index, values, count)


def _squared_rest(
    index: np.ndarray, samples: np.ndarray, mean: np.ndarray, ab: np.ndarray
) -> np.ndarray:
    """Return the squared distance of each sample's displacement from its group's similarity."""
    (mx, my, mu, mv), (a, b) = mean, ab
    groups = np.stack([a, b, mu - a * mx + b * my, mv - a * my - b * mx])
    a, b, shift_x, shift_y = groups if len(a) == 1 else groups.take(index, axis=1)
    x, y, u, v = samples[:4]
    return np.square(u - shift_x - a * x + b * y) + np.square(v - shift_y - a * y - b * x)


def as_matrices(shift: np.ndarray, turn: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Return what `fit` returns as p' = M p + t: float64 [N, 2, 3]."""
    a, b = 1 + turn[:, 0], turn[:, 1]
    linear = np.stack([np.stack([a, -b], axis=1), np.stack([b, a], axis=1)], axis=1)  # [N, 2, 2]
    offset = center + shift - np.einsum("nij,nj->ni", linear, center)
    return np.concatenate([linear, offset[:, :, None]], axis=2)
