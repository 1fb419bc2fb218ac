# SPDX-License-Identifier: GPL-3.0-or-later
"""Splitting and merging of the regions of a label image, in C.

Regions are numbered 0, 1, ... in the order of their first pixels, row by row; -1 marks pixels
outside the drawing.
"""

from __future__ import annotations

import ctypes

import numpy as np

from ..native import library
from ..native.structures import Partition

_LABELS = library.array(np.int32, 2)
_PLANES = library.array(np.float32, 3)
_COUNT = ctypes.POINTER(ctypes.c_int32)

_components = library.function(
    "semvec_components", _LABELS, ctypes.c_int, ctypes.c_int, _LABELS, _COUNT
)
_absorb = library.function(
    "semvec_absorb_small_regions", ctypes.POINTER(Partition), ctypes.c_int, _COUNT
)
_merge = library.function(
    "semvec_merge_regions", ctypes.POINTER(Partition), ctypes.c_int, ctypes.c_int, _COUNT
)


def connected_components(labels: np.ndarray) -> np.ndarray:
    """Label the 4-connected components of equal labels int [H, W]: int32 [H, W].

    Negative labels are outside the drawing and become -1.
    """
    labels = np.ascontiguousarray(labels, np.int32)
    components = np.empty_like(labels)
    _components(labels, *labels.shape, components, ctypes.c_int32())
    return components


def absorb_small_regions(labels: np.ndarray, lab: np.ndarray, minimum_area: int) -> np.ndarray:
    """Merge regions of fewer than `minimum_area` pixels into neighbors.

    The smallest goes first, into the neighbor whose mean color in `lab` [3, H, W] is
    nearest. Islands have no neighbor and stay, whatever their size.
    """
    _require_same_size(labels, lab[0])
    merged = labels.copy()
    _absorb(_partition(merged, lab), minimum_area, ctypes.c_int32())
    return merged


def merge_regions(
    labels: np.ndarray, lab: np.ndarray, gradient: np.ndarray, target: int, minimum_area: int
) -> np.ndarray:
    """Merge a partition down to `target` regions, as far as colors and islands allow.

    Ward's method on the colors `lab` [3, H, W], weighted by their `gradient` [H, W] along the
    borders; regions of fewer than `minimum_area` pixels are merged first. The cost is
    described in docs/segmentation.md.
    """
    _require_same_size(labels, lab[0], gradient)
    merged = labels.copy()
    _merge(_partition(merged, lab, gradient), target, minimum_area, ctypes.c_int32())
    return merged


def _partition(
    labels: np.ndarray, lab: np.ndarray, gradient: np.ndarray | None = None
) -> Partition:
    """Describe an image divided into regions to C, which changes `labels` in place."""
    height, width = labels.shape
    return Partition(
        labels=labels,
        lab=lab,
        gradient=gradient,
        height=height,
        width=width,
        label_count=_label_count(labels),
    )


def _require_same_size(labels: np.ndarray, *planes: np.ndarray) -> None:
    for plane in planes:
        if plane.shape != labels.shape:
            raise ValueError(f"labels {labels.shape} and pixels {plane.shape} don't fit")


def _label_count(labels: np.ndarray) -> int:
    return int(labels.max(initial=-1)) + 1
