# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP relevance maps of an image for text prompts, over overlapping views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..image import Image
from ..models.clip import Clip
from ..system.content_key import content_key
from .attention_rollout import explicit_attention, relevance_to_first
from .maps import on_gray
from .views import arrange_views

if TYPE_CHECKING:
    from torch import Tensor

# Memory in bytes for the views encoded together, or kept for the next prompt.
_MEMORY = 2**31

# Factor of CLIP's logit scale in the weights of views: with 1, only one of two places where an
# object is may be left.
_CERTAINTY = 0.5


class ViewBatch(NamedTuple):
    """Views encoded together, with the computation graph of their features.

    features: unit vectors [V, D]. attentions: [V, heads, 1 + g², 1 + g²] of each layer.
    """

    features: Tensor
    attentions: list[Tensor]


class ClipRelevance:
    """Relevance maps of one image by one model; its encoded views are kept if they are small."""

    def __init__(self, image: Image, clip: Clip) -> None:
        self._image, self._clip = image, clip
        self._views = arrange_views(image.height, image.width, clip.side, clip.patch // 4)
        self._kept: list[ViewBatch] = []

    def relevance(
        self, texts: Tensor, batch: int, on_step: Callable[[float], None] | None = None
    ) -> Tensor:
        """Compute the relevance of each pixel to phrases, unit vectors [T, D]: [T, height, width].

        Values are not negative and have no fixed scale. Every view has some relevance, if only
        noise, so views are weighted by how well they fit the phrase, compared with the others. At
        most `batch` views are encoded together. on_step is called with the fraction done before
        each batch, and may raise to stop.
        """
        import torch

        maps, scores = [], []
        for views in self._batches(batch, on_step or (lambda fraction: None)):
            score = texts @ views.features.T  # [T, V]
            maps.append(torch.stack([_patches(views, of_text) for of_text in score]))
            scores.append(score.detach())
        scale = _CERTAINTY * self._clip.network.logit_scale.exp()
        weights = torch.softmax(scale * torch.cat(scores, dim=1), dim=1)
        weighted = torch.cat(maps, dim=1) * weights[..., None, None]  # [T, V, g, g]
        size = self._image.height, self._image.width
        return torch.stack([self._views.join(of_text, *size) for of_text in weighted])

    def _batches(self, batch: int, on_step: Callable[[float], None]) -> Iterator[ViewBatch]:
        """Yield all views in batches: those kept from the last prompt, or newly encoded ones."""
        if self._kept:
            on_step(0.0)
            yield from self._kept
            return
        images = self._views.cut(_normalized(self._image, self._clip))
        affordable = _MEMORY // _bytes_per_view(self._clip)
        batch = max(1, min(batch, affordable))
        encoded = []
        for start in range(0, len(images), batch):
            on_step(start / len(images))
            views = _encode(images[start : start + batch], self._clip)
            if len(images) <= affordable:
                encoded.append(views)
            yield views
        self._kept = encoded


def relevance_for(image: Image, clip: Clip) -> ClipRelevance:
    """Return the relevance maps of an image; the last image's are kept."""
    global _last
    key = clip, content_key(image.rgb, image.alpha)
    if _last is None or _last[0] != key:
        _last = key, ClipRelevance(image, clip)
    return _last[1]


_last: tuple[tuple[Clip, str], ClipRelevance] | None = None


def _patches(views: ViewBatch, score: Tensor) -> Tensor:
    """Compute the relevance of each patch to a score [V]: [V, g, g]."""
    patches = relevance_to_first(views.attentions, score)[:, 1:]
    grid = round(patches.shape[1] ** 0.5)
    return patches.unflatten(1, (grid, grid))


def _encode(images: Tensor, clip: Clip) -> ViewBatch:
    layers = clip.network.visual.transformer.resblocks
    with explicit_attention([layer.attn for layer in layers]) as attentions:
        features = clip.network.encode_image(images, normalize=True)
    return ViewBatch(features, attentions)


def _normalized(image: Image, clip: Clip) -> Tensor:
    """Return the image with the color statistics that the model was trained on: [3, H, W]."""
    import torch

    rgb = torch.from_numpy(on_gray(image)).to(clip.device)
    mean, deviation = (rgb.new_tensor(values) for values in (clip.mean, clip.deviation))
    return ((rgb - mean) / deviation).permute(2, 0, 1)


def _bytes_per_view(clip: Clip) -> int:
    """Estimate the memory that the layers need for the gradients of one view."""
    layers = clip.network.visual.transformer.resblocks
    tokens = 1 + (clip.side // clip.patch) ** 2
    attention = layers[0].attn
    numbers = 13 * tokens * attention.embed_dim + 3 * attention.num_heads * tokens**2
    return 4 * len(layers) * numbers
