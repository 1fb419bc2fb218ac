# SPDX-License-Identifier: GPL-3.0-or-later
"""Color profiles: by their content, for every kind of image, against formulas."""

from __future__ import annotations

import struct

import numpy as np
import PIL.Image
import pytest
from PIL import ImageCms, PngImagePlugin

from semvec.core import srgb
from semvec.core.decoding.gamma_profile import gamma_profile
from semvec.core.image import load_image

LINEAR_NAMED_SRGB = b"sRGB, but linear"
P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)

# Linear light of Display P3 to that of sRGB (CSS Color 4, section 17).
P3_TO_SRGB = np.array([[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]])


def named(profile: bytes, name: bytes) -> bytes:
    """A profile with a description, of version 2."""
    text = struct.pack(">4s4xI", b"desc", len(name) + 1) + name + b"\0" + bytes(78)
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = [list(struct.unpack_from(">4sII", profile, 132 + 12 * i)) for i in range(count)]
    body = profile[132 + 12 * count :] + bytes(-len(profile) % 4)
    for tag in tags:
        tag[1] += 12
    tags.append([b"desc", 132 + 12 * (count + 1) + len(body), len(text)])
    table = b"".join(struct.pack(">4sII", *tag) for tag in tags)
    result = profile[4:128] + struct.pack(">I", count + 1) + table + body + text
    return struct.pack(">I", len(result) + 4) + result


def saved(tmp_path, picture: PIL.Image.Image, profile: bytes | None = None, **options: object):
    picture.save(tmp_path / "a.png", icc_profile=profile, **options)
    return load_image(tmp_path / "a.png")


def test_a_linear_profile_called_srgb_is_applied(tmp_path, colors):
    profile = named(gamma_profile(1.0, None), LINEAR_NAMED_SRGB)
    description = ImageCms.ImageCmsProfile(__import__("io").BytesIO(profile)).profile
    assert "sRGB" in description.profile_description
    picture = saved(tmp_path, PIL.Image.fromarray(colors), profile)
    np.testing.assert_allclose(picture.rgb, srgb.encode(colors / 255.0), atol=1.5 / 255)


def test_srgb_under_any_name_changes_nothing(tmp_path, colors):
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (own, named(gamma_profile(0.45455, None), b"Camera")):
        picture = saved(tmp_path, PIL.Image.fromarray(colors), profile)
        np.testing.assert_allclose(picture.rgb * 255.0, colors, atol=1e-4)


def test_an_indexed_image_is_converted_like_rgb(tmp_path, colors):
    profile = gamma_profile(0.45455, P3)
    indexed = PIL.Image.fromarray(colors).quantize(64)
    plain = saved(tmp_path, indexed.convert("RGB"), profile)
    indexed.info["transparency"] = 0
    picture = saved(tmp_path, indexed, profile)
    seen = picture.alpha > 0
    assert 0.5 < seen.mean() < 1.0
    np.testing.assert_array_equal(picture.rgb[seen], plain.rgb[seen])
    linear = srgb.decode(np.asarray(indexed.convert("RGB")) / 255.0) @ P3_TO_SRGB.T
    expected = srgb.encode(linear.clip(0.0, 1.0))
    np.testing.assert_allclose(plain.rgb, expected, atol=3 / 255)


@pytest.mark.parametrize("mode", ["L", "LA", "1", "RGBA"])
def test_every_mode_takes_an_rgb_profile(tmp_path, colors, mode):
    picture = PIL.Image.fromarray(colors).convert(mode)
    shown = saved(tmp_path, picture, gamma_profile(1.0, None))
    expected = srgb.encode(np.asarray(picture.convert("RGB")) / 255.0)
    np.testing.assert_allclose(shown.rgb, expected, atol=1.5 / 255)


def gray_profile(exponent: float) -> bytes:
    curve = struct.pack(">4s4xIH2x", b"curv", 1, round(exponent * 256))
    white = struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061)
    start = 132 + 24
    tags = struct.pack(">4sII4sII", b"kTRC", start, 16, b"wtpt", start + 16, 20)
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        start + 36, 0x02400000, b"mntr", b"GRAY", b"XYZ ", b"acsp", 63190, 65536, 54061,
    )  # fmt: skip
    return header + struct.pack(">I", 2) + tags + curve + white


