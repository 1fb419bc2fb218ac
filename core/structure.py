# SPDX-License-Identifier: GPL-3.0-or-later
"""From pixels to structural paths: masks, saliency, clustering (Stages I and II), tracing."""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .clustering.merge_tree import MergeTree
from .clustering.merging import cluster
from .drawing import Path
from .errors import MaskError, SaliencyError
from .hooks import Hooks
from .image import Image, resize
from .level_of_detail import LevelsOfDetail, levels_of_detail
from .refinement.optimisation import Target
from .saliency.maps import floored, from_image, uniform
from .saliency.prompt import prompt_saliency
from .segmentation.builtin import over_segment
from .segmentation.partition import flatten_masks, from_labels
from .settings import Settings
from .tracing.structural import structural_paths

# Beneath a drawing of a transparent image: far from every colour, so that covering what is
# transparent costs more than anything else.
_NOWHERE = np.full(3, -1.0, np.float32)

# Pixels more transparent than this are outside of the drawing.
_INVISIBLE = 0.5


@dataclass(frozen=True)
class Structure:
    """Where Stage III starts from; all at working size.

    work: the image that is worked on. labels: int32 [H, W], the partition that the paths
    were traced from. tree: how the first masks merged into it. levels: what coarser and
    finer drawings take. paths: structural paths in painting order. target: what the drawing
    should look like, and how much where.
    """

    work: Image
    labels: np.ndarray
    tree: MergeTree
    levels: LevelsOfDetail
    paths: list[Path]
    target: Target


def find_structure(
    image: Image,
    settings: Settings,
    *,
    saliency: np.ndarray | None = None,
    masks: np.ndarray | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
    hooks: Hooks | None = None,
) -> Structure:
    """Masks merged into regions and traced; arguments as of `pipeline.vectorize`.

    Raises SaliencyError, MaskError, EngineMissingError, and Cancelled on request.
    """
    hooks = hooks or Hooks()
    work = resize(image, settings.resolution)
    inside = None if work.alpha is None else work.alpha >= _INVISIBLE
    with hooks.stage("segmentation", 0.0, "Finding masks"):
        first_labels = _partition(image, work, inside, masks, settings, cache)
    hooks.continue_or_cancel()
    with hooks.stage("saliency", 0.05, "Weighing what matters"):
        importance = _saliency(work, saliency, settings)

    def on_merging(share: float) -> None:
        hooks.continue_or_cancel()
        hooks.report("clustering", 0.07 + 0.04 * share, "Merging masks")

    with hooks.stage("clustering", 0.07, "Merging masks"):
        clustering = cluster(
            first_labels,
            work.rgb,
            importance,
            settings.structural,
            settings.clustering,
            settings.rounds,
            settings.seed,
            on_merging,
        )
    hooks.continue_or_cancel()
    with hooks.stage("tracing", 0.12, "Tracing regions"):
        paths = structural_paths(clustering.labels, work.rgb)[: settings.structural]
    target = _target(work, clustering.labels, importance)
    levels = levels_of_detail(first_labels, work.rgb, clustering.tree)
    return Structure(work, clustering.labels, clustering.tree, levels, paths, target)


def _partition(
    image: Image,
    work: Image,
    inside: np.ndarray | None,
    masks: np.ndarray | None,
    settings: Settings,
    cache: MutableMapping[str, np.ndarray] | None,
) -> np.ndarray:
    """The masks as a partition of the working image, from the cache where it knows them."""
    wanted = max(settings.masks, 2 * settings.structural)
    key = _content_key(work.rgb, work.alpha, masks, wanted)
    if cache is not None and key in cache:
        return cache[key]
    if masks is None:
        labels = over_segment(work.rgb, wanted, inside, settings.threads)
    else:
        masks = _at_working_size(masks, image, work)
        flatten = flatten_masks if masks.ndim == 3 else from_labels
        labels = flatten(masks, work.rgb, inside)
    if cache is not None:
        cache[key] = labels
    return labels


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


def _content_key(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()


def _saliency(work: Image, painted: np.ndarray | None, settings: Settings) -> np.ndarray:
    """One map [H, W] in [0, 1], floored: painted, or of the prompt, or uniform."""
    if painted is not None:
        if painted.ndim not in (2, 3):
            raise SaliencyError(f"A saliency map can't have shape {painted.shape}.")
        importance = from_image(painted, work.height, work.width)
    elif settings.prompt:
        importance = prompt_saliency(work.rgb, settings.prompt)
    else:
        importance = uniform(work.height, work.width)
    return floored(importance, settings.saliency_floor)


def _target(work: Image, labels: np.ndarray, importance: np.ndarray) -> Target:
    image, background = work.rgb, np.zeros(3, np.float32)
    if work.alpha is not None:
        background = _NOWHERE
        image = background + work.alpha[..., None] * (work.rgb - background)
    # The square root: guidance gains two thirds as much where it points, and costs the rest
    # of the image less than half of what the plain weight would.
    weight = np.sqrt(importance)
    weight = (weight / weight.mean()).astype(np.float32)
    return Target(
        np.ascontiguousarray(image, np.float32), weight, background, _owned_pixels(labels)
    )


def _owned_pixels(labels: np.ndarray) -> np.ndarray:
    """The labels, with pixels on the border of two regions belonging to nobody (-2)."""
    border = np.zeros(labels.shape, bool)
    rows = labels[1:] != labels[:-1]
    columns = labels[:, 1:] != labels[:, :-1]
    border[1:] |= rows
    border[:-1] |= rows
    border[:, 1:] |= columns
    border[:, :-1] |= columns
    return np.where(border & (labels >= 0), -2, labels).astype(np.int32)
