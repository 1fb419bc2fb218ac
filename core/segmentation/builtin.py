# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks without a network: a watershed of the color gradient, merged by Ward's method.

What the steps do to the quality of the masks is in docs/segmentation.md.
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
_INSIDE = library.array(np.uint8, 2)

_smooth = library.function("semvec_smooth", _PLANES, *[ctypes.c_int] * 3, _PLANES)
_gradient = library.function("semvec_gradient", _PLANES, _INSIDE, *[ctypes.c_int] * 3, _PLANE)
_watershed = library.function(
    "semvec_watershed",
    _PLANE,
    _PLANES,
    _INSIDE,
    *[ctypes.c_int] * 3,
    library.array(np.int32, 2),
    ctypes.POINTER(ctypes.c_int32),
)


def over_segment(
    image: np.ndarray, masks: int = 200, inside: np.ndarray | None = None, threads: int = 0
) -> np.ndarray:
    """Cut an sRGB image [H, W, 3] in [0, 1] into `masks` regions along its edges.

    Returns a partition int32 [H, W]: each region 4-connected, numbered row by row; -1
    where `inside` bool [H, W] is false. Neighbors of equal color are one region, so a
    flat image has fewer regions; more islands than `masks` give a region each. The result
    doesn't depend on `threads` (0: all processors).
    """
    height, width = image.shape[:2]
    if inside is None:
        inside = np.ones((height, width), bool)
    inside = np.ascontiguousarray(inside, np.uint8)
    lab = lab_planes(image, inside, threads)
    gradient = _edge_gradient(lab, inside, library.thread_count(threads))
    basins = np.empty((height, width), np.int32)
    _watershed(gradient, lab, inside, height, width, max(masks, 1), basins, ctypes.c_int32())
    return merge_regions(basins, lab, gradient, max(masks, 1), _MINIMUM_AREA)


def _edge_gradient(lab: np.ndarray, inside: np.ndarray, threads: int) -> np.ndarray:
    """How much the color changes a pixel, texture and noise smoothed away: float32 [H, W]."""
    smooth = np.empty_like(lab)
    gradient = np.empty(inside.shape, np.float32)
    _smooth(lab, *inside.shape, threads, smooth)
    _gradient(smooth, inside, *inside.shape, threads, gradient)
    return gradient
