# SPDX-License-Identifier: GPL-3.0-or-later
"""Vector compactness against its definition."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.compactness import vector_compactness


def naive_vec(covered, labels, inside, touching, smallest) -> float:
    """The definition, a mask and a vector at a time."""
    shares = []
    for mask in sorted(set(labels[labels >= 0].tolist())):
        if len(np.argwhere(labels == mask)) < smallest:
            continue
        contained = touched = 0
        for vector in covered:
            common = sum(1 for y, x in np.argwhere(vector) if labels[y, x] == mask)
            if common == 0 or common < touching * vector.sum():
                continue
            touched += 1
            contained += common > inside * vector.sum()
        if touched:
            shares.append(contained / touched)
    return sum(shares) / len(shares) if shares else math.nan


@given(
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([0.3, 0.85]),
    st.sampled_from([1, 9, 64]),
)
@settings(max_examples=60)
def test_vector_compactness_is_its_definition(seed, touching, inside, smallest):
    random = np.random.default_rng(seed)
    covered = np.zeros((random.integers(0, 6), 7, 9), bool)
    for vector in covered:
        y, x = random.integers(0, 7), random.integers(0, 9)
        vector[y : y + random.integers(0, 6), x : x + random.integers(0, 6)] = True
    labels = np.sort(random.integers(-1, 4, (7, 9)), axis=1)
    np.testing.assert_allclose(
        vector_compactness(covered, labels, inside, touching, smallest),
        naive_vec(covered, labels, inside, touching, smallest),
    )
