# SPDX-License-Identifier: GPL-3.0-or-later
"""Relevance through a vision transformer, against the formula written down in float64."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the AI engine's packages are not installed here")

from naive_rollout import relevance as naive_relevance  # noqa: E402

from semvec.core.models.clip import build_clip  # noqa: E402
from semvec.core.saliency.attention_rollout import explicit_attention, relevance_to_first  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def small_clip(head_width: int = 8, layers: int = 2) -> Any:
    """An untrained network that looks at 2 x 2 patches of 4 pixels, frozen."""
    torch.manual_seed(head_width)
    config = {
        "embed_dim": 12,
        "vision_cfg": {
            "image_size": 8, "patch_size": 4, "width": 24, "layers": layers,
            "head_width": head_width,
        },
        "text_cfg": {"context_length": 6, "vocab_size": 30, "width": 8, "heads": 2, "layers": 1},
    }  # fmt: skip
    return build_clip(config).eval().requires_grad_(False)


def pictures(count: int, dtype: Any = torch.float32) -> Any:
    values = np.random.default_rng(0).standard_normal((count, 3, 8, 8))
    return torch.from_numpy(values).to(dtype)


def texts(count: int) -> Any:
    values = torch.from_numpy(np.random.default_rng(1).standard_normal((count, 12)))
    return torch.nn.functional.normalize(values, dim=1)


def attention_layers(network: Any) -> list[Any]:
    return [block.attn for block in network.visual.transformer.resblocks]


# An even number of heads takes PyTorch's fused way, an odd one doesn't.
@pytest.mark.parametrize("head_width", [6, 8, 24])  # 4, 3 and 1 heads
def test_relevance_is_that_of_the_paper(head_width: int) -> None:
    network = small_clip(head_width).double()
    seen, wanted = pictures(2, torch.float64), texts(2)
    with explicit_attention(attention_layers(network)) as attentions:
        features = network.encode_image(seen, normalize=True)
    for i, text in enumerate(wanted):  # the second time from the same look
        found = relevance_to_first(attentions, features @ text)
        expected = naive_relevance(network.visual, seen[i], text)
        assert expected.max() > 1e-4
        np.testing.assert_allclose(found[i, 1:], expected, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("head_width", [6, 8])
def test_attention_is_explicit_inside_and_as_before_outside(head_width: int) -> None:
    network, seen = small_clip(head_width), pictures(3)
    state = copy.deepcopy(network.state_dict())
    before = network.encode_image(seen)
    with explicit_attention(attention_layers(network)) as attentions:
        inside = network.encode_image(seen)
    np.testing.assert_allclose(inside.detach(), before, atol=1e-5)
    assert torch.equal(network.encode_image(seen), before)
    assert len(attentions) == 2, "nothing is recorded outside"
    for attention in attentions:
        assert attention.shape == (3, 24 // head_width, 5, 5) and attention.requires_grad
        np.testing.assert_allclose(attention.detach().sum(dim=3), 1.0, atol=1e-5)
    assert all("forward" not in vars(layer) for layer in attention_layers(network))
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
    assert not any(weight.requires_grad for weight in network.parameters())


def test_attention_is_as_before_after_an_error() -> None:
    network = small_clip()
    with pytest.raises(KeyError), explicit_attention(attention_layers(network)):
        raise KeyError
    assert all("forward" not in vars(layer) for layer in attention_layers(network))


def test_layers_that_want_the_batch_second() -> None:
    """So older releases of open_clip build them."""
    layer = torch.nn.MultiheadAttention(8, 2).eval().requires_grad_(False)
    tokens = torch.randn(5, 3, 8, generator=torch.manual_seed(0))  # [L, B, D]
    expected = layer(tokens, tokens, tokens, need_weights=False)[0]
    with explicit_attention([layer]) as attentions:
        found = layer(tokens, tokens, tokens, need_weights=False)[0]
    np.testing.assert_allclose(found.detach(), expected, atol=1e-6)
    assert attentions[0].shape == (3, 2, 5, 5)


def test_pictures_of_a_batch_do_not_mix() -> None:
    network, seen, text = small_clip(), pictures(3), texts(1)[0].float()

    def relevance(of: Any) -> Any:
        with explicit_attention(attention_layers(network)) as attentions:
            features = network.encode_image(of, normalize=True)
        return relevance_to_first(attentions, features @ text)

    together = relevance(seen)
    alone = torch.cat([relevance(picture[None]) for picture in seen])
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-7)
