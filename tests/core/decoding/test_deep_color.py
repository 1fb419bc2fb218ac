# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of 16 bits a channel keep more than 8 of them, and their transparency."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from semvec.core import srgb
from semvec.core.decoding.gamma_profile import gamma_profile
from semvec.core.image import load_image

COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def png(values: np.ndarray, transparent: tuple[int, ...] = (), profile: bytes = b"") -> bytes:
    """A PNG of 16 bits: uint16 [H, W, 1 to 4]."""
    height, width, channels = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, COLOR_TYPES[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = [(b"IHDR", header)]
    if profile:
        chunks.append((b"iCCP", b"a\0\0" + zlib.compress(profile)))
    if transparent:
        chunks.append((b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)))
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def tiff(values: np.ndarray, order: str) -> bytes:
    """An uncompressed TIFF of 16 bits: uint16 [H, W, 3 or 4], in one strip."""
    height, width, channels = values.shape
    data = values.astype(f"{order}u2").tobytes()
    entries = [
        (256, 3, [width]), (257, 3, [height]), (258, 3, [16] * channels), (259, 3, [1]),
        (262, 3, [2]), (273, 4, [8]), (277, 3, [channels]), (278, 3, [height]),
        (279, 4, [len(data)]),
    ]  # fmt: skip
    if channels == 4:
        entries.append((338, 3, [2]))
    start = 8 + len(data)
    extra, directory = b"", b""
    for tag, kind, numbers in entries:
        packed = struct.pack(f"{order}{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        if len(packed) > 4:
            place = start + 2 + 12 * len(entries) + 4 + len(extra)
            extra, packed = extra + packed, struct.pack(f"{order}I", place)
        directory += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    magic = b"II*\0" if order == "<" else b"MM\0*"
    count = struct.pack(f"{order}H", len(entries))
    head = magic + struct.pack(f"{order}I", start)
    return head + data + count + directory + bytes(4) + extra


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 65536, (6, 9, 4)).astype(np.uint16)


def check(path, values: np.ndarray) -> None:
    picture = load_image(path)
    channels = values.shape[2]
    colors = values[..., : 3 if channels > 2 else 1] / 65535.0
    np.testing.assert_allclose(picture.rgb, np.broadcast_to(colors, picture.rgb.shape), atol=1e-6)
    if channels in (2, 4):
        np.testing.assert_allclose(picture.alpha, values[..., -1] / 65535.0, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_keeps_every_bit(tmp_path, noise, channels):
    (tmp_path / "a.png").write_bytes(png(noise[..., :channels]))
    check(tmp_path / "a.png", noise[..., :channels])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [3, 4])
def test_tiff_keeps_every_bit(tmp_path, noise, order, channels):
    (tmp_path / "a.tif").write_bytes(tiff(noise[..., :channels], order))
    check(tmp_path / "a.tif", noise[..., :channels])


@pytest.mark.parametrize("channels", [1, 3])
def test_one_transparent_color_is_compared_in_full(tmp_path, noise, channels):
    values = noise[..., :channels].copy()
    values[2, 3] = 0x1234
    values[4, 5] = 0x1235  # the same high byte
    (tmp_path / "a.png").write_bytes(png(values, (0x1234,) * channels))
    alpha = load_image(tmp_path / "a.png").alpha
    expected = np.ones((6, 9))
    expected[2, 3] = 0
    np.testing.assert_array_equal(alpha, expected)


def test_a_profile_keeps_steps_finer_than_8_bits(tmp_path):
    """A dark gradient in linear light, where 8 bits would show four steps only."""
    values = np.linspace(0, 1000, 256).astype(np.uint16).reshape(4, 64, 1).repeat(3, axis=2)
    (tmp_path / "a.png").write_bytes(png(values, profile=gamma_profile(1.0, None)))
    shown = load_image(tmp_path / "a.png").rgb
    assert len(np.unique(shown)) > 200
    np.testing.assert_allclose(shown, srgb.encode(values / 65535.0), atol=5 / 255)
