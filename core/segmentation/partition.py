# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks of any kind as a partition: every pixel in exactly one 4-connected region."""

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
    inside: np.ndarray | None = None,
    minimum_area: int = 60,
    leftovers: np.ndarray | None = None,
) -> np.ndarray:
    """A stack of masks bool [M, H, W], which may overlap and leave gaps, as a partition.

    Large masks are painted under small ones; what no mask covers becomes regions too, those
    of the label image `leftovers` [H, W] where that is given. See `from_labels` for the rest.
    Raises MaskError where the sizes don't fit.
    """
    if masks.ndim != 3 or masks.shape[1:] != image.shape[:2]:
        raise _misfit(masks.shape, image)
    labels = paint_masks(masks != 0)
    if leftovers is not None:
        labels = np.where(labels == UNCOVERED, len(masks) + leftovers, labels)
    return from_labels(labels, image, inside, minimum_area)


def from_labels(
    label_image: np.ndarray,
    image: np.ndarray,
    inside: np.ndarray | None = None,
    minimum_area: int = 60,
) -> np.ndarray:
    """A label image [H, W] as a partition int32 [H, W], -1 where `inside` is false.

    Each distinct label is a mask, whatever its number; masks are split into 4-connected
    regions. Regions of fewer than `minimum_area` pixels are absorbed, the smallest first,
    into the neighbor nearest in mean color of the sRGB `image` [H, W, 3]; only islands
    may stay smaller. Raises MaskError where the sizes don't fit.
    """
    if label_image.shape != image.shape[:2]:
        raise _misfit(label_image.shape, image)
    if inside is None:
        inside = np.ones(label_image.shape, bool)
    numbers = np.unique(label_image, return_inverse=True)[1].reshape(label_image.shape)
    regions = connected_components(np.where(inside, numbers, -1))
    return absorb_small_regions(regions, lab_planes(image, inside), minimum_area)


def _misfit(shape: tuple[int, ...], image: np.ndarray) -> MaskError:
    return MaskError(
        f"The masks have shape {tuple(shape)}, the image {tuple(image.shape[:2])}.",
        "Give a label image [H, W] or masks [M, H, W] of the image's size.",
    )
