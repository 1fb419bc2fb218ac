# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradient-weighted attention rollout: relevance of a vision transformer's tokens to a score.

H. Chefer, S. Gur, L. Wolf: Generic Attention-model Explainability for Interpreting Bi-Modal
and Encoder-Decoder Transformers (ICCV 2021), equations 5 and 6 for self-attention.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@contextmanager
def explicit_attention(layers: Sequence[Any]) -> Iterator[list[Tensor]]:
    """Run the `torch.nn.MultiheadAttention` modules in `layers` in elementary steps.

    Yields a list to which every call of a module appends its attention [B, heads, L, L], as a
    part of the computation graph, even if all weights are frozen. PyTorch's own kernel is fused
    and has no attention to differentiate by; what it returns with `need_weights` is not in the
    graph of its output.
    """
    attentions: list[Tensor] = []
    for layer in layers:
        layer.forward = partial(_attend, layer, attentions)
    try:
        yield attentions
    finally:
        for layer in layers:
            del layer.forward  # the class's own again


def relevance_to_first(attentions: Sequence[Tensor], score: Tensor) -> Tensor:
    """Compute the relevance of each token to `score` through the first token: [B, L].

    attentions: [B, heads, L, L] of each layer in order. score: [B], each of its own image
    only. With Ā = mean over heads of (∇A ⊙ A)⁺, relevance is R ← R + Ā R from R = I on.
    Only its first row is wanted, which is that of (I + Ā_n) ... (I + Ā_1): a vector, taken
    through the layers from the last to the first.
    """
    import torch

    gradients = torch.autograd.grad(score.sum(), list(attentions), retain_graph=True)
    relevance = torch.zeros_like(attentions[0][:, 0, 0])  # [B, L]
    relevance[:, 0] = 1.0
    for attention, gradient in zip(reversed(attentions), reversed(gradients), strict=True):
        weighted = (gradient * attention.detach()).clamp(min=0.0).mean(dim=1)  # [B, L, L]
        relevance = relevance + (relevance[:, None] @ weighted)[:, 0]
    return relevance


def _attend(
    layer: Any, attentions: list[Tensor], query: Tensor, *_: Any, **options: Any
) -> tuple[Tensor, None]:
    """Compute the self-attention of `query` by `layer` in elementary steps."""
    from torch.nn import functional

    if options.get("attn_mask") is not None:
        raise ValueError("Masked attention is not supported.")
    tokens = query if layer.batch_first else query.transpose(0, 1)  # [B, L, D]
    projected = functional.linear(tokens, layer.in_proj_weight, layer.in_proj_bias)
    by_head = projected.unflatten(2, (3, layer.num_heads, layer.head_dim))  # [B, L, 3, heads, d]
    queries, keys, values = by_head.permute(2, 0, 3, 1, 4)  # each [B, heads, L, d]
    attention = (queries @ keys.transpose(2, 3) / layer.head_dim**0.5).softmax(dim=3)
    if not attention.requires_grad:
        attention.requires_grad_()
    attentions.append(attention)
    output = layer.out_proj((attention @ values).transpose(1, 2).flatten(2))
    return (output if layer.batch_first else output.transpose(0, 1)), None
