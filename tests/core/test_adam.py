# SPDX-License-Identifier: GPL-3.0-or-later
"""Adam against its textbook form, with and without reset rows."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.adam import Adam


def textbook_updates(gradients, learning_rate, betas=(0.9, 0.999), epsilon=1e-8):
    """Algorithm 1 of Kingma & Ba, line by line."""
    first = second = 0.0
    updates = []
    for step, gradient in enumerate(gradients, start=1):
        first = betas[0] * first + (1 - betas[0]) * gradient
        second = betas[1] * second + (1 - betas[1]) * gradient**2
        first_unbiased = first / (1 - betas[0] ** step)
        second_unbiased = second / (1 - betas[1] ** step)
        updates.append(-learning_rate * first_unbiased / (np.sqrt(second_unbiased) + epsilon))
    return updates


@pytest.mark.parametrize("shape", [(), (7,), (5, 3), (2, 3, 4)])
def test_steps_are_those_of_the_textbook(shape):
    gradients = np.random.default_rng(0).normal(size=(50, *shape))
    adam = Adam(shape, 0.01, dtype=np.float64)
    for gradient, expected in zip(gradients, textbook_updates(gradients, 0.01), strict=True):
        np.testing.assert_allclose(adam.step(gradient), expected, rtol=1e-10, atol=1e-15)


def test_single_precision_follows_double_precision():
    gradients = np.random.default_rng(1).normal(size=(300, 4, 2)) * 1e-4
    adam = Adam((4, 2), 0.01)
    for gradient, expected in zip(gradients, textbook_updates(gradients, 0.01), strict=True):
        update = adam.step(gradient.astype(np.float32))
        assert update.dtype == np.float32
        np.testing.assert_allclose(update, expected, rtol=1e-3, atol=1e-6)


def test_reset_rows_start_like_new_and_leave_the_others_alone():
    gradients = np.random.default_rng(2).normal(size=(30, 3, 2))
    adam = Adam((3, 2), 0.1, dtype=np.float64)
    for gradient in gradients[:20]:
        adam.step(gradient)
    adam.reset(np.array([1]))
    fresh = textbook_updates(gradients[20:, 1], 0.1)
    unbroken = textbook_updates(gradients, 0.1)[20:]
    for gradient, new_row, old_rows in zip(gradients[20:], fresh, unbroken, strict=True):
        update = adam.step(gradient)
        np.testing.assert_allclose(update[1], new_row, rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(update[[0, 2]], old_rows[[0, 2]], rtol=1e-10, atol=1e-15)


def test_each_row_may_have_its_own_learning_rate():
    gradients = np.random.default_rng(3).normal(size=(10, 2, 3))
    rates = np.array([[0.1], [0.001]])
    adam = Adam((2, 3), rates, dtype=np.float64)
    for gradient, expected in zip(gradients, textbook_updates(gradients, rates), strict=True):
        np.testing.assert_allclose(adam.step(gradient), expected, rtol=1e-10, atol=1e-15)


def test_no_gradient_no_step():
    assert not Adam((3,), 0.1).step(np.zeros(3, np.float32)).any()
