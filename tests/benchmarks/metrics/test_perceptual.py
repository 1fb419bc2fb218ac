# SPDX-License-Identifier: GPL-3.0-or-later
"""LPIPS against what is known of it; needs torch, lpips and the shared backbone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from metrics.perceptual import _network, lpips, missing_packages

from semvec.core.errors import EngineMissingError


@pytest.fixture(scope="module")
def backbone(shared: Path) -> Path:
    if missing_packages():
        pytest.skip(missing_packages())
    return shared / "lpips" / "squeezenet1_1_features_fp16.npz"


def test_random_pairs_are_as_far_apart_as_was_measured(backbone):
    """With the original weights and this backbone: about 0.10."""
    import torch

    torch.manual_seed(0)
    pairs = torch.rand(2, 4, 100, 100, 3).numpy()
    distances = [lpips(a, b, backbone) for a, b in zip(*pairs, strict=True)]
    assert np.mean(distances) == pytest.approx(0.10, abs=0.02)


def test_order_of_distances(backbone):
    random = np.random.default_rng(0)
    ramp = np.linspace(0, 1, 64)
    image = np.stack(
        [
            np.tile(ramp, (64, 1)),
            np.tile(ramp[:, None], (1, 64)),
            0 * ramp + 0.5 + np.zeros((64, 1)),
        ],
        axis=-1,
    )
    noise = random.normal(0, 1, image.shape)
    assert lpips(image, image, backbone) == pytest.approx(0, abs=1e-6)
    near, far = (lpips(np.clip(image + s * noise, 0, 1), image, backbone) for s in (0.02, 0.2))
    assert 0 < near < far
    assert lpips(image, np.clip(image + 0.2 * noise, 0, 1), backbone) == pytest.approx(far)


def test_a_missing_package_is_named(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "lpips", None)
    assert "lpips" in missing_packages()
    with pytest.raises(EngineMissingError, match="lpips"):
        _network.__wrapped__(None)
