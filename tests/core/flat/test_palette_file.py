# SPDX-License-Identifier: GPL-3.0-or-later
"""Palettes are read from text and files; what is none is one clear error."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.errors import PaletteError
from semvec.core.flat.palette_file import parse_color, parse_palette
from semvec.core.image import save_png

COLORS = [[220, 40, 40], [255, 255, 255], [0, 128, 64]]


def swatch(model: bytes, *values: float, name: str = "a color") -> bytes:
    text = (name + "\0").encode("utf-16-be")
    data = struct.pack(">H", len(name) + 1) + text + model
    data += struct.pack(f">{len(values)}f", *values) + struct.pack(">H", 0)
    return struct.pack(">HI", 1, len(data)) + data


def swatches(*blocks: bytes) -> bytes:
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


@pytest.mark.parametrize(
    "text", ["#dc2828,#fff,#008040", "dc2828 FFF 008040", "#DC2828; #fff;#008040"]
)
def test_a_list_of_hexadecimal_colors_is_a_palette(text: str) -> None:
    assert parse_palette(text).tolist() == COLORS


def test_a_gimp_palette_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.gpl"
    path.write_text(
        "GIMP Palette\nName: Mine\nColumns: 3\n#\n220 40 40 Red\n255 255 255\n  0 128 64\tG"
    )
    assert parse_palette(str(path)).tolist() == COLORS


def test_an_adobe_swatch_exchange_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.ase"
    group = struct.pack(">HI", 0xC001, 0)
    rgb, gray = swatch(b"RGB ", 220 / 255, 40 / 255, 40 / 255), swatch(b"Gray", 1.0)
    cmyk = swatch(b"CMYK", 1.0, 0.0, 0.5, 127 / 255)
    path.write_bytes(swatches(group, rgb, gray, cmyk))
    assert parse_palette(str(path)).tolist() == [[220, 40, 40], [255, 255, 255], [0, 128, 64]]


def test_the_colors_of_an_image_are_a_palette(tmp_path: Path) -> None:
    pixels = np.repeat(np.repeat(np.array([COLORS], np.float32) / 255, 8, axis=1), 8, axis=0)
    save_png(tmp_path / "mine.png", pixels)
    assert sorted(parse_palette(str(tmp_path / "mine.png")).tolist()) == sorted(COLORS)


@pytest.mark.parametrize("text", ["nothing.gpl", "#12", "#dc2828, red", "nothing", "/"])
def test_what_is_no_palette_is_an_error(text: str) -> None:
    with pytest.raises(PaletteError):
        parse_palette(text)


@given(st.binary(max_size=80), st.sampled_from([".gpl", ".ase", ".png"]), st.booleans())
def test_any_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str, is_begun: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    begin = {".gpl": b"GIMP Palette\n", ".ase": b"ASEF\0\1\0\0\0\0\0\1", ".png": b""}[suffix]
    path.write_bytes(begin + data if is_begun else data)
    with contextlib.suppress(PaletteError):
        assert parse_palette(str(path)).shape[1] == 3


@pytest.mark.parametrize("text", ["", "#", "#12345g", "white"])
def test_what_is_no_color_is_an_error(text: str) -> None:
    with pytest.raises(PaletteError):
        parse_color(text)
