# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradient-weighted attention rollout, written down as in the paper, head by head.

An oracle for core/saliency/attention_rollout.py: a vision transformer of open_clip's is run
through a forward pass of our own, from its weights alone, in float64; gradients of the
attention are taken by differences.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

STEP = 1e-6  # of differences


def features(visual: Any, picture: Tensor, added: dict[tuple[int, int], Tensor]) -> Any:
    """Unit feature [D] of one picture [3, S, S], and attentions [layers][heads][L, L].

    added: by (layer, head), what is added to the attention after its softmax.
    """
    patches = torch.nn.functional.conv2d(
        picture[None], visual.conv1.weight, stride=visual.patch_size
    )
    tokens = torch.cat([visual.class_embedding[None], patches[0].flatten(1).T])
    tokens = visual.ln_pre(tokens + visual.positional_embedding)
    attentions = []
    for index, block in enumerate(visual.transformer.resblocks):
        width, heads = block.attn.embed_dim, block.attn.num_heads
        size = width // heads
        weight, bias = block.attn.in_proj_weight, block.attn.in_proj_bias
        inputs = block.ln_1(tokens)
        query, key, value = (
            inputs @ weight[i * width : (i + 1) * width].T + bias[i * width : (i + 1) * width]
            for i in range(3)
        )
        outputs, of_heads = [], []
        for head in range(heads):
            part = slice(head * size, (head + 1) * size)
            scores = query[:, part] @ key[:, part].T / size**0.5
            attention = scores.exp() / scores.exp().sum(dim=1, keepdim=True)
            of_heads.append(attention)
            attention = attention + added.get((index, head), torch.zeros_like(attention))
            outputs.append(attention @ value[:, part])
        attentions.append(of_heads)
        tokens = tokens + block.attn.out_proj(torch.cat(outputs, dim=1))
        tokens = tokens + block.mlp(block.ln_2(tokens))
    feature = visual.ln_post(tokens[0]) @ visual.proj
    return feature / feature.norm(), attentions


def relevance(visual: Any, picture: Tensor, text: Tensor) -> Tensor:
    """Relevance of every patch [L - 1] of a picture to a unit vector [D]; all in float64."""
    with torch.no_grad():
        _, attentions = features(visual, picture, {})
        tokens = len(attentions[0][0])
        total = torch.eye(tokens, dtype=torch.float64)
        for layer, of_heads in enumerate(attentions):
            weighted = torch.zeros(tokens, tokens, dtype=torch.float64)
            for head, attention in enumerate(of_heads):
                gradient = _gradient(visual, picture, text, layer, head, tokens)
                for i in range(tokens):
                    for j in range(tokens):
                        weighted[i, j] += max(0.0, float(gradient[i, j] * attention[i, j]))
            total = total + weighted / len(of_heads) @ total
        return total[0, 1:]


def _gradient(
    visual: Any, picture: Tensor, text: Tensor, layer: int, head: int, tokens: int
) -> Tensor:
    """Of the score by each entry of one head's attention: central differences [L, L]."""
    gradient = torch.zeros(tokens, tokens, dtype=torch.float64)
    for i in range(tokens):
        for j in range(tokens):
            change = torch.zeros(tokens, tokens, dtype=torch.float64)
            change[i, j] = STEP
            above, _ = features(visual, picture, {(layer, head): change})
            below, _ = features(visual, picture, {(layer, head): -change})
            gradient[i, j] = (above - below) @ text / (2.0 * STEP)
    return gradient
