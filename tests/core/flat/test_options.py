# SPDX-License-Identifier: GPL-3.0-or-later
"""Users' colors: so many, these, or all but one."""

from __future__ import annotations

import numpy as np
import pytest
from supersampled import Layer, disc, draw

from semvec.core.errors import PaletteError
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import Settings

LAYERS: list[Layer] = [
    (lambda x, y: np.ones(x.shape, bool), (255, 255, 255)),
    (disc(48, 48, 40), (30, 130, 140)),
    (disc(36, 44, 14), (220, 40, 40)),
    (disc(64, 56, 9), (255, 255, 255)),
]


def fills(**settings: object) -> list[tuple[int, ...]]:
    pixels = draw(96, 96, LAYERS).astype(np.float32) / 255
    chosen = Settings.from_dict({"kind": "flat", "budget": 16, "threads": 1, **settings})
    paths = vectorize(Image(pixels[..., :3]), chosen).drawing.paths
    return [tuple(np.rint(path.fill[:3] * 255).astype(int).tolist()) for path in paths]


WHITE, TEAL, RED = (255, 255, 255), (30, 130, 140), (220, 40, 40)


def test_without_options_all_colors_are_drawn() -> None:
    assert fills() == [WHITE, TEAL, RED, WHITE]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_so_many_colors_are_drawn(count: int) -> None:
    assert len(set(fills(colors=count))) == count


def test_colors_become_those_of_the_palette_that_look_most_like_them() -> None:
    assert fills(palette="#f00, #088, #eee") == [(238,) * 3, (0, 136, 136), (255, 0, 0), (238,) * 3]


def test_a_color_that_is_left_out_is_drawn_nowhere() -> None:
    assert fills(leave_out="white") == [TEAL, RED]
    assert fills(leave_out="#dc2828") == [WHITE, TEAL, WHITE]


def test_a_background_that_is_left_out_leaves_its_color_elsewhere() -> None:
    assert fills(leave_out="background") == [TEAL, RED, WHITE]


def test_nonsense_is_a_clear_error() -> None:
    with pytest.raises(PaletteError):
        fills(leave_out="nonsense")
    with pytest.raises(PaletteError):
        fills(palette="missing.ase")
