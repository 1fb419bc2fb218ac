# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion from sRGB to CIE Lab, in which distances are close to perceived differences."""

from __future__ import annotations

import ctypes
import functools

import numpy as np

from .. import srgb
from ..native import library

_TABLE_SIZE = 4097

_lab = library.function(
    "semvec_lab",
    library.array(np.float32, 3),
    library.array(np.uint8, 2),
    ctypes.c_int,
    library.array(np.float32, 1),
    library.array(np.float32, 1),
    ctypes.c_int,
    ctypes.c_int,
    library.array(np.float32, 3),
)


def lab_planes(image: np.ndarray, valid_mask: np.ndarray, threads: int = 0) -> np.ndarray:
    """Convert an sRGB image [H, W, 3] in [0, 1] to CIE Lab / 100 (D65), float32 [3, H, W].

    Values out of range are clamped; NaN is 0. Pixels where `valid_mask` bool [H, W] is false get
    a color far from all others. Raises ValueError for different sizes.
    """
    height, width = image.shape[:2]
    if image.shape != (height, width, 3) or valid_mask.shape != (height, width):
        raise ValueError(f"image {image.shape} and mask {valid_mask.shape} don't fit")
    planes = np.empty((3, height, width), np.float32)
    _lab(
        np.ascontiguousarray(image, np.float32),
        np.ascontiguousarray(valid_mask, np.uint8),
        height * width,
        *_curves(),
        _TABLE_SIZE,
        library.thread_count(threads),
        planes,
    )
    return planes


@functools.cache
def _curves() -> tuple[np.ndarray, np.ndarray]:
    """Tabulate sRGB's transfer function (IEC 61966-2-1) and Lab's cube root over [0, 1]."""
    steps = np.linspace(0.0, 1.0, _TABLE_SIZE)
    linear = srgb.decode(steps)
    foot = (6.0 / 29.0) ** 3
    root = np.where(steps > foot, np.cbrt(steps), steps * (29.0 / 6.0) ** 2 / 3.0 + 4.0 / 29.0)
    return linear.astype(np.float32), root.astype(np.float32)
