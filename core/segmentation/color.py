# SPDX-License-Identifier: GPL-3.0-or-later
"""The colors that masks are found in: CIE Lab, where distances look as large as they are."""

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


def lab_planes(image: np.ndarray, inside: np.ndarray, threads: int = 0) -> np.ndarray:
    """CIE Lab / 100 (D65) of an sRGB image [H, W, 3] in [0, 1], as float32 [3, H, W].

    Values out of range are clamped, NaN counts as 0. Pixels where `inside` bool [H, W] is
    false become a color far from all others. Raises ValueError where the sizes don't fit.
    """
    height, width = image.shape[:2]
    if image.shape != (height, width, 3) or inside.shape != (height, width):
        raise ValueError(f"image {image.shape} and inside {inside.shape} don't fit")
    planes = np.empty((3, height, width), np.float32)
    _lab(
        np.ascontiguousarray(image, np.float32),
        np.ascontiguousarray(inside, np.uint8),
        height * width,
        *_curves(),
        _TABLE_SIZE,
        library.thread_count(threads),
        planes,
    )
    return planes


@functools.cache
def _curves() -> tuple[np.ndarray, np.ndarray]:
    """sRGB's transfer function (IEC 61966-2-1) and Lab's cube root, as tables over [0, 1]."""
    steps = np.linspace(0.0, 1.0, _TABLE_SIZE)
    linear = srgb.decode(steps)
    foot = (6.0 / 29.0) ** 3
    root = np.where(steps > foot, np.cbrt(steps), steps * (29.0 / 6.0) ** 2 / 3.0 + 4.0 / 29.0)
    return linear.astype(np.float32), root.astype(np.float32)
