# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency by contrast to the borders of an image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from semvec.core.image import Image
from semvec.core.saliency.contrast import _distance, contrast_saliency

RANDOM = np.random.default_rng(5)


def saliency_of(rgb: np.ndarray, alpha: np.ndarray | None = None) -> Any:
    image = Image(rgb.astype(np.float32), None if alpha is None else alpha.astype(np.float32))
    return contrast_saliency(image, True, lambda fraction, message: None)


def red_box_on_green(height: int, width: int, box: tuple[slice, slice]) -> np.ndarray:
    rgb = np.full((height, width, 3), (0.2, 0.6, 0.2))
    rgb[box] = (0.9, 0.1, 0.1)
    return rgb + 0.02 * RANDOM.standard_normal(rgb.shape)


@pytest.mark.parametrize("size", [(60, 90), (300, 200)])
def test_what_differs_from_the_borders_matters(size: tuple[int, int]) -> None:
    height, width = size
    box = slice(height // 3, height * 2 // 3), slice(width // 3, width * 2 // 3)
    saliency = saliency_of(red_box_on_green(height, width, box))
    inside = np.zeros(size, bool)
    inside[box] = True
    assert saliency.shape == size and saliency.dtype == np.float32
    assert saliency.min() >= 0.0 and saliency.max() == pytest.approx(1.0, abs=0.01)
    assert saliency[inside].mean() > 5.0 * saliency[~inside].mean()


def test_a_subject_may_touch_one_border() -> None:
    box = slice(30, 90), slice(30, 60)
    saliency = saliency_of(red_box_on_green(90, 90, box))
    assert saliency[35:55, 35:55].min() > 4.0 * saliency[35:55, :15].max()


def test_a_picture_of_one_color_has_no_contrast() -> None:
    assert saliency_of(np.full((20, 30, 3), 0.4)) is None


def test_distances_are_those_of_whitened_colors() -> None:
    colors, image = RANDOM.random((200, 3)), RANDOM.random((5, 6, 3))
    covariance = np.cov(colors.T, bias=True) + 0.05**2 * np.eye(3)
    whitening = np.linalg.inv(np.linalg.cholesky(covariance))
    expected = np.linalg.norm((image - colors.mean(axis=0)) @ whitening.T, axis=2)
    np.testing.assert_allclose(_distance(image, colors), expected / expected.max(), rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (300, 2)])
def test_odd_shapes_are_no_error(shape: tuple[int, int]) -> None:
    saliency = saliency_of(
        RANDOM.random((*shape, 3)), np.linspace(0, 1, shape[1])[None] * np.ones(shape)
    )
    assert saliency is None or (saliency.shape == shape and np.isfinite(saliency).all())
