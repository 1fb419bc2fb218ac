# SPDX-License-Identifier: GPL-3.0-or-later
"""Agreement of paths with the masks of an image."""

from __future__ import annotations

import math

import numpy as np


def vector_compactness(
    covered: np.ndarray,
    labels: np.ndarray,
    inside: float = 0.85,
    touching: float = 0.0,
    smallest: int = 1,
) -> float:
    """Compute VeC, the share of the paths touching a mask that are contained in it, in [0, 1].

    For each mask, the share of the paths touching it that have more than `inside` of
    their area in it; the mean over all masks that a path touches; NaN if there is none.
    Wang et al., "Layered image vectorization via semantic simplification", 2025, as
    cited in the paper's section 5.2.

    covered: bool [N, H, W], see footprints.py. labels: int [H, W], the masks; pixels of
    negative labels are in none. touching: the least share of a path's area in a mask with which
    the two touch; at 0 one pixel is enough. smallest: masks of fewer pixels are ignored;
    hand-made masks contain specks of a pixel or two, which no path lies in.
    """
    masks = np.unique(labels, return_inverse=True)
    names, of_pixel = masks[0], masks[1].reshape(labels.shape)
    count = len(names)
    pixels = np.array([np.bincount(of_pixel[path], minlength=count) for path in covered])
    sizes = np.bincount(of_pixel.ravel(), minlength=count)
    pixels = pixels.reshape(-1, count)[:, (names >= 0) & (sizes >= smallest)]  # [N, masks]
    areas = covered.sum(axis=(1, 2))[:, None]
    touched = (pixels > 0) & (pixels >= touching * areas)
    contained = touched & (pixels > inside * areas)
    paths = touched.sum(axis=0)
    if not paths.any():
        return math.nan
    return float(np.mean(contained.sum(axis=0)[paths > 0] / paths[paths > 0]))
