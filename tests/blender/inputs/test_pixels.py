# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's images as the core's: colors, orientation, opacity, and what can be missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import PIL.Image
import pytest

from semvec.core.errors import ImageError, MaskError, SaliencyError
from semvec.operators.inputs.pixels import find_image, read_image, read_labels, read_saliency

NewImage = Callable[..., Any]

RNG = np.random.default_rng(0)


def opaque(height: int = 5, width: int = 7) -> np.ndarray:
    """Random bytes / 255 with full opacity: [H, W, 4]."""
    rgba = RNG.integers(0, 256, (height, width, 4)) / 255.0
    rgba[..., 3] = 1.0
    return rgba.astype(np.float32)


def srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_byte_images_keep_their_values_and_stand_upright(new_image: NewImage) -> None:
    pixels = opaque()
    image = read_image(new_image("a", pixels))
    np.testing.assert_allclose(image.rgb, pixels[..., :3], atol=1e-6)
    assert image.alpha is None


def test_a_file_reads_as_another_reader_reads_it(scene: Any, tmp_path: Path) -> None:
    pixels = RNG.integers(0, 256, (6, 9, 4), np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "a.png")
    image = read_image(bpy.data.images.load(str(tmp_path / "a.png")))
    np.testing.assert_allclose(image.rgb, pixels[..., :3] / 255.0, atol=1e-6)
    np.testing.assert_allclose(image.alpha, pixels[..., 3] / 255.0, atol=1e-6)


def test_sixteen_bit_files_keep_their_depth(scene: Any, tmp_path: Path) -> None:
    gray = RNG.integers(0, 65536, (6, 9)).astype(np.uint16)
    PIL.Image.fromarray(gray).save(tmp_path / "a.png")
    image = read_image(bpy.data.images.load(str(tmp_path / "a.png")))
    np.testing.assert_allclose(image.rgb[..., 1], gray / 65535.0, atol=1e-4)


def test_float_images_are_linear_and_multiplied_by_their_alpha(new_image: NewImage) -> None:
    linear = RNG.random((5, 7, 3), np.float32)
    alpha = RNG.uniform(0.2, 0.9, (5, 7, 1))
    pixels = np.concatenate([linear * alpha, alpha], axis=2)
    image = read_image(new_image("a", pixels, float_buffer=True))
    np.testing.assert_allclose(image.rgb, srgb(linear), atol=1e-5)
    np.testing.assert_allclose(image.alpha, alpha[..., 0], atol=1e-6)


def test_data_is_taken_as_it_is(new_image: NewImage) -> None:
    pixels = opaque()
    image = read_image(new_image("a", pixels, float_buffer=True, is_data=True))
    np.testing.assert_allclose(image.rgb, pixels[..., :3], atol=1e-6)


@pytest.mark.parametrize("mode", ["NONE", "CHANNEL_PACKED"])
def test_a_fourth_channel_that_is_no_opacity_is_ignored(new_image: NewImage, mode: str) -> None:
    pixels = opaque()
    pixels[..., 3] = 0.5
    image = new_image("a", pixels)
    image.alpha_mode = mode
    assert read_image(image).alpha is None


def test_packed_images_need_no_file(scene: Any, tmp_path: Path) -> None:
    pixels = (opaque() * 255).astype(np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "a.png")
    image = bpy.data.images.load(str(tmp_path / "a.png"))
    image.pack()
    image.use_fake_user = True
    (tmp_path / "a.png").unlink()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    image = bpy.data.images["a.png"]
    np.testing.assert_allclose(read_image(image).rgb, pixels[..., :3] / 255.0, atol=1e-6)


def test_a_missing_file_is_named(scene: Any, tmp_path: Path) -> None:
    PIL.Image.new("RGB", (4, 4)).save(tmp_path / "gone.png")
    image = bpy.data.images.load(str(tmp_path / "gone.png"))
    (tmp_path / "gone.png").unlink()
    with pytest.raises(ImageError, match=r"gone\.png") as caught:
        read_image(image)
    assert caught.value.hint


def test_what_has_no_pixels_is_an_error(scene: Any) -> None:
    image = bpy.data.images.new("empty", 4, 4)
    image.source = "FILE"
    with pytest.raises(ImageError, match="'empty' has no pixels"):
        read_image(image)


def test_an_unknown_name_lists_what_there_is(new_image: NewImage) -> None:
    new_image("photo", opaque())
    assert find_image("photo").name == "photo"
    with pytest.raises(ImageError, match="'phto'") as caught:
        find_image("phto")
    assert "photo" in caught.value.hint


def test_saliency_may_have_another_resolution_but_not_another_shape(new_image: NewImage) -> None:
    pixels = opaque(10, 14)
    np.testing.assert_allclose(read_saliency(new_image("s", pixels), 7, 5), pixels, atol=1e-6)
    with pytest.raises(SaliencyError, match="14 x 10"):
        read_saliency(new_image("t", pixels), 7, 7)


def test_each_flat_color_is_a_mask(new_image: NewImage) -> None:
    expected = RNG.integers(0, 5, (6, 8))
    palette = opaque(1, 5)[0]
    labels = read_labels(new_image("m", palette[expected]), 8, 6)
    assert labels.dtype == np.int32 and labels.shape == (6, 8)
    same_color = expected.reshape(-1, 1) == expected.reshape(1, -1)
    np.testing.assert_array_equal(labels.reshape(-1, 1) == labels.reshape(1, -1), same_color)
    with pytest.raises(MaskError):
        read_labels(new_image("n", palette[expected]), 6, 8)
