# SPDX-License-Identifier: GPL-3.0-or-later
"""The transfer function of sRGB at known values, and both directions against each other."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.srgb import decode, encode


@pytest.mark.parametrize(
    ("linear", "srgb"), [(0.0, 0.0), (0.002, 0.02584), (0.214041, 0.5), (0.5, 0.735357), (1.0, 1.0)]
)
def test_known_values(linear, srgb):
    assert encode(np.array(linear)) == pytest.approx(srgb, abs=1e-6)
    assert decode(np.array(srgb)) == pytest.approx(linear, abs=1e-6)


def test_decoding_inverts_encoding():
    linear = np.linspace(-0.1, 2, 1001)
    np.testing.assert_allclose(decode(encode(linear)), linear, atol=1e-6)


def test_single_precision_stays_single():
    assert encode(np.float32([0.5])).dtype == decode(np.float32([0.5])).dtype == np.float32
