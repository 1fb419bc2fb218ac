# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels of pictures: area averaging, and Blender's bottom-up pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semvec.core.errors import ImageError
from semvec.core.image import Image, from_blender, resize


def naive_resize(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Area averaging by a loop over pixels and all that they overlap."""
    rows, columns = values.shape[:2]
    result = np.zeros((height, width, *values.shape[2:]))
    for y in range(height):
        for x in range(width):
            top, bottom = y * rows / height, (y + 1) * rows / height
            left, right = x * columns / width, (x + 1) * columns / width
            total = 0.0
            for v in range(int(top), min(int(np.ceil(bottom)), rows)):
                for u in range(int(left), min(int(np.ceil(right)), columns)):
                    area = max(0.0, min(bottom, v + 1) - max(top, v))
                    area *= max(0.0, min(right, u + 1) - max(left, u))
                    result[y, x] += area * values[v, u]
                    total += area
            result[y, x] /= total
    return result


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 25), st.booleans(), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_resize_is_exact_area_averaging(height, width, long_side, transparent, seed):
    random = np.random.default_rng(seed)
    rgb = random.random((height, width, 3), np.float32)
    alpha = random.integers(0, 3, (height, width)).astype(np.float32) / 2 if transparent else None
    small = resize(Image(rgb, alpha), long_side)
    if long_side >= max(height, width):
        np.testing.assert_array_equal(small.rgb, rgb)
        return
    assert max(small.height, small.width) == long_side
    scale = long_side / max(height, width)
    assert abs(small.height - max(1.0, height * scale)) <= 0.5
    assert abs(small.width - max(1.0, width * scale)) <= 0.5
    if alpha is None:
        expected = naive_resize(rgb, small.height, small.width)
        np.testing.assert_allclose(small.rgb, expected, atol=1e-5)
        return
    opacity = naive_resize(alpha, small.height, small.width)
    seen = naive_resize(rgb * alpha[..., None], small.height, small.width)
    np.testing.assert_allclose(small.alpha, opacity, atol=1e-5)
    np.testing.assert_allclose(small.rgb * small.alpha[..., None], seen, atol=1e-5)


def test_invisible_colors_do_not_bleed():
    rgb = np.zeros((8, 8, 3), np.float32)
    rgb[:, ::2] = [0.2, 0.4, 0.6]
    rgb[:, 1::2] = [1.0, 0.0, 1.0]
    alpha = np.zeros((8, 8), np.float32)
    alpha[:, ::2] = 1.0
    small = resize(Image(rgb, alpha), 4)
    np.testing.assert_allclose(small.alpha, 0.5)
    np.testing.assert_allclose(small.rgb, np.broadcast_to([0.2, 0.4, 0.6], (4, 4, 3)), atol=1e-6)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_from_blender_turns_rows_and_reads_channels(channels, width, height):
    values = np.linspace(0.1, 0.9, width * height * channels, dtype=np.float32)
    picture = from_blender(values, width, height, channels)
    upright = values.reshape(height, width, channels)[::-1]
    for c in range(3):
        np.testing.assert_array_equal(picture.rgb[..., c], upright[..., c if channels >= 3 else 0])
    if channels in (2, 4):
        np.testing.assert_array_equal(picture.alpha, upright[..., -1])
    else:
        assert picture.alpha is None


def test_from_blender_linear_and_premultiplied():
    pixel = np.array([0.25, 0.5, 0.001, 0.5], np.float32)
    picture = from_blender(pixel, 1, 1, 4, linear=True, premultiplied=True)
    expected = [1.055 * 0.5 ** (1 / 2.4) - 0.055, 1.0, 12.92 * 0.002]
    np.testing.assert_allclose(picture.rgb[0, 0], expected, atol=1e-6)
    odd = np.array([np.nan, np.inf, -np.inf, -3.0], np.float32)
    np.testing.assert_array_equal(from_blender(odd, 4, 1, 1).rgb[0, :, 0], [0, 1, 0, 0])


@pytest.mark.parametrize(
    ("size", "width", "height", "channels"), [(0, 0, 0, 4), (12, 2, 2, 4), (20, 2, 2, 5)]
)
def test_from_blender_refuses_what_does_not_fit(size, width, height, channels):
    with pytest.raises(ImageError):
        from_blender(np.ones(size, np.float32), width, height, channels)
