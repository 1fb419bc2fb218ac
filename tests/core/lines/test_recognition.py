# SPDX-License-Identifier: GPL-3.0-or-later
"""Line drawings are told from photographs, flat art and pixel art."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from line_drawings import drawings, on_white, rendered, scanned, to_svg

from semvec.core.flat.palette import to_bytes
from semvec.core.image import load_image, resize
from semvec.core.lines.recognition import is_line_art


@pytest.mark.parametrize("name", ["lines", "crossings", "brush", "face", "hatching"])
@pytest.mark.parametrize("width", [1.5, 5.0])
def test_drawings_are_line_art(name: str, width: float) -> None:
    pixels = rendered(to_svg(drawings(width)[name]))
    assert is_line_art(pixels)
    assert is_line_art(on_white(pixels))
    assert is_line_art(scanned(pixels))


@pytest.mark.parametrize("folder", ["images", "kodak"])
def test_photographs_are_no_line_art(shared: Path, folder: str) -> None:
    for path in sorted((shared / folder).glob("*.png")):
        image = resize(load_image(path), 512)
        assert not is_line_art(to_bytes(image.rgb, image.alpha)), path.name


def test_icons_are_no_line_art(shared: Path) -> None:
    for path in sorted((shared / "flat_art").glob("*.png")):
        image = resize(load_image(path), 256)
        assert not is_line_art(to_bytes(image.rgb, image.alpha)), path.name


def test_a_filled_disc_a_shade_and_noise_are_no_line_art() -> None:
    y, x = np.mgrid[:200, :200]
    disc = np.hypot(x - 100, y - 100) < 70
    shade = x / 199.0
    noise = np.random.default_rng(0).random((200, 200))
    for plane in (np.where(disc, 0.0, 1.0), shade, noise):
        assert not is_line_art(to_bytes(np.repeat(plane[..., None], 3, 2).astype(np.float32), None))


@pytest.mark.parametrize("ground", ["#8fd3ff", "white"])
def test_a_cartoon_of_outlined_areas_is_no_line_art(ground: str) -> None:
    cartoon = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">
        <rect width="400" height="400" fill="{ground}"/>
        <g stroke="black" stroke-width="7" stroke-linejoin="round">
          <circle cx="200" cy="180" r="110" fill="#ffd9a0"/>
          <circle cx="160" cy="160" r="18" fill="white"/>
          <circle cx="240" cy="160" r="18" fill="white"/>
          <path d="M140 220Q200 280 260 220" fill="#c33"/>
          <path d="M100 120Q200 20 300 120L260 60L200 40L140 60Z" fill="#5a3a1a"/>
        </g></svg>"""
    assert not is_line_art(rendered(cartoon))


def test_a_screen_of_dots_is_no_line_art() -> None:
    y, x = np.mgrid[:300, :300]
    dots = np.hypot(x % 12 - 6, y % 12 - 6) < 3
    face = np.abs(np.hypot(x - 150, y - 150) - 100) < 4
    planes = [np.where(face, 0.0, np.where(dots, 0.8, each)) for each in (1.0, 0.9, 0.7)]
    assert not is_line_art(to_bytes(np.stack(planes, 2).astype(np.float32), None))
