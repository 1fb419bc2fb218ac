# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a vectorization starts: the user's masks, or SAM's, or those of the built-in segmenter."""

from __future__ import annotations

from collections.abc import MutableMapping

import numpy as np

from ..errors import MaskError
from ..image import Image
from ..models import locate
from ..models.devices import choose_device, limit_threads
from ..settings import Settings
from ..system.content_key import content_key
from .builtin import over_segment
from .partition import flatten_masks, from_labels
from .sam import MaskSearch, OnStep, automatic_masks


def first_masks(
    image: Image,
    work: Image,
    inside: np.ndarray | None,
    settings: Settings,
    *,
    masks: np.ndarray | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
    on_step: OnStep | None = None,
) -> np.ndarray:
    """A partition int32 [H, W] of the working image, -1 where `inside` bool [H, W] is false.

    image: the original, of which SAM sees more than of `work`. masks: the user's, labels
    [H0, W0] or a stack bool [M, H0, W0] of the image's size. cache: knows earlier partitions.
    Raises MaskError; with SAM, see `sam.automatic_masks` and `models.locate`.
    """
    sam = _sam_settings(settings) if masks is None else ()
    wanted = max(settings.mask_count, 2 * settings.structural)
    key = content_key(work.rgb, work.alpha, masks, wanted, sam)
    if cache is not None and key in cache:
        return cache[key]
    if masks is not None:
        masks = _at_working_size(masks, image, work)
        flatten = flatten_masks if masks.ndim == 3 else from_labels
        labels = flatten(masks, work.rgb, inside)
    elif settings.segmenter == "sam":
        found = _objects(image, work, settings, cache, on_step)
        rest = _leftovers(found, work, inside, wanted, settings.threads)
        labels = flatten_masks(found, work.rgb, inside, leftovers=rest)
    else:
        labels = over_segment(work.rgb, wanted, inside, settings.threads)
    if cache is not None:
        cache[key] = labels
    return labels


def _sam_settings(settings: Settings) -> tuple[object, ...]:
    """All that SAM's masks depend on; empty where it isn't used."""
    if settings.segmenter != "sam":
        return ()
    thresholds = settings.predicted_iou, settings.stability
    return settings.sam_model, settings.device, settings.points_per_side, *thresholds


def _objects(
    image: Image,
    work: Image,
    settings: Settings,
    cache: MutableMapping[str, np.ndarray] | None,
    on_step: OnStep | None,
) -> np.ndarray:
    """SAM's masks at working size: bool [M, H, W]."""
    device = choose_device(settings.device)  # first: without an engine, no model is missed
    limit_threads(settings.threads)
    return automatic_masks(
        image,
        (work.height, work.width),
        locate(settings.sam_model),
        MaskSearch(settings.points_per_side, settings.predicted_iou, settings.stability),
        device=device,
        cache=cache,
        on_step=on_step,
    )


def _leftovers(
    found: np.ndarray, work: Image, inside: np.ndarray | None, wanted: int, threads: int
) -> np.ndarray:
    """Regions int32 [H, W] of what no mask covers, as large as those of the built-in segmenter."""
    uncovered = ~found.any(axis=0)
    if inside is not None:
        uncovered &= inside
    return over_segment(work.rgb, round(wanted * float(uncovered.mean())), uncovered, threads)


def _at_working_size(masks: np.ndarray, image: Image, work: Image) -> np.ndarray:
    """Masks [..., H, W] of the image's size, the nearest pixel of each working pixel."""
    if masks.ndim not in (2, 3) or masks.shape[-2:] != (image.height, image.width):
        raise MaskError(
            f"The masks have shape {masks.shape}, the image {(image.height, image.width)}.",
            "Give masks of the same size as the image.",
        )
    rows = ((np.arange(work.height) + 0.5) * image.height / work.height).astype(int)
    columns = ((np.arange(work.width) + 0.5) * image.width / work.width).astype(int)
    return masks[..., rows[:, None], columns]
