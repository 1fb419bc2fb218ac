# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of every format: whole, cut off, of several pages, and of formats that can't be read."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pillow_heif
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from lengths import trials

from semvec.core.decoding import formats
from semvec.core.errors import ImageError
from semvec.core.image import load_image

# Formats that Pillow writes, with options and the error of lossy ones, of 255.
WRITTEN = {
    "AVIF": ({"quality": 90}, 3),
    "BMP": ({}, 0),
    "DDS": ({}, 0),
    "GIF": ({}, 8),
    "HEIF": ({"quality": 95}, 3),
    "ICO": ({"sizes": [(64, 48)]}, 0),
    "JPEG": ({"quality": 98, "subsampling": 0}, 2),
    "JPEG2000": ({}, 1),
    "PCX": ({}, 0),
    "PNG": ({}, 0),
    "PPM": ({}, 0),
    "QOI": ({}, 0),
    "SGI": ({}, 0),
    "TGA": ({}, 0),
    "TIFF": ({}, 0),
    "WEBP": ({"lossless": True}, 0),
}

# Those of which the first rows can be read without the last ones.
IN_ROWS = {
    "jpg": ("JPEG", {"quality": 98, "subsampling": 0}),
    "png": ("PNG", {}),
    "gif": ("GIF", {}),
    "tif": ("TIFF", {}),
    "ppm": ("PPM", {}),
    "tga": ("TGA", {"orientation": 1}),
    "pcx": ("PCX", {}),
}


def written(colors: np.ndarray, name: str, **options: object) -> bytes:
    if name == "HEIF":
        pillow_heif.register_heif_opener()
    data = io.BytesIO()
    PIL.Image.fromarray(colors).save(data, name, **options)
    return data.getvalue()


@pytest.mark.parametrize("name", WRITTEN)
def test_every_format_is_read(tmp_path, colors, name):
    options, tolerance = WRITTEN[name]
    (tmp_path / "a").write_bytes(written(colors, name, **options))
    picture = load_image(tmp_path / "a")
    assert picture.is_opaque and picture.notes == ()
    assert np.abs(picture.rgb * 255.0 - colors).mean() <= tolerance + 1e-4


@pytest.mark.parametrize(
    ("header", "data", "expected"),
    [
        (b"P1\n# made by hand\n2 2\n", b"0 1\n1 0\n", [[255, 0], [0, 255]]),
        (b"P2\n2 2\n100\n", b"0 50\n100 25\n", [[0, 127.5], [255, 63.75]]),
        (b"P4\n2 2\n", bytes([0b01000000, 0b10000000]), [[255, 0], [0, 255]]),
        (b"P5\n2 2\n255\n", bytes([0, 100, 200, 255]), [[0, 100], [200, 255]]),
        (b"P5\n2 2\n65535\n", bytes([0, 0, 1, 0, 2, 3, 255, 255]), [[0, 0.99611], [2.0039, 255]]),
    ],
)
def test_netpbm_in_gray(tmp_path, header, data, expected):
    (tmp_path / "a.pnm").write_bytes(header + data)
    picture = load_image(tmp_path / "a.pnm")
    np.testing.assert_allclose(picture.rgb[..., 1] * 255.0, expected, atol=0.51)


@pytest.mark.parametrize("most", [255, 1000, 65535])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_pam_has_opacity_and_any_range(tmp_path, most, depth):
    values = np.random.default_rng(depth).integers(0, most + 1, (5, 7, depth))
    data = values.astype("u1" if most < 256 else ">u2").tobytes()
    header = f"P7\nWIDTH 7\nHEIGHT 5\nDEPTH {depth}\nMAXVAL {most}\nTUPLTYPE ANY\nENDHDR\n"
    (tmp_path / "a.pam").write_bytes(header.encode() + data)
    picture = load_image(tmp_path / "a.pam")
    colors = values[..., : 3 if depth > 2 else 1] / most
    np.testing.assert_allclose(picture.rgb, np.broadcast_to(colors, (5, 7, 3)), atol=1 / 65535)
    if depth in (2, 4):
        np.testing.assert_allclose(picture.alpha, values[..., -1] / most, atol=1 / 65535)


