# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files of every kind: read, refused where they are none, and written."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageCms, ImageOps

from semvec.core import image as image_module
from semvec.core.errors import ImageError, OutputError
from semvec.core.image import Image, from_blender, load_image, resize, save_png
from semvec.core.system.files import open_input, write_output

DECODING = "semvec.core.decoding"


@pytest.fixture(scope="module")
def colors() -> np.ndarray:
    """A smooth picture that survives lossy formats: uint8 [24, 36, 3]."""
    y, x = np.mgrid[0:24, 0:36]
    return np.stack([x * 7, y * 10, 255 - x * 4 - y * 3], axis=-1).astype(np.uint8)


def close(picture: Image, expected: np.ndarray, tolerance: float = 0.5 / 255) -> bool:
    """Within `tolerance` on average of an 8-bit picture [H, W, 3]."""
    assert picture.rgb.dtype == np.float32
    assert picture.rgb.shape == expected.shape
    return float(np.abs(picture.rgb - expected / 255.0).mean()) <= tolerance


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.png", {}, 1e-6),
        ("a.bmp", {}, 1e-6),
        ("a.tif", {}, 1e-6),
        ("a.tif", {"compression": "tiff_lzw"}, 1e-6),
        ("a.webp", {"lossless": True}, 1e-6),
        ("a.webp", {"quality": 95}, 4 / 255),
        ("a.jpg", {"quality": 98, "subsampling": 0}, 2 / 255),
        ("a.jpg", {"quality": 98, "subsampling": 0, "progressive": True}, 2 / 255),
    ],
)
def test_formats(tmp_path, colors, name, options, tolerance):
    PIL.Image.fromarray(colors).save(tmp_path / name, **options)
    picture = load_image(tmp_path / name)
    assert close(picture, colors, tolerance)
    assert picture.alpha is None
    assert (picture.width, picture.height) == (36, 24)


def test_format_is_found_by_content_not_name(tmp_path, colors):
    PIL.Image.fromarray(colors).save(tmp_path / "photo.jpg", "PNG")
    assert close(load_image(tmp_path / "photo.jpg"), colors)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.jpg", "a.webp"])
def test_gray(tmp_path, colors, name):
    gray = colors[..., 0]
    PIL.Image.fromarray(gray).save(tmp_path / name)
    assert close(load_image(tmp_path / name), np.repeat(gray[..., None], 3, -1), 2 / 255)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_gray_is_read_in_full(tmp_path, name):
    values = np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)
    PIL.Image.fromarray(values).save(tmp_path / name)
    picture = load_image(tmp_path / name)
    np.testing.assert_allclose(picture.rgb[..., 1], values / 65535.0, atol=1e-6)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_color(tmp_path, colors, name, channels):
    skimage_io = pytest.importorskip("imageio.v3")
    values = np.dstack([colors, 128 + colors[..., :1] // 2])[..., :channels]
    if name.endswith("png"):
        (tmp_path / name).write_bytes(png_16_bit(values.astype(np.uint16) * 257))
    else:
        skimage_io.imwrite(tmp_path / name, values.astype(np.uint16) * 257)
    picture = load_image(tmp_path / name)
    assert close(picture, colors)
    if channels == 4:
        np.testing.assert_allclose(picture.alpha, values[..., 3] / 255.0, atol=0.005)


def test_alpha_gray_alpha_and_one_bit(tmp_path, colors):
    alpha = (colors[..., 1] // 2).astype(np.uint8)
    PIL.Image.fromarray(np.dstack([colors, alpha])).save(tmp_path / "rgba.png")
    picture = load_image(tmp_path / "rgba.png")
    assert close(picture, colors)
    np.testing.assert_allclose(picture.alpha, alpha / 255.0, atol=1e-6)

    PIL.Image.fromarray(np.dstack([colors[..., 0], alpha]), "LA").save(tmp_path / "la.png")
    picture = load_image(tmp_path / "la.png")
    assert close(picture, np.repeat(colors[..., :1], 3, -1))
    np.testing.assert_allclose(picture.alpha, alpha / 255.0, atol=1e-6)

    bits = colors[..., 0] > 100
    PIL.Image.fromarray(bits).save(tmp_path / "bits.png")
    assert close(load_image(tmp_path / "bits.png"), np.repeat(bits[..., None] * 255, 3, -1))


def test_opaque_alpha_is_dropped(tmp_path, colors):
    opaque = np.dstack([colors, np.full(colors.shape[:2], 255, np.uint8)])
    PIL.Image.fromarray(opaque).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png").alpha is None


def test_palette_and_its_transparency(tmp_path):
    indices = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    palette = PIL.Image.fromarray(indices, "P")
    palette.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    expected = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]])[indices]
    palette.save(tmp_path / "plain.png")
    assert close(load_image(tmp_path / "plain.png"), expected)
    palette.save(tmp_path / "clear.png", transparency=1)
    picture = load_image(tmp_path / "clear.png")
    np.testing.assert_array_equal(picture.alpha, (indices != 1).astype(np.float32))
    assert close(Image(picture.rgb[indices != 1][None]), expected[indices != 1][None])
    palette.save(tmp_path / "half.png", transparency=bytes([128, 255, 255]))
    np.testing.assert_allclose(load_image(tmp_path / "half.png").alpha[0, 0], 128 / 255, atol=1e-6)


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk(tmp_path, name):
    cmyk = np.zeros((8, 8, 4), np.uint8)
    cmyk[..., 1:3] = 255  # no cyan, full magenta and yellow: red
    PIL.Image.fromarray(cmyk, "CMYK").save(tmp_path / name)
    red = np.broadcast_to(np.array([255, 0, 0]), (8, 8, 3))
    assert close(load_image(tmp_path / name), red, 4 / 255)


