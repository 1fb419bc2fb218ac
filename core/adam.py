# SPDX-License-Identifier: GPL-3.0-or-later
"""Adam in numpy (Kingma & Ba, "Adam: a method for stochastic optimization", 2015).

Both moments are stored as discounted sums together with the discounted number of steps. Their
quotient is the bias-corrected mean at any time, also for rows that were reset during a run.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Adam:
    """The moments of one parameter array; the result of `step` is to be added to the parameters.

    shape: of the parameters; the first axis counts rows, which can be reset one by one.
    learning_rate: a number, or an array that broadcasts to `shape`; may be changed at any time.
    betas, epsilon: as in the paper; the defaults are those of the paper and of PyTorch.
    dtype: float32 or float64.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        learning_rate: float | np.ndarray,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        dtype: Any = np.float32,
    ) -> None:
        self.learning_rate = learning_rate
        self.betas = betas
        self.epsilon = epsilon
        self._first = np.zeros(shape, dtype)
        self._second = np.zeros(shape, dtype)
        self._counts = [np.zeros(shape, dtype) for _ in betas]  # of each value: numpy is
        # several times slower where arrays of two shapes meet
        self._update = np.empty(shape, dtype)

    def step(self, gradient: np.ndarray) -> np.ndarray:
        """Return the update for this gradient [shape]. The array is reused by the next call."""
        update = self._update
        for count, beta in zip(self._counts, self.betas, strict=True):
            count *= beta
            count += 1
        self._first *= self.betas[0]
        self._first += gradient
        self._second *= self.betas[1]
        self._second += np.multiply(gradient, gradient, out=update)
        np.multiply(self._second, 1 / self._counts[1], out=update)
        np.sqrt(update, out=update)
        update += self.epsilon
        np.divide(self._first, update, out=update)
        update *= -self.learning_rate / self._counts[0]
        return update

    def reset(self, rows: Any = slice(None)) -> None:
        """Forget the moments of these rows (any index of the first axis), or of all."""
        for moments in (self._first, self._second, *self._counts):
            moments[rows] = 0

    def damp(self, rows: Any, factor: float) -> None:
        """Scale the first moment of these rows, whose last update could not be applied in full."""
        self._first[rows] *= factor