@pytest.mark.parametrize("suffix", IN_ROWS)
def test_a_cut_off_file_is_read_as_far_as_it_goes(tmp_path, colors, suffix):
    name, options = IN_ROWS[suffix]
    noise = np.random.default_rng(3).integers(-9, 10, colors.shape)  # no row packs to nothing
    pixels = (colors + noise).astype(np.uint8)
    data = written(pixels, name, **options)
    (tmp_path / "whole").write_bytes(data)
    (tmp_path / "cut").write_bytes(data[: len(data) * 2 // 3])
    whole, cut = load_image(tmp_path / "whole"), load_image(tmp_path / "cut")
    assert cut.alpha is not None and (cut.width, cut.height) == (64, 48)
    there = cut.alpha == 1.0
    assert 0.4 < there.mean() < 0.8 and (there | (cut.alpha == 0.0)).all()
    np.testing.assert_array_equal(cut.rgb[there], whole.rgb[there])
    assert "is missing" in cut.notes[0] and whole.notes == ()


def test_a_cut_off_progressive_jpeg_is_blurred_instead(tmp_path, colors):
    data = written(colors.repeat(8, 0).repeat(8, 1), "JPEG", quality=95, progressive=True)
    (tmp_path / "a.jpg").write_bytes(data[: len(data) * 3 // 4])
    picture = load_image(tmp_path / "a.jpg")
    assert np.abs(picture.rgb[::8, ::8] * 255.0 - colors).mean() < 12
    assert "cut off" in picture.notes[0]


def test_a_cut_off_picture_stays_upright(tmp_path, colors):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter clockwise
    pixels = np.random.default_rng(3).integers(0, 256, colors.shape, np.uint8)
    data = written(pixels, "JPEG", quality=98, exif=exif)
    (tmp_path / "a.jpg").write_bytes(data[: len(data) * 2 // 3])
    picture = load_image(tmp_path / "a.jpg")
    assert (picture.width, picture.height) == (48, 64)
    assert picture.alpha[:, -1].all() and not picture.alpha[:, 0].any()


@pytest.mark.parametrize(
    ("name", "options", "note"),
    [
        ("TIFF", {}, "The first of 3 pages was drawn"),
        ("GIF", {}, "The first of 3 frames was drawn"),
        ("PNG", {}, "The first of 3 frames was drawn"),
        ("WEBP", {"lossless": True}, "The first of 3 frames was drawn"),
    ],
)
def test_the_first_page_is_drawn_with_a_note(tmp_path, colors, name, options, note):
    first, *others = (PIL.Image.fromarray(np.roll(colors, 9 * i, 1)) for i in range(3))
    first.save(tmp_path / "a", name, save_all=True, append_images=others, **options)
    picture = load_image(tmp_path / "a")
    assert picture.notes == (note,)
    assert np.abs(picture.rgb * 255.0 - colors).mean() < 9


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'<?xml version="1.0"?><svg/>', "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b"\x76\x2f\x31\x01", "OpenEXR"),
        (b"\xff\x0a\x00", "JPEG XL"),
        (b"gimp xcf v011", "GIMP"),
        (b"\0\0\0\x18ftypmp42", "video"),
        (b"any bytes at all", ""),
    ],
)
def test_an_unknown_format_is_not_called_damaged(tmp_path, head, name):
    (tmp_path / "a.png").write_bytes(head + bytes(300))
    with pytest.raises(ImageError) as caught:
        load_image(tmp_path / "a.png")
    assert "damaged" not in str(caught.value)
    assert caught.value.message.startswith(name or "This format can't be read")
    assert "AVIF, BMP" in caught.value.hint


def test_heic_without_its_package_says_how_to_get_it(tmp_path, colors, monkeypatch):
    (tmp_path / "a.heic").write_bytes(written(colors, "HEIF"))
    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="pillow-heif") as caught:
        load_image(tmp_path / "a.heic")
    assert "pip install semvec[heic]" in caught.value.hint


@given(data=st.data())
@settings(max_examples=trials(200), deadline=None)
def test_damaged_files_are_read_or_refused(data, tmp_path_factory):
    """Any bytes give a picture, with a note where it is cut off, or one error with a hint."""
    name = data.draw(st.sampled_from([*sorted(WRITTEN), "PAM"]))
    pixels = np.random.default_rng(1).integers(0, 256, (7, 9, 3)).astype(np.uint8)
    if name == "PAM":
        header = b"P7\nWIDTH 9\nHEIGHT 7\nDEPTH 3\nMAXVAL 255\nENDHDR\n"
        damaged = bytearray(header + pixels.tobytes())
    else:
        options = {} if name == "ICO" else WRITTEN[name][0]
        damaged = bytearray(written(pixels, name, **options))
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    try:
        picture = load_image(path)
    except ImageError as error:
        assert error.hint and "\n" not in str(error)
    else:
        assert picture.rgb.dtype == np.float32
        assert np.isfinite(picture.rgb).all()
        assert picture.is_opaque == (picture.alpha is None)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "uint32", "complex64"])
def test_a_sound_file_of_numbers_that_cannot_be_read_is_not_just_called_damaged(tmp_path, kind):
    """Color TIFF files of such numbers, which tifffile writes and reads."""
    values = np.ones((6, 8, 3), kind)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb")
    assert (tifffile.imread(tmp_path / "a.tif") == values).all()
    with pytest.raises(ImageError, match="damaged, or of a kind that can't be read") as caught:
        load_image(tmp_path / "a.tif")
    assert caught.value.hint
