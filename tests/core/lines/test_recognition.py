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