def test_float_tiff(tmp_path):
    values = np.linspace(-0.5, 1.5, 100, dtype=np.float32).reshape(10, 10)
    values[0, 0] = np.nan
    PIL.Image.fromarray(values).save(tmp_path / "a.tif")
    expected = np.nan_to_num(values).clip(0, 1)
    np.testing.assert_allclose(load_image(tmp_path / "a.tif").rgb[..., 0], expected, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.png", "a.webp"])
def test_exif_orientation_is_applied(tmp_path, colors, orientation, name):
    upright = PIL.Image.fromarray(colors)
    undo = [
        [],
        [PIL.Image.Transpose.FLIP_LEFT_RIGHT],
        [PIL.Image.Transpose.ROTATE_180],
        [PIL.Image.Transpose.FLIP_TOP_BOTTOM],
        [PIL.Image.Transpose.TRANSPOSE],
        [PIL.Image.Transpose.ROTATE_90],
        [PIL.Image.Transpose.TRANSVERSE],
        [PIL.Image.Transpose.ROTATE_270],
    ][orientation - 1]
    stored = upright
    for step in undo:
        stored = stored.transpose(step)
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 98, "subsampling": 0} if name == "a.jpg" else {}
    stored.save(tmp_path / name, exif=exif, **options)
    assert close(load_image(tmp_path / name), colors, 4 / 255)


def test_color_profiles(tmp_path, colors):
    picture = PIL.Image.fromarray(colors)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture.save(tmp_path / "srgb.png", icc_profile=srgb)
    assert close(load_image(tmp_path / "srgb.png"), colors, 1e-6)
    picture.save(tmp_path / "bad.png", icc_profile=b"no profile")
    assert close(load_image(tmp_path / "bad.png"), colors, 1e-6)

    # A profile that says "linear light": mid gray comes out brighter, by sRGB's own curve.
    gray = PIL.Image.new("RGB", (4, 4), (55, 55, 55))
    gray.save(tmp_path / "linear.png", icc_profile=linear_profile(srgb))
    expected = 1.055 * (55 / 255) ** (1 / 2.4) - 0.055
    np.testing.assert_allclose(load_image(tmp_path / "linear.png").rgb, expected, atol=2 / 255)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (8192, 1), (1, 8192)])
def test_extreme_sizes(tmp_path, size):
    PIL.Image.new("RGB", size, (10, 20, 30)).save(tmp_path / "a.png")
    picture = load_image(tmp_path / "a.png")
    assert (picture.width, picture.height) == size
    small = resize(picture, 64)
    assert max(small.width, small.height) == min(64, max(size))
    assert min(small.width, small.height) == 1
    np.testing.assert_allclose(small.rgb * 255.0, np.full(small.rgb.shape, [10, 20, 30]), rtol=1e-6)


@pytest.mark.parametrize("size", [(20000, 1), (1, 20000), (9000, 1200)])
def test_only_the_number_of_pixels_is_limited(tmp_path, size):
    PIL.Image.new("1", size, 1).save(tmp_path / "a.png")
    picture = load_image(tmp_path / "a.png")
    assert (picture.width, picture.height) == size


