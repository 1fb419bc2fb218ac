# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between images against naive loops and scikit-image."""

from __future__ import annotations

import math

import numpy as np
import pytest
from metrics.image import mse, psnr, ssim
from skimage.metrics import peak_signal_noise_ratio


def test_psnr_and_mse():
    random = np.random.default_rng(0)
    a, b = random.random((2, 13, 17, 3))
    assert psnr(a, b) == pytest.approx(peak_signal_noise_ratio(a, b, data_range=1.0))
    assert mse(a, a) == 0.0
    assert psnr(a, a) == math.inf
    mask = random.random((13, 17)) > 0.5
    expected = np.mean([(a[y, x] - b[y, x]) ** 2 for y, x in np.argwhere(mask)])
    assert mse(a, b, mask) == pytest.approx(expected)
    assert psnr(a, b, mask) == pytest.approx(-10 * math.log10(expected))


def naive_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """The definition, a window and a channel at a time."""
    window = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.outer(window, window) / window.sum() ** 2
    values = []
    for y, x, c in np.ndindex(a.shape[0] - 10, a.shape[1] - 10, a.shape[2]):
        p, q = (image[y : y + 11, x : x + 11, c] for image in (a, b))
        mean_p, mean_q = (window * p).sum(), (window * q).sum()
        variance_p, variance_q = (
            (window * (p - mean_p) ** 2).sum(),
            (window * (q - mean_q) ** 2).sum(),
        )
        covariance = (window * (p - mean_p) * (q - mean_q)).sum()
        luminance = (2 * mean_p * mean_q + 1e-4) / (mean_p**2 + mean_q**2 + 1e-4)
        structure = (2 * covariance + 9e-4) / (variance_p + variance_q + 9e-4)
        values.append(luminance * structure)
    return float(np.mean(values))


@pytest.mark.parametrize("seed", range(3))
def test_ssim_is_its_definition(seed):
    random = np.random.default_rng(seed)
    a = random.random((16, 13, 3))
    b = np.clip(a + random.normal(0, 0.2 * seed, a.shape), 0, 1)
    assert ssim(a, b) == pytest.approx(naive_ssim(a, b), abs=1e-9)
