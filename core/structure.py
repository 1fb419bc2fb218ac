# SPDX-License-Identifier: GPL-3.0-or-later
"""From pixels to structural paths: masks, saliency, clustering (Stages I and II), tracing."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

import numpy as np

from .clustering.merge_tree import MergeTree
from .clustering.merging import cluster
from .drawing import Path
from .hooks import MASKS_END, Hooks
from .image import Image, resize
from .level_of_detail import LevelsOfDetail, levels_of_detail
from .refinement.optimisation import Target
from .saliency.importance import find_importance
from .saliency.maps import floored
from .segmentation.first_masks import first_masks
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

    Raises SaliencyError, MaskError, Cancelled on request, and what SAM and CLIP raise.
    """
    hooks = hooks or Hooks()
    work = resize(image, settings.resolution)
    inside = None if work.alpha is None else work.alpha >= _INVISIBLE

    def on_masks(share: float, message: str) -> None:
        hooks.continue_or_cancel()
        hooks.report("segmentation", MASKS_END * share, message)

    with hooks.stage("segmentation", 0.0, "Finding masks"):
        first_labels = first_masks(
            image, work, inside, settings, masks=masks, cache=cache, on_step=on_masks
        )
    hooks.continue_or_cancel()

    def on_saliency(share: float, message: str) -> None:
        hooks.continue_or_cancel()
        hooks.report("saliency", MASKS_END + (0.07 - MASKS_END) * share, message)

    with hooks.stage("saliency", MASKS_END, "Weighing what matters"):
        found = find_importance(work, settings, painted=saliency, cache=cache, on_step=on_saliency)
        importance = floored(found, settings.saliency_floor)

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
