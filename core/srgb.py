# SPDX-License-Identifier: GPL-3.0-or-later
"""The transfer function of sRGB (IEC 61966-2-1) and its inverse, for values in [0, 1]."""

from __future__ import annotations

import numpy as np


def encode(linear: np.ndarray) -> np.ndarray:
    """Convert linear light to sRGB; values below 0 continue the linear part of the curve."""
    curve = 1.055 * np.maximum(linear, 0.0031308) ** (1.0 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curve)


def decode(srgb: np.ndarray) -> np.ndarray:
    """Convert sRGB to linear light; values below 0 continue the linear part of the curve."""
    curve = ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(srgb <= 0.04045, srgb / 12.92, curve)
