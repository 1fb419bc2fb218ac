# SPDX-License-Identifier: GPL-3.0-or-later
"""The distance transform, against a plain loop over all pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semvec.core.segmentation.distances import distances


def nearest_outside(mask: np.ndarray) -> np.ndarray:
    """Return the same by looking at each pair of pixels."""
    height, width = mask.shape
    outside = np.argwhere(~mask)
    result = np.zeros(mask.shape)
    for y, x in np.argwhere(mask):
        squares = ((outside - [y, x]) ** 2).sum(axis=1)
        result[y, x] = np.sqrt(squares.min(initial=(height + width) ** 2)) - 0.5
    return result


@settings(max_examples=60)
@given(st.integers(1, 24), st.integers(1, 24), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_distances_are_those_to_the_nearest_pixel_outside(
    height: int, width: int, share: float, seed: int
) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    np.testing.assert_allclose(distances(mask), nearest_outside(mask), rtol=1e-6)


def test_a_large_disc_is_as_deep_as_its_radius() -> None:
    y, x = np.mgrid[:401, :501]
    mask = np.hypot(y - 200, x - 250) < 190
    found = distances(mask)
    assert found[200, 250] == pytest.approx(189.5)
    assert (found > 0).sum() == mask.sum()


def test_a_mask_of_everything_has_no_edge() -> None:
    assert (distances(np.ones((3, 5), bool)) == 7.5).all()


def test_a_mask_without_pixels_has_no_distances() -> None:
    assert distances(np.zeros((0, 4), bool)).shape == (0, 4)
