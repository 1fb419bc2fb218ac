# SPDX-License-Identifier: GPL-3.0-or-later
"""The distance transform of a mask, in C."""

from __future__ import annotations

import ctypes

import numpy as np

from ..native import library

_distances = library.function(
    "semvec_distances",
    library.array(np.uint8, 2),
    ctypes.c_int,
    ctypes.c_int,
    library.array(np.float32, 2),
)


def distances(mask: np.ndarray) -> np.ndarray:
    """Return the distance of each pixel of a mask to its edge, in pixels: float32 [H, W].

    mask: bool [H, W]. The distance is that to the nearest pixel outside of the mask, from center
    to center, less half a pixel, and 0 outside. What is outside of the image does not count: where
    the mask is all of it, the distance is H + W - 0.5.
    """
    result = np.zeros(mask.shape, np.float32)
    if mask.size:
        _distances(np.ascontiguousarray(mask, np.uint8), *mask.shape, result)
    return result
