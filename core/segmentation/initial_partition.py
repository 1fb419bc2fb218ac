# SPDX-License-Identifier: GPL-3.0-or-later
"""Initial partition of an image: by the user's masks, by SAM or by the built-in segmenter."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import astuple, dataclass

import numpy as np

from ..errors import MaskError
from ..image import Image
from ..models import locate
from ..models.devices import choose_device, limit_threads
from ..system.content_key import content_key
from .builtin import over_segment
from .partition import flatten_masks, from_labels
from .sam import MaskSearch, OnStep, automatic_masks


@dataclass(frozen=True)
class SamOptions:
    """Settings of the same names, on which SAM's masks depend."""

    model: str
    device: str
    points_per_side: int
    predicted_iou: float
    stability: float


def initial_partition(
    image: Image,
    working_image: Image,
    valid_mask: np.ndarray | None,
    count: int,
    *,
    sam: SamOptions | None = None,
    masks: np.ndarray | None = None,
    threads: int = 0,
    cache: MutableMapping[str, np.ndarray] | None = None,
    on_step: OnStep | None = None,
) -> np.ndarray:
    """Return a partition int32 [H, W] of the working image, -1 where `valid_mask` is false.

    image: the original, which SAM sees at a higher resolution. valid_mask: bool [H, W], or None
    for all pixels. count: number of masks that the built-in segmenter finds. sam: finds masks with
    SAM instead. masks: the user's instead, labels [H0, W0] or a stack bool [M, H0, W0] of the
    image's size. cache: keeps partitions by content.
    Raises MaskError; with SAM, see `sam.automatic_masks` and `models.locate`.
    """
    by_sam = astuple(sam) if sam is not None and masks is None else ()
    key = content_key(working_image.rgb, working_image.alpha, masks, count, by_sam)
    if cache is not None and key in cache:
        return cache[key]
    if masks is not None:
        masks = _at_working_size(masks, image, working_image)
        flatten = flatten_masks if masks.ndim == 3 else from_labels
        labels = flatten(masks, working_image.rgb, valid_mask)
    elif sam is not None:
        found = _objects(image, working_image, sam, threads, cache, on_step)
        rest = _uncovered_regions(found, working_image, valid_mask, count, threads)
        labels = flatten_masks(found, working_image.rgb, valid_mask, uncovered=rest)
    else:
        labels = over_segment(working_image.rgb, count, valid_mask, threads)
    if cache is not None:
        cache[key] = labels
    return labels


def _objects(
    image: Image,
    working_image: Image,
    sam: SamOptions,
    threads: int,
    cache: MutableMapping[str, np.ndarray] | None,
    on_step: OnStep | None,
) -> np.ndarray:
    """Return SAM's masks at working size: bool [M, H, W]."""
    device = choose_device(
        sam.device
    )  # first, as a missing engine matters more than a missing model
    limit_threads(threads)
    return automatic_masks(
        image,
        (working_image.height, working_image.width),
        locate(sam.model),
        MaskSearch(sam.points_per_side, sam.predicted_iou, sam.stability),
        device=device,
        cache=cache,
        on_step=on_step,
    )


def _uncovered_regions(
    found: np.ndarray,
    working_image: Image,
    valid_mask: np.ndarray | None,
    wanted: int,
    threads: int,
) -> np.ndarray:
    """Segment the pixels that no mask covers: int32 [H, W], regions of the usual size."""
    uncovered = ~found.any(axis=0)
    if valid_mask is not None:
        uncovered &= valid_mask
    return over_segment(
        working_image.rgb, round(wanted * float(uncovered.mean())), uncovered, threads
    )


def _at_working_size(masks: np.ndarray, image: Image, working_image: Image) -> np.ndarray:
    """Scale masks [..., H, W] of the image's size to working size, by nearest neighbor."""
    if masks.ndim not in (2, 3) or masks.shape[-2:] != (image.height, image.width):
        raise MaskError(
            f"The masks have shape {masks.shape}, the image {(image.height, image.width)}.",
            "Give masks of the same size as the image.",
        )
    rows = ((np.arange(working_image.height) + 0.5) * image.height / working_image.height).astype(
        int
    )
    columns = ((np.arange(working_image.width) + 0.5) * image.width / working_image.width).astype(
        int
    )
    return masks[..., rows[:, None], columns]
