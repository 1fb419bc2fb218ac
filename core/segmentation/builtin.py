# SPDX-License-Identifier: GPL-3.0-or-later
"""Built-in segmenter: a watershed of the color gradient, merged by Ward's method.

docs/segmentation.md has the effect of each step on the quality of the masks.
"""

from __future__ import annotations

import ctypes

import numpy as np

from ..native import library
from .color import lab_planes
from .regions import merge_regions

# Regions of fewer pixels are merged first: they would be slivers.
_MINIMUM_AREA = 12

_PLANES = library.array(np.float32, 3)
_PLANE = library.array(np.float32, 2)
_VALID = library.array(np.uint8, 2)

_smooth = library.function("semvec_smooth", _PLANES, *[ctypes.c_int] * 3, _PLANES)
_gradient = library.function("semvec_gradient", _PLANES, _VALID, *[ctypes.c_int] * 3, _PLANE)
_watershed = library.function(
    "semvec_watershed",
    _PLANE,
    _PLANES,
    _VALID,
    *[ctypes.c_int] * 3,
    library.array(np.int32, 2),
    ctypes.POINTER(ctypes.c_int32),
)


def over_segment(
    image: np.ndarray,
    count: int = 200,
    valid_mask: np.ndarray | None = None,
    threads: int = 0,
    boundaries: np.ndarray | None = None,
) -> np.ndarray:
    """Cut an sRGB image [H, W, 3] in [0, 1] into `count` regions along its edges.

    Returns a partition int32 [H, W]: each region 4-connected, numbered row by row; -1
    where `valid_mask` bool [H, W] is false. Neighbors of equal color are one region, so a
    flat image has fewer regions; more islands than `count` are a region each. The result
    doesn't depend on `threads` (0: all processors). boundaries: float32 [H, W], not negative, is
    added to the color gradient where regions are merged: high where objects end.
    """
    height, width = image.shape[:2]
    if valid_mask is None:
        valid_mask = np.ones((height, width), bool)
    valid_mask = np.ascontiguousarray(valid_mask, np.uint8)
    lab = lab_planes(image, valid_mask, threads)
    gradient = _edge_gradient(lab, valid_mask, library.thread_count(threads))
    basins = np.empty((height, width), np.int32)
    _watershed(gradient, lab, valid_mask, height, width, max(count, 1), basins, ctypes.c_int32())
    if boundaries is not None:
        gradient += boundaries
    return merge_regions(basins, lab, gradient, max(count, 1), _MINIMUM_AREA)


def _edge_gradient(lab: np.ndarray, valid_mask: np.ndarray, threads: int) -> np.ndarray:
    """Compute the color change per pixel, after smoothing texture and noise: float32 [H, W]."""
    smooth = np.empty_like(lab)
    gradient = np.empty(valid_mask.shape, np.float32)
    _smooth(lab, *valid_mask.shape, threads, smooth)
    _gradient(smooth, valid_mask, *valid_mask.shape, threads, gradient)
    return gradient
