# SPDX-License-Identifier: GPL-3.0-or-later
"""Displacements of blocks between two frames in plain numpy; oracle for core/native/flow."""

from __future__ import annotations

import numpy as np


def box_mean(values: np.ndarray, reach: int) -> np.ndarray:
    """Return the means over squares of 2·reach + 1 pixels, one square at a time."""
    padded = np.pad(values.astype(np.float64), reach, "edge")
    side = 2 * reach + 1
    height, width = values.shape
    squares = [[padded[y : y + side, x : x + side].mean() for x in range(width)]
               for y in range(height)]  # fmt: skip
    return np.array(squares)


def displaced(image: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return what the displacement of each pixel leads to, interpolated bilinearly."""
    height, width = image.shape
    rows, columns = np.indices(image.shape)
    x = np.clip(columns + vectors[..., 0].astype(np.float64), 0, width - 1)
    y = np.clip(rows + vectors[..., 1].astype(np.float64), 0, height - 1)
    total = np.zeros(image.shape)
    for corner_x in range(width):  # each pixel of the image weighs as a tent around it
        for corner_y in range(height):
            weight = np.maximum(1 - np.abs(x - corner_x), 0) * np.maximum(
                1 - np.abs(y - corner_y), 0
            )
            total += weight * image[corner_y, corner_x]
    return total


def block_cost(
    first: np.ndarray, second: np.ndarray, vectors: np.ndarray, reach: int
) -> np.ndarray:
    """Return the mean squared difference of each block from where it is displaced to."""
    return box_mean(np.square(displaced(second, vectors) - first), reach)


def step(
    first: np.ndarray,
    second: np.ndarray,
    vectors: np.ndarray,
    reach: int,
    texture: float,
    longest: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the displacements after one step of Lucas and Kanade's method, and the confidence.

    Each block's system of equations is solved on its own.
    """
    moved = displaced(second, vectors)
    gradients = np.gradient(0.5 * (moved + first))[::-1]  # x, y
    wanted = first - moved + sum(g * vectors[..., i] for i, g in enumerate(gradients))
    height, width = first.shape
    after, confidence = np.empty((height, width, 2)), np.empty((height, width))
    means = {(i, j): box_mean(gradients[i] * gradients[j], reach) for i in (0, 1) for j in (0, 1)}
    sides = [box_mean(gradients[i] * wanted, reach) for i in (0, 1)]
    for y in range(height):
        for x in range(width):
            matrix = np.array([[means[i, j][y, x] for j in (0, 1)] for i in (0, 1)])
            old = vectors[y, x].astype(np.float64)
            damped = matrix + 0.1 * texture * np.eye(2)
            side = np.array([each[y, x] for each in sides]) + 0.1 * texture * old
            change = np.linalg.solve(damped, side) - old
            length = np.linalg.norm(change)
            after[y, x] = old + change * min(1, longest / max(length, 1e-9))
            least = max(float(np.linalg.eigvalsh(matrix)[0]), 0.0)
            confidence[y, x] = least / (least + texture)
    return after, confidence
