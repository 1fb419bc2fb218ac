# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of masks to a partition: every pixel in exactly one 4-connected region."""

from __future__ import annotations

import numpy as np

from ..errors import MaskError
from .color import lab_planes
from .regions import absorb_small_regions, connected_components
from .user_masks import UNCOVERED, load_masks, paint_masks

__all__ = ["connected_components", "flatten_masks", "from_labels", "load_masks"]


def flatten_masks(
    masks: np.ndarray,
    image: np.ndarray,
    valid_mask: np.ndarray | None = None,
    minimum_area: int = 60,
    uncovered: np.ndarray | None = None,
) -> np.ndarray:
    """Convert masks bool [M, H, W], which may overlap and leave gaps, to a partition.

    Large masks are painted under small ones. Pixels that no mask covers become regions, too:
    those of the label image `uncovered` [H, W] if given. See `from_labels` for the rest.
    Raises MaskError for different sizes.
    """
    if masks.ndim != 3 or masks.shape[1:] != image.shape[:2]:
        raise _misfit(masks.shape, image)
    labels = paint_masks(masks != 0)
    if uncovered is not None:
        labels = np.where(labels == UNCOVERED, len(masks) + uncovered, labels)
    return from_labels(labels, image, valid_mask, minimum_area)


def from_labels(
    label_image: np.ndarray,
    image: np.ndarray,
    valid_mask: np.ndarray | None = None,
    minimum_area: int = 60,
) -> np.ndarray:
    """Convert a label image [H, W] to a partition int32 [H, W], -1 where `valid_mask` is false.

    Each distinct label is a mask, whatever its number; masks are split into 4-connected
    regions. Regions of fewer than `minimum_area` pixels are absorbed, the smallest first,
    into the neighbor nearest in mean color of the sRGB `image` [H, W, 3]; only islands
    may stay smaller. Raises MaskError for different sizes.
    """
    if label_image.shape != image.shape[:2]:
        raise _misfit(label_image.shape, image)
    if valid_mask is None:
        valid_mask = np.ones(label_image.shape, bool)
    numbers = np.unique(label_image, return_inverse=True)[1].reshape(label_image.shape)
    regions = connected_components(np.where(valid_mask, numbers, -1))
    return absorb_small_regions(regions, lab_planes(image, valid_mask), minimum_area)


def _misfit(shape: tuple[int, ...], image: np.ndarray) -> MaskError:
    return MaskError(
        f"The masks have shape {tuple(shape)}, the image {tuple(image.shape[:2])}.",
        "Give a label image [H, W] or masks [M, H, W] of the image's size.",
    )
