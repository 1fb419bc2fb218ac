# SPDX-License-Identifier: GPL-3.0-or-later
"""Target of the refinement: the image over a background, and how much each pixel matters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..clustering.merge_tree import MergeTree
from ..clustering.merging import relabel
from ..image import Image
from ..refinement.target import Target
from .opacity import Opacity

# Beneath opaque shapes of a transparent image: far from every color, so that covering what is
# clear costs more than anything else.
_NOWHERE = np.full(3, -1.0, np.float32)

# Shapes should keep to one of so many regions, the last to be merged: those are objects rather
# than shades. Kept to the regions that they are traced from, shapes would lose 0.1 dB.
_SEMANTIC_REGIONS = 12

# Saliency to this power weighs the error; where detail is added, the weight counts twice. The
# plain saliency would gain little more where guidance points, and cost the rest of the image
# twice as much.
_ERROR_POWER = 0.75


def refinement_target(
    work: Image,
    initial: np.ndarray,
    tree: MergeTree,
    labels: np.ndarray,
    saliency: np.ndarray,
    opacity: Opacity,
) -> Target:
    """Return what the drawing should look like at working size.

    initial: int32 [H, W], the initial partition. tree: how it was merged. labels: int32 [H, W],
    the regions that structural paths are traced from. saliency: float [H, W] in (0, 1].
    opacity: the opacity that the drawing should have.
    """
    semantic = relabel(initial, tree.level(_SEMANTIC_REGIONS))
    parents = np.full(int(labels.max(initial=-1)) + 1, -1, np.int32)
    parents[labels[labels >= 0]] = semantic[labels >= 0]
    return image_target(work, opacity, error_weight(saliency), semantic, parents)


def error_weight(saliency: np.ndarray) -> np.ndarray:
    """Return how much the error of each pixel counts: float32 [H, W], mean 1."""
    weight = saliency**_ERROR_POWER
    return (weight / weight.mean()).astype(np.float32)


def image_target(
    work: Image,
    opacity: Opacity,
    weight: np.ndarray,
    regions: np.ndarray,
    parents: np.ndarray,
    background: Sequence[float] = (0.0, 0.0, 0.0),
) -> Target:
    """Return the target for an image at working size.

    weight, regions, parents: as `Target` has them. background: sRGB, what lies beneath the paths
    of an image without clear pixels.
    """
    image, beneath, colors = work.rgb, np.array(background, np.float32), None
    if opacity.wanted is not None:
        colors = work.rgb
        beneath = np.zeros(3, np.float32) if opacity.transparent else _NOWHERE
        image = beneath + opacity.wanted[..., None] * (colors - beneath)
    return Target(
        np.ascontiguousarray(image, np.float32),
        weight,
        beneath,
        regions,
        parents,
        colors=colors,
        opacity=opacity.wanted,
        transparent=opacity.transparent and opacity.wanted is not None,
    )