@pytest.mark.parametrize("bits", [8, 16])
def test_a_gray_profile_is_applied(tmp_path, bits):
    values = np.linspace(0, 255, 512).reshape(16, 32)
    stored = (values * 257).astype(np.uint16) if bits == 16 else values.astype(np.uint8)
    shown = saved(tmp_path, PIL.Image.fromarray(stored), gray_profile(1.0))
    expected = srgb.encode(stored / (65535.0 if bits == 16 else 255.0))
    errors = np.abs(shown.rgb - expected[..., None])
    assert errors.max() < 4 / 255 and errors.mean() < 0.4 / 255
    if bits == 16:
        assert len(np.unique(shown.rgb)) > 400  # 256 with 8 bits


def cmyk_profile() -> bytes:
    """A profile whose only color is cyan, on a scale from white to CIE Lab (50, -40, -40)."""
    inks = np.stack(np.meshgrid(*[[0.0, 1.0]] * 4, indexing="ij"), axis=-1).reshape(16, 4)
    lab = np.array([100.0, 0.0, 0.0]) + inks[:, :1] * np.array([-50.0, -40.0, -40.0])
    lab[(inks[:, 1:] > 0).any(axis=1)] = (10.0, 0.0, 0.0)
    grid = np.rint(lab * [2.55, 1, 1] + [0, 128, 128]).clip(0, 255).astype(np.uint8)
    identity = struct.pack(">9i", *(65536 * np.eye(3, dtype=int)).ravel())
    table = struct.pack(">4s4x4B", b"mft1", 4, 3, 2, 0) + identity
    table += bytes(range(256)) * 4 + grid.tobytes() + bytes(range(256)) * 3
    table += bytes(-len(table) % 4)
    start = 132 + 12
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        start + len(table), 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp", 63190, 65536, 54061,
    )  # fmt: skip
    return header + struct.pack(">I4sII", 1, b"A2B0", start, len(table)) + table


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_a_press_profile_is_applied(tmp_path, name):
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[:, 8:, 0] = 255
    options = {"quality": 100} if name == "a.jpg" else {}
    PIL.Image.fromarray(inks, "CMYK").save(tmp_path / name, icc_profile=cmyk_profile(), **options)
    shown = load_image(tmp_path / name).rgb * 255.0
    np.testing.assert_allclose(shown[4, 3], [255, 255, 255], atol=3)
    # CIE Lab (50, -40, -40) under D50 in sRGB, out of gamut in red (colormath's figures).
    np.testing.assert_allclose(shown[4, 12], [0, 138, 187], atol=6)


@pytest.mark.parametrize("chromaticities", [None, P3])
@pytest.mark.parametrize("gamma", [1.0, 0.45455, 0.55556])
def test_gamma_and_primaries_of_png(tmp_path, colors, gamma, chromaticities):
    info = PngImagePlugin.PngInfo()
    info.add(b"gAMA", struct.pack(">I", round(gamma * 100000)))
    if chromaticities is not None:
        numbers = [round(value * 100000) for value in chromaticities]
        info.add(b"cHRM", struct.pack(">8I", *numbers))
    picture = saved(tmp_path, PIL.Image.fromarray(colors), pnginfo=info)
    values = colors / 255.0
    linear = srgb.decode(values) if gamma == 0.45455 else values ** (1.0 / gamma)
    if chromaticities is not None:
        linear = (linear @ P3_TO_SRGB.T).clip(0.0, 1.0)
    np.testing.assert_allclose(picture.rgb, srgb.encode(linear), atol=3 / 255)

    info.add(b"sRGB", b"\0")
    picture = saved(tmp_path, PIL.Image.fromarray(colors), pnginfo=info)
    np.testing.assert_allclose(picture.rgb * 255.0, colors, atol=1e-4)


@pytest.mark.parametrize(
    ("gamma", "chromaticities"),
    [(0.0, None), (1e9, None), (1.0, (0.0,) * 8), (1.0, (0.3, 0.3) * 4), (1.0, (9.0, 1e-3) * 4)],
)
def test_numbers_that_describe_no_color_space_are_ignored(gamma, chromaticities):
    assert gamma_profile(gamma, chromaticities) is None


def test_files_of_the_field_have_their_colors(shared):
    for name, mean in [
        ("icc_linear_srgb_name.png", (0.668, 0.636, 0.628)),
        ("icc_palette_wide.png", (0.658, 0.636, 0.626)),
    ]:
        found = load_image(shared / "field" / name).rgb.mean(axis=(0, 1))
        np.testing.assert_allclose(found, mean, atol=0.003)