@pytest.mark.parametrize("size", [(10001, 10000), (20000, 20000)])
def test_too_large(tmp_path, size):
    PIL.Image.new("1", size).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="100 megapixels") as caught:
        load_image(tmp_path / "a.png")
    assert caught.value.hint


def test_fully_transparent(tmp_path):
    PIL.Image.new("RGBA", (5, 5), (255, 0, 0, 0)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="nothing to draw"):
        load_image(tmp_path / "a.png")
    with pytest.raises(ImageError, match="nothing to draw"):
        from_blender(np.zeros(16, np.float32), 2, 2, 4)


def test_files_that_are_no_images(tmp_path, colors):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "drawing.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    PIL.Image.fromarray(colors).save(tmp_path / "whole.png")
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "start.png").write_bytes(data[:50])
    os.mkfifo(tmp_path / "pipe.png")
    names = ["empty.png", "text.png", "drawing.eps", "start.png", "", "missing.png", "pipe.png"]
    for name in [*names, "nul\0.png", "x" * 300]:
        with pytest.raises(ImageError) as caught:
            load_image(f"{tmp_path}/{name}")
        assert caught.value.hint, name
        assert "\n" not in str(caught.value)


def test_no_permission(tmp_path, colors, monkeypatch):
    PIL.Image.fromarray(colors).save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    if os.access(tmp_path / "a.png", os.R_OK):  # the superuser may read all

        def refuse(*_arguments):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ImageError, match="may not be read"):
        load_image(tmp_path / "a.png")


KINDS = [("L", "png"), ("LA", "png"), ("RGB", "png"), ("RGBA", "png"), ("P", "png"), ("1", "png"),
         ("I;16", "png"), ("RGB", "jpg"), ("CMYK", "jpg"), ("F", "tif")]  # fmt: skip


@given(
    st.sampled_from(KINDS),
    *(st.integers(1, 19), st.integers(1, 19), st.integers(1, 20)),
    *(st.sampled_from([None, 3, 6, 8]), st.booleans(), st.integers(0, 9)),
)
@settings(max_examples=120, deadline=None)
def test_a_file_read_in_strips_is_the_whole_file(
    tmp_path_factory, kind, width, height, long_side, orientation, profiled, seed
):
    """Strips of 4 rows here, through every mode, against Pillow on the whole picture."""
    (mode, suffix), path = kind, tmp_path_factory.mktemp("strips") / "a"
    random = np.random.default_rng(seed)
    stored = random_picture(random, mode, width, height)
    exif = PIL.Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = linear_profile(srgb) if profiled and mode in ("RGB", "RGBA") else None
    stored.save(path.with_suffix(f".{suffix}"), exif=exif, icc_profile=profile)

    expected = read_whole(path.with_suffix(f".{suffix}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_module, "STRIP", 4)
        picture = load_image(path.with_suffix(f".{suffix}"))
        small = resize(picture, long_side)
        np.testing.assert_array_equal(picture.rgb, expected.rgb)
    assert (picture.height, picture.width) == expected.rgb.shape[:2]
    assert picture.is_opaque == (picture.alpha is None) == (expected.alpha is None)
    whole = resize(expected, long_side)
    np.testing.assert_allclose(small.rgb, whole.rgb, rtol=0, atol=1e-6)
    if expected.alpha is not None:
        np.testing.assert_array_equal(picture.alpha, expected.alpha)
        np.testing.assert_allclose(small.alpha, whole.alpha, rtol=0, atol=1e-6)


def random_picture(
    random: np.random.Generator, mode: str, width: int, height: int
) -> PIL.Image.Image:
    """Noise in this mode, seen in at least one pixel."""
    if mode == "I;16":
        return PIL.Image.fromarray(random.integers(0, 65536, (height, width), np.uint16))
    if mode == "F":
        return PIL.Image.fromarray(random.uniform(-0.5, 1.5, (height, width)).astype(np.float32))
    if mode == "1":
        return PIL.Image.fromarray(random.random((height, width)) > 0.5)
    channels = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "P": 1, "CMYK": 4}[mode]
    values = random.integers(0, 256, (height, width, channels), np.uint8)
    if mode == "P":
        values[0, 0] = 1  # the color 0 is transparent
    if mode in ("LA", "RGBA"):
        values[..., -1] *= random.integers(0, 2, (height, width), np.uint8)
        values[0, 0, -1] = 255
    picture = PIL.Image.fromarray(values[..., 0] if channels == 1 else values, mode)
    if mode == "P":
        picture.putpalette(random.integers(0, 256, 768, np.uint8).tobytes())
        picture.info["transparency"] = 0
    return picture


def read_whole(path) -> Image:
    """The picture as arrays, all of it at once."""
    with PIL.Image.open(path) as stored:
        picture = ImageOps.exif_transpose(stored)
        if profile := picture.info.get("icc_profile"):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            picture = ImageCms.profileToProfile(picture, source, target, outputMode=picture.mode)
        if picture.mode == "F" or picture.mode.startswith("I"):
            largest = 1.0 if picture.mode == "F" else 65535.0
            gray = np.asarray(picture).astype(np.float32) / np.float32(largest)
            return Image(np.dstack([gray.clip(0, 1)] * 3))
        values = np.asarray(picture.convert("RGBA")).astype(np.float32) / np.float32(255)
    opaque = bool((values[..., 3] == 1).all())
    return Image(np.ascontiguousarray(values[..., :3]), None if opaque else values[..., 3])


@pytest.mark.parametrize(
    ("mode", "suffix", "share"), [("RGB", "png", 0.6), ("RGB", "jpg", 0.6), ("RGBA", "png", 0.6)]
)
def test_a_large_file_is_never_there_as_floats(tmp_path, mode, suffix, share):
    """In a process of its own, whose peak is measured: less than `share` of what floats take."""
    pytest.importorskip("resource", reason="this system doesn't tell a process's memory")
    side = 3000
    PIL.Image.effect_noise((side, side), 80).convert(mode).save(tmp_path / f"a.{suffix}")
    program = (
        "import resource, sys\n"
        "from semvec.core.image import load_image, resize\n"
        "import PIL.Image, PIL.ImageCms, PIL.ImageOps\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "resize(load_image(sys.argv[1]), 512)\n"
        "print((peak() - before) * (1 if sys.platform == 'darwin' else 1024))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / f"a.{suffix}")]
    added = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert added < share * side * side * 4 * len(mode)


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 3), (3, 5, 4)])
def test_save_png_round_trip(tmp_path, shape):
    values = np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)
    save_png(tmp_path / "a.png", values / 255.0)
    with PIL.Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), values)


