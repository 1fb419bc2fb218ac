# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency maps: painted, noisy, uniform; test_prompt_saliency.py has those of prompts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image as Pillow

from semvec.core.errors import SaliencyError
from semvec.core.saliency.maps import floored, from_image, gaussian_noise, load_saliency, uniform


def assert_map(saliency, height, width):
    assert saliency.dtype == np.float32
    assert saliency.shape == (height, width)
    assert np.all((saliency >= 0) & (saliency <= 1))  # also no NaN


def naive_average(values, height, width):
    """Area averages by cutting each pixel into as many parts as the new size has."""
    fine = values.repeat(height, 0).repeat(width, 1)
    return fine.reshape(height, values.shape[0], width, values.shape[1]).mean((1, 3))


def half_painted():
    """Gray bytes [6, 8]: the right half is white, one pixel is at 51 (0.2)."""
    values = np.zeros((6, 8), np.uint8)
    values[:, 4:], values[2, 1] = 255, 51
    return values


# ---- uniform, noise, floor ----


def test_uniform_is_one_half():
    saliency = uniform(3, 5)
    assert_map(saliency, 3, 5)
    assert np.all(saliency == 0.5)


def test_noise_is_gaussian_around_one_half():
    saliency = gaussian_noise(200, 300, seed=1)
    assert_map(saliency, 200, 300)
    assert saliency.mean() == pytest.approx(0.5, abs=0.005)
    assert saliency.std() == pytest.approx(1 / 6, rel=0.02)
    within = np.abs(saliency - 0.5) < saliency.std()
    assert within.mean() == pytest.approx(0.683, abs=0.01)  # of a normal distribution


def test_noise_follows_its_seed():
    assert np.array_equal(gaussian_noise(20, 30, 5), gaussian_noise(20, 30, 5))
    assert not np.array_equal(gaussian_noise(20, 30, 5), gaussian_noise(20, 30, 6))


@given(
    values=arrays(
        np.float32, array_shapes(min_dims=2, max_dims=2), elements=st.floats(0, 1, width=32)
    ),
    floor=st.floats(0, 1),
)
def test_the_floor_is_kept_and_the_order_too(values, floor):
    result = floored(values, floor)
    assert_map(result, *values.shape)
    assert np.all(result >= np.float32(floor) - 1e-6)
    order = np.argsort(values, axis=None)
    assert np.all(np.diff(result.ravel()[order]) >= -1e-6)


def test_the_floor_leaves_what_matters_most():
    assert np.allclose(floored(np.array([[0.0, 0.5, 1.0]]), 0.1), [[0.1, 0.55, 1.0]])


# ---- painted ----


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(*[st.integers(1, 9)] * 4),
    channels=st.integers(0, 4),
)
def test_a_painted_map_is_averaged_over_areas(seed, size, channels):
    rows, columns, height, width = size
    shape = (rows, columns, channels) if channels else (rows, columns)
    pixels = np.random.default_rng(seed).random(shape)
    white = pixels
    if channels:
        white = pixels[..., : 1 if channels < 3 else 3].mean(2)
    if channels in (2, 4):
        white = white * pixels[..., -1]
    saliency = from_image(pixels, height, width)
    assert_map(saliency, height, width)
    assert np.abs(saliency - naive_average(white, height, width)).max() < 1e-6


@pytest.mark.parametrize("kind", [bool, np.uint8, np.uint16, np.float32, np.float64])
def test_white_is_one_in_every_type(kind):
    full = np.iinfo(kind).max if np.dtype(kind).kind == "u" else 1
    pixels = (np.arange(12).reshape(3, 4) % 2 * full).astype(kind)
    assert np.array_equal(from_image(pixels, 3, 4), np.arange(12).reshape(3, 4) % 2)


@given(
    arrays(
        st.sampled_from([np.float32, np.float64]),
        array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(allow_nan=True, allow_infinity=True, width=32),
    )
)
def test_odd_pixel_values_do_no_harm(values):
    assert_map(from_image(values, 3, 4), 3, 4)


@pytest.mark.parametrize("shape", [(), (5,), (0, 5), (5, 5, 5), (5, 5, 0), (2, 5, 5, 3)])
def test_what_is_no_image_is_refused(shape):
    with pytest.raises(SaliencyError) as caught:
        from_image(np.zeros(shape), 5, 5)
    assert caught.value.hint


# ---- files ----


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "I;16", "1"])
def test_files_of_any_mode_are_read(tmp_path, mode):
    gray = half_painted()
    if mode == "1":
        gray = np.where(gray > 100, 255, 0).astype(np.uint8)
    if mode == "I;16":
        picture = Pillow.fromarray(gray.astype(np.uint16) * 257)
    else:
        picture = Pillow.fromarray(gray).convert(mode)
    picture.save(tmp_path / "painted.png")
    saliency = load_saliency(tmp_path / "painted.png", 6, 8)
    assert_map(saliency, 6, 8)
    assert np.allclose(saliency, gray / 255, atol=1e-4)


def test_what_is_transparent_is_not_painted(tmp_path):
    alpha = half_painted()
    picture = Pillow.merge("LA", [Pillow.new("L", (8, 6), 255), Pillow.fromarray(alpha)])
    picture.save(tmp_path / "painted.png")
    saliency = load_saliency(tmp_path / "painted.png", 6, 8)
    assert np.allclose(saliency, alpha / 255, atol=1e-4)


def test_a_file_of_another_resolution_is_averaged(tmp_path):
    Pillow.fromarray(half_painted()).save(tmp_path / "painted.png")
    saliency = load_saliency(tmp_path / "painted.png", 3, 4)
    assert np.allclose(saliency, naive_average(half_painted() / 255, 3, 4), atol=1e-6)


def test_a_file_of_another_shape_is_refused(tmp_path):
    Pillow.fromarray(half_painted()).save(tmp_path / "painted.png")
    with pytest.raises(SaliencyError, match="8 x 6 pixels, the image 6 x 8") as caught:
        load_saliency(tmp_path / "painted.png", 8, 6)
    assert caught.value.hint


@pytest.mark.parametrize("content", [None, b"", b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_unreadable_files_are_refused(tmp_path, content):
    path = tmp_path / "painted.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SaliencyError) as caught:
        load_saliency(path, 6, 8)
    assert caught.value.hint
