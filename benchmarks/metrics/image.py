# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between images, float [H, W, 3] in [0, 1]."""

from __future__ import annotations

import math

import numpy as np
from skimage.metrics import structural_similarity


def mse(image: np.ndarray, reference: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Compute the mean squared error over all pixels, or those where mask [H, W] is true."""
    difference = np.asarray(image, np.float64) - np.asarray(reference, np.float64)
    if mask is not None:
        difference = difference[np.asarray(mask, bool)]
    return float(np.mean(difference**2)) if difference.size else 0.0


def psnr(image: np.ndarray, reference: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Compute the peak signal-to-noise ratio in dB, with a peak of 1; infinite for equal images."""
    error = mse(image, reference, mask)
    return -10.0 * math.log10(error) if error > 0.0 else math.inf


def ssim(image: np.ndarray, reference: np.ndarray) -> float:
    """Compute the mean structural similarity of images of at least 11 x 11 pixels.

    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", 2004: Gaussian window of 11 pixels with sigma 1.5, mean over all
    channels and over the windows inside the image.
    """
    return float(
        structural_similarity(
            np.asarray(image, np.float64),
            np.asarray(reference, np.float64),
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1.0,
            channel_axis=2,
        )
    )