def test_output_errors(tmp_path, monkeypatch):
    for target in [tmp_path / "no folder" / "a.png", tmp_path, f"{tmp_path}/nul\0", "/dev/null"]:
        with pytest.raises(OutputError) as caught:
            save_png(target, np.zeros((2, 2)))
        assert caught.value.hint

    # A write that fails halfway leaves the old file and nothing else.
    (tmp_path / "a.png").write_bytes(b"old")

    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_output(tmp_path / "a.png", b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"old"


def test_written_through_a_link(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_output(tmp_path / "link", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    with open_input(tmp_path / "link", ImageError) as stream:
        assert stream.read() == b"new"


def test_missing_pillow_is_said(tmp_path, colors, monkeypatch):
    PIL.Image.fromarray(colors).save(tmp_path / "a.png")
    for name in [name for name in sys.modules if name.startswith(f"{DECODING}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImageError, match="Pillow"):
        image_module.load_image(tmp_path / "a.png")


def png_16_bit(values: np.ndarray) -> bytes:
    """A minimal 16-bit PNG writer: uint16 [H, W, 3 or 4]."""
    import struct
    import zlib

    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def linear_profile(srgb: bytes) -> bytes:
    """An sRGB profile with its curves made straight and its name changed."""
    import struct

    profile = bytearray(srgb)
    for i in range(struct.unpack_from(">I", profile, 128)[0]):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * i)
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            profile[offset : offset + size] = (b"curv" + bytes(8)).ljust(size, b"\0")
        if name == b"desc":
            text = profile[offset : offset + size]
            for word in (b"sRGB", "sRGB".encode("utf-16-be")):
                text = text.replace(word, word.replace(b"s", b"x").replace(b"R", b"x"))
            profile[offset : offset + size] = text
    return bytes(profile)


def test_upright_pictures_agree_with_pillow(shared):
    path = shared / "images" / "ski_coffee.png"
    with PIL.Image.open(path) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    assert close(load_image(path), expected, 1e-6)
