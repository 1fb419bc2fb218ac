# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency of what differs in color from the borders of the image, without a network.

Subjects rarely touch the borders. The contrast to them is that of J. Zhang et al.: Minimum
Barrier Salient Object Detection at 80 FPS (ICCV 2015), section 3.3, weighted by a center prior.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..image import Image, resize
from ..models.network import resize_bilinear
from ..segmentation.color import lab_planes
from .maps import on_gray

_LONG_SIDE = 128  # pixels at which colors are compared, so that texture is averaged
_BORDER = 0.1  # width of a border, as a fraction of the short side
_NOISE = 0.05  # standard deviation of colors within one surface, in Lab / 100
_LOWEST = 0.01  # contrast of any pixel below which there is nothing to find
_CENTER = 0.25  # standard deviation of the center prior, as a fraction of each side


def contrast_saliency(
    image: Image, contrast: bool, report: Callable[[float, str], None]
) -> np.ndarray | None:
    """Return the contrast of each pixel to the borders: float32 [H, W] in [0, 1].

    None for an image of one color. report: as of `Source.find`.
    """
    report(0.0, "Comparing colors")
    small = on_gray(resize(image, _LONG_SIDE))
    lab = lab_planes(small, np.ones(small.shape[:2], bool)).transpose(1, 2, 0)
    weighted = _contrast_to_borders(lab) * _center_prior(*lab.shape[:2])
    highest = float(weighted.max())
    if highest < _LOWEST:
        return None
    size = [image.height, image.width]
    found = resize_bilinear((weighted / highest)[..., None], size=size, half_pixel=True)
    return found[..., 0].clip(0.0, 1.0).astype(np.float32)


def _contrast_to_borders(lab: np.ndarray) -> np.ndarray:
    """Sum the distances of all colors [H, W, 3] to three of the four borders: [H, W].

    The border that a pixel differs most from is left out, so that a subject may touch one.
    """
    depth = max(1, round(_BORDER * min(lab.shape[:2])))
    borders = (lab[:depth], lab[-depth:], lab[:, :depth], lab[:, -depth:])
    distances = np.stack([_distance(lab, border.reshape(-1, 3)) for border in borders])
    return distances.sum(axis=0) - distances.max(axis=0)


def _distance(lab: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Compute the Mahalanobis distance of [H, W, 3] to colors [N, 3], scaled to [0, 1]: [H, W].

    Distances below 1, which is noise, are not scaled up.
    """
    difference = lab - colors.mean(axis=0)
    deviation = colors - colors.mean(axis=0)
    covariance = deviation.T @ deviation / len(colors) + _NOISE**2 * np.eye(3)
    squared = np.einsum("hwi,ij,hwj->hw", difference, np.linalg.inv(covariance), difference)
    distance = np.sqrt(squared.clip(min=0.0))
    return distance / max(float(distance.max()), 1.0)


def _center_prior(height: int, width: int) -> np.ndarray:
    """Return a Gaussian around the center of the image: [H, W]."""
    rows, columns = (
        ((np.arange(count) + 0.5) / count - 0.5) / _CENTER for count in (height, width)
    )
    return np.exp(-0.5 * (rows[:, None] ** 2 + columns**2))
