# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a picture: what CLIP's image tower makes of it, and what words find in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..image import Image
from ..models.clip import Clip
from ..system.content_key import content_key
from .attention_rollout import explicit_attention, relevance_to_first
from .views import arrange_views

if TYPE_CHECKING:
    from torch import Tensor

# Bytes that views may take which are looked at together, or kept for the next prompt.
_MEMORY = 2**31

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


class Look:
    """One picture, looked at by one model; what it saw is kept where that takes little memory."""

    def __init__(self, image: Image, clip: Clip) -> None:
        self._image, self._clip = image, clip
        self._views = arrange_views(image.height, image.width, clip.side, clip.patch // 4)
        self._kept: list[Glance] = []

    def relevance(
        self, texts: Tensor, batch: int, on_step: Callable[[float], None] | None = None
    ) -> Tensor:
        """How much each pixel speaks for unit vectors [T, D] of phrases: [T, height, width].

        Not negative, but on no particular scale. Every view finds something, if only noise,
        so that each counts by how well it fits the phrase beside the others. At most `batch`
        views are looked at together. on_step is called with the share done before each
        batch, and may raise to stop.
        """
        import torch

        maps, scores = [], []
        for glance in self._glances(batch, on_step or (lambda share: None)):
            score = texts @ glance.features.T  # [T, V]
            maps.append(torch.stack([_patches(glance, of_text) for of_text in score]))
            scores.append(score.detach())
        scale = _CERTAINTY * self._clip.network.logit_scale.exp()
        weights = torch.softmax(scale * torch.cat(scores, dim=1), dim=1)
        weighted = torch.cat(maps, dim=1) * weights[..., None, None]  # [T, V, g, g]
        size = self._image.height, self._image.width
        return torch.stack([self._views.join(of_text, *size) for of_text in weighted])

    def _glances(self, batch: int, on_step: Callable[[float], None]) -> Iterator[Glance]:
        """All views, batch by batch: those that are kept, or new ones."""
        if self._kept:
            on_step(0.0)
            yield from self._kept
            return
        pictures = self._views.cut(_normalized(self._image, self._clip))
        affordable = _MEMORY // _bytes_of_a_view(self._clip)
        batch = max(1, min(batch, affordable))
        seen = []
        for start in range(0, len(pictures), batch):
            on_step(start / len(pictures))
            glance = _glance(pictures[start : start + batch], self._clip)
            if len(pictures) <= affordable:
                seen.append(glance)
            yield glance
        self._kept = seen


def look_at(image: Image, clip: Clip) -> Look:
    """A look at a picture; the last one is remembered."""
    global _last
    key = clip, content_key(image.rgb, image.alpha)
    if _last is None or _last[0] != key:
        _last = key, Look(image, clip)
    return _last[1]


_last: tuple[tuple[Clip, str], Look] | None = None


def _patches(glance: Glance, score: Tensor) -> Tensor:
    """Relevance of each patch to a score [V]: [V, g, g]."""
    patches = relevance_to_first(glance.attentions, score)[:, 1:]
    grid = round(patches.shape[1] ** 0.5)
    return patches.unflatten(1, (grid, grid))


def _glance(pictures: Tensor, clip: Clip) -> Glance:
    layers = clip.network.visual.transformer.resblocks
    with explicit_attention([layer.attn for layer in layers]) as attentions:
        features = clip.network.encode_image(pictures, normalize=True)
    return Glance(features, attentions)


def _normalized(image: Image, clip: Clip) -> Tensor:
    """The picture as the model was trained to see it: [3, H, W]."""
    import torch

    rgb = torch.from_numpy(image.rgb).to(clip.device)
    if image.alpha is not None:
        alpha = torch.from_numpy(image.alpha).to(clip.device)[..., None]
        rgb = _BEHIND + alpha * (rgb - _BEHIND)
    mean, deviation = (rgb.new_tensor(values) for values in (clip.mean, clip.deviation))
    return ((rgb - mean) / deviation).permute(2, 0, 1)


def _bytes_of_a_view(clip: Clip) -> int:
    """What the layers save of one view for its gradients, roughly."""
    layers = clip.network.visual.transformer.resblocks
    tokens = 1 + (clip.side // clip.patch) ** 2
    attention = layers[0].attn
    numbers = 13 * tokens * attention.embed_dim + 3 * attention.num_heads * tokens**2
    return 4 * len(layers) * numbers
