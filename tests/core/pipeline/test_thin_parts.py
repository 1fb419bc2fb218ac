# SPDX-License-Identifier: GPL-3.0-or-later
"""Flat art with thin parts is drawn at a larger size than others."""

from __future__ import annotations

import numpy as np

from semvec.core.image import Image, resize
from semvec.core.pipeline.flat_art import with_thin_parts


def bars(side: int, width: int, gap: int) -> Image:
    """Vertical bars of so many pixels on white."""
    x = np.arange(side)
    row = np.where(x % (width + gap) < width, 0.2, 1.0).astype(np.float32)
    return Image(np.repeat(np.repeat(row[None, :, None], side, 0), 3, 2), None)


def drawn_side(image: Image, side: int) -> int:
    return with_thin_parts(image, resize(image, side)).width


def test_thin_parts_are_drawn_at_up_to_twice_the_size() -> None:
    assert drawn_side(bars(300, 2, 23), 200) == 300
    assert drawn_side(bars(900, 2, 43), 200) == 400
    assert drawn_side(bars(900, 150, 150), 200) == 200
    assert drawn_side(bars(200, 2, 23), 200) == 200


def test_a_page_full_of_thin_parts_is_not_enlarged() -> None:
    assert drawn_side(bars(1600, 3, 7), 800) == 800
