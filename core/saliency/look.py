# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a picture: what CLIP's image tower makes of it, and what words find in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..content_key import content_key
from ..image import Image
from ..models.clip import Clip
from .attention_rollout import explicit_attention, relevance_to_first
from .views import Views, arrange_views

if TYPE_CHECKING:
    from torch import Tensor

# A look that takes more memory than this is not kept for the next prompt, bytes.
_MOST_KEPT = 2**30

# How much of CLIP's own certainty decides which views count: with all of it, only one of two
# places where a thing stands may be left.
_CERTAINTY = 0.5

# What shows behind transparent pixels: sRGB.
_BEHIND = 0.5


class Glance(NamedTuple):
    """Views that were looked at together, with all that gradients need.

    features: unit vectors [V, D]. attentions: [V, heads, 1 + g², 1 + g²] of each layer.
    """

    features: Tensor
    attentions: list[Tensor]


@dataclass(frozen=True)
class Look:
    """All views of one picture of height x width. scale: that of CLIP's logits."""

    height: int
    width: int
    scale: float
    views: Views
    glances: list[Glance]

    def relevance(self, text: Tensor) -> Tensor:
        """How much each pixel speaks for a unit vector [D] of a phrase: [height, width].

        Not negative, but on no particular scale. Every view finds something, if only noise,
        so that each counts by how well it fits the phrase beside the others.
        """
        import torch

        maps, scores = [], []
        for features, attentions in self.glances:
            score = features @ text  # [V]
            patches = relevance_to_first(attentions, score)[:, 1:]  # [V, g²]
            grid = round(patches.shape[1] ** 0.5)
            maps.append(patches.unflatten(1, (grid, grid)))
            scores.append(score.detach())
        weights = torch.softmax(_CERTAINTY * self.scale * torch.cat(scores), dim=0)
        weighted = torch.cat(maps) * weights[:, None, None]
        return self.views.join(weighted, self.height, self.width)


def look_at(
    image: Image, clip: Clip, batch: int, progress: Callable[[float], None] | None = None
) -> Look:
    """Look at all views of a picture, `batch` at once. The last look is remembered.

    progress is called with the share done before each batch, and may raise to stop.
    """
    global _kept
    key = _Key(clip, content_key(image.rgb, image.alpha))
    if _kept is not None and _kept[0] == key:
        return _kept[1]
    _kept = None  # makes room
    look = _look_at(image, clip, batch, progress or (lambda share: None))
    if _bytes(look, clip) <= _MOST_KEPT:
        _kept = key, look
    return look


def _look_at(image: Image, clip: Clip, batch: int, progress: Callable[[float], None]) -> Look:
    views = arrange_views(image.height, image.width, clip.side, clip.patch // 4)
    pictures = views.cut(_normalised(image, clip))
    glances = []
    for start in range(0, len(pictures), batch):
        progress(start / len(pictures))
        glances.append(_glance(pictures[start : start + batch], clip))
    scale = float(clip.network.logit_scale.exp())
    return Look(image.height, image.width, scale, views, glances)


def _glance(pictures: Tensor, clip: Clip) -> Glance:
    tower = clip.network.visual.transformer.resblocks
    with explicit_attention([block.attn for block in tower]) as attentions:
        features = clip.network.encode_image(pictures, normalize=True)
    return Glance(features, attentions)


def _normalised(image: Image, clip: Clip) -> Tensor:
    """The picture as the model was trained to see it: [3, H, W]."""
    import torch

    rgb = torch.from_numpy(image.rgb).to(clip.device)
    if image.alpha is not None:
        alpha = torch.from_numpy(image.alpha).to(clip.device)[..., None]
        rgb = _BEHIND + alpha * (rgb - _BEHIND)
    mean, deviation = (rgb.new_tensor(values) for values in (clip.mean, clip.deviation))
    return ((rgb - mean) / deviation).permute(2, 0, 1)


class _Key(NamedTuple):
    clip: Clip
    content: str


_kept: tuple[_Key, Look] | None = None


def _bytes(look: Look, clip: Clip) -> int:
    """Memory of a look, roughly: what a transformer's layers save for their gradients."""
    numbers = 0
    for _, attentions in look.glances:
        for attention in attentions:
            views, _, tokens, _ = attention.shape
            width = clip.network.visual.conv1.out_channels
            numbers += 13 * views * tokens * width + 3 * attention.numel()
    return 4 * numbers
