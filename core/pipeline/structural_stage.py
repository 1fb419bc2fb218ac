# SPDX-License-Identifier: GPL-3.0-or-later
"""From pixels to structural paths: masks, saliency, clustering (Stages I and II), tracing."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

import numpy as np

from ..clustering.merge_tree import MergeTree
from ..clustering.merging import cluster, relabel
from ..drawing import Path
from ..image import Image, resize
from ..refinement.optimization import Target
from ..saliency.combine import find_saliency
from ..saliency.maps import floored
from ..saliency.sources import requests_in
from ..segmentation.initial_partition import first_masks
from ..settings import Settings
from ..tracing.structural import structural_paths
from .levels_of_detail import LevelsOfDetail, levels_of_detail
from .progress import MASKS_END, Hooks

# Beneath a drawing of a transparent image: far from every color, so that covering what is
# transparent costs more than anything else.
_NOWHERE = np.full(3, -1.0, np.float32)

# Shapes should keep to one of so many regions, the last to be merged: those are things rather
# than shades. Kept to the regions that they are traced from, shapes would lose 0.1 dB.
_SEMANTIC_REGIONS = 12

# Saliency to these powers weighs the merging of masks, and the error (where detail is born it
# counts twice). The plain weight in both would gain little more where guidance points, and cost
# the rest of the image twice as much: structure serves the whole picture, detail what matters.
_CLUSTERING_POWER, _ERROR_POWER = 0.25, 0.75

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
        requests = requests_in(settings)
        found = find_saliency(work, requests, painted=saliency, cache=cache, report=on_saliency)
        importance = floored(found, settings.saliency_floor)

    def on_merging(share: float) -> None:
        hooks.continue_or_cancel()
        hooks.report("clustering", 0.07 + 0.04 * share, "Merging masks")

    with hooks.stage("clustering", 0.07, "Merging masks"):
        clustering = cluster(
            first_labels,
            work.rgb,
            importance**_CLUSTERING_POWER,
            settings.structural,
            settings.clustering,
            settings.rounds,
            settings.seed,
            on_merging,
        )
    hooks.continue_or_cancel()
    with hooks.stage("tracing", 0.12, "Tracing regions"):
        paths = structural_paths(clustering.labels, work.rgb, settings.threads)
    paths = paths[: settings.structural]
    semantic_regions = relabel(first_labels, clustering.tree.level(_SEMANTIC_REGIONS))
    target = _target(work, clustering.labels, semantic_regions, importance)
    levels = levels_of_detail(first_labels, work.rgb, clustering.tree, settings.fills == "gradient")
    return Structure(work, clustering.labels, clustering.tree, levels, paths, target)


def _target(
    work: Image, labels: np.ndarray, semantic_regions: np.ndarray, importance: np.ndarray
) -> Target:
    image, background = work.rgb, np.zeros(3, np.float32)
    if work.alpha is not None:
        background = _NOWHERE
        image = background + work.alpha[..., None] * (work.rgb - background)
    weight = importance**_ERROR_POWER
    weight = (weight / weight.mean()).astype(np.float32)
    parents = np.full(int(labels.max(initial=-1)) + 1, -1, np.int32)
    parents[labels[labels >= 0]] = semantic_regions[labels >= 0]
    return Target(
        np.ascontiguousarray(image, np.float32), weight, background, semantic_regions, parents
    )
