# SPDX-License-Identifier: GPL-3.0-or-later
"""The soft assignment of regions to a palette, which Stages I and II optimize."""

from __future__ import annotations

import numpy as np

# Smaller probabilities lead to denormal numbers in the gradients, which are slow.
MINIMUM_PROBABILITY = 1e-10


class SoftAssignment:
    """N regions, each colored by a softmax over K palette colors: C = softmax(logits)·P.

    logits: [N, K] and palette: [K, 3], float32 or float64, changed in place by whoever
    optimizes them. probabilities: [N, K], of the latest call of `colors`.
    """

    def __init__(self, logits: np.ndarray, palette: np.ndarray) -> None:
        self.logits = logits
        self.palette = palette
        self.probabilities = np.empty_like(logits)
        self._gradient = np.empty_like(logits)
        self._scratch = np.empty_like(logits)

    def colors(self) -> np.ndarray:
        """Return the color of each region: [N, 3]."""
        probabilities = self.probabilities
        np.subtract(self.logits, self.logits.max(axis=1, keepdims=True), out=probabilities)
        np.exp(probabilities, out=probabilities)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        np.maximum(probabilities, MINIMUM_PROBABILITY, out=probabilities)
        return probabilities @ self.palette

    def palette_gradient(self, color_gradient: np.ndarray) -> np.ndarray:
        """Gradient for the palette [K, 3] of a loss with this gradient for the colors [N, 3]."""
        return self.probabilities.T @ color_gradient

    def logits_gradient(self, color_gradient: np.ndarray, entropy_weight: np.ndarray) -> np.ndarray:
        """Return the gradient of a loss for the logits: [N, K]. The next call reuses the array.

        The loss has this gradient for the colors [N, 3], and the term
        Σ_i entropy_weight_i · (entropy of region i).
        With q = color_gradient·Pᵀ - entropy_weight·log S it is S ⊙ (q - Σ_k S ⊙ q). Row-wise
        constants in q cancel, so the logits stand in for log S.
        """
        gradient, scratch = self._gradient, self._scratch
        np.matmul(color_gradient, self.palette.T, out=gradient)
        gradient -= np.multiply(self.logits, entropy_weight[:, None], out=scratch)
        gradient -= np.einsum("nk,nk->n", self.probabilities, gradient)[:, None]
        gradient *= self.probabilities
        return gradient
