# SPDX-License-Identifier: GPL-3.0-or-later
"""Photographs without white, without a color or without their background."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from semvec.core.drawing import pack
from semvec.core.errors import ImageError, PaletteError
from semvec.core.flat.leaving_out import cleared, find_left_out
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import Result, vectorize
from semvec.core.rendering.native import render
from semvec.core.settings import Settings

SIDE = 80
BALL = np.array([0.75, 0.2, 0.15])
PATCH = np.array([0.15, 0.3, 0.7])


def coverage(row: float, column: float, radius: float) -> np.ndarray:
    """The share of each pixel that a disc covers: [SIDE, SIDE]."""
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    return (radius + 0.5 - np.hypot(rows - row, columns - column)).clip(0, 1)


OUTSIDE = coverage(40, 40, 30) == 0
HOLE = coverage(40, 30, 8) == 1


def photograph(ground: float = 1.0) -> Image:
    """A shaded ball with a blue patch and a hole, through which the ground is seen, with noise."""
    shade = np.linspace(0.8, 1.2, SIDE)[:, None, None]
    rgb = np.full((SIDE, SIDE, 3), ground)
    discs = [(coverage(40, 40, 30), BALL * shade), (coverage(45, 52, 9), PATCH * shade)]
    for share, color in [*discs, (coverage(40, 30, 8), np.full(3, ground))]:
        rgb += share[..., None] * (color - rgb)
    rgb += np.random.default_rng(0).normal(0, 0.012, rgb.shape)
    return Image(rgb.clip(0, 1).astype(np.float32))


def drawn(image: Image, **values: object) -> Result:
    options = {"kind": "photo", "budget": 24, "iterations": 60, "mask_count": 40, "threads": 1}
    return vectorize(image, Settings.from_dict({**options, **values}))


def opacity_of(result: Result) -> np.ndarray:
    """The opacity of a drawing, from its look over black and over white: [SIDE, SIDE]."""
    scene = pack(result.drawing.paths)
    black, white = (render(scene, SIDE, SIDE, (level,) * 3) for level in (0.0, 1.0))
    return 1 - (white - black).mean(axis=2)


@pytest.mark.parametrize(
    ("leave_out", "ground"), [("white", 1.0), ("#808080", 128 / 255), ("background", 0.6)]
)
def test_nothing_is_drawn_where_the_picture_has_the_color(leave_out, ground):
    image = photograph(ground)
    result = drawn(image, leave_out=leave_out)
    opacity = opacity_of(result)
    assert opacity[OUTSIDE].max() < 0.2
    assert (opacity[HOLE].max() < 0.2) == (leave_out != "background")
    inside = opacity[(coverage(40, 40, 28) == 1) & (coverage(40, 30, 10) == 0)]
    assert (inside > 0.95).mean() > 0.99
    assert all(path.fill[3] == 1 for path in result.drawing.paths)
    assert result.report["psnr"] > 20


def test_edges_keep_no_rim_of_what_is_left_out():
    image = photograph()
    ones = np.ones((SIDE, SIDE), np.float32)
    left_out, color = find_left_out(image.rgb, ones, (255, 255, 255))
    rgb, opacity = cleared(image.rgb, ones, left_out, color)
    edge = (opacity > 0.2) & (opacity < 0.8) & (coverage(40, 30, 12) == 0)
    assert edge.sum() > 50
    assert np.abs(opacity - coverage(40, 40, 30))[edge].mean() < 0.06
    assert np.linalg.norm(rgb - BALL, axis=2)[edge].max() < 0.3  # and not up to 0.85, as white is


def test_a_color_that_the_picture_does_not_have_changes_nothing():
    image = photograph(0.5)
    paths = [drawn(image, leave_out=color).drawing.paths for color in ("", "#00ff00")]
    for one, other in zip(*paths, strict=True):
        np.testing.assert_array_equal(one.fill, other.fill)
        np.testing.assert_array_equal(np.concatenate(one.subpaths), np.concatenate(other.subpaths))


def test_what_is_left_out_has_none_of_the_colors_asked_for():
    result = drawn(photograph(), leave_out="white", colors=3)
    fills = {tuple(path.fill[:3].tolist()) for path in result.drawing.paths}
    assert len(fills) == 3
    assert min(np.linalg.norm(np.array(fill) - 1) for fill in fills) > 0.4
    assert opacity_of(result)[OUTSIDE].max() < 0.2


def test_a_picture_of_one_color_without_it_is_a_clear_error():
    image = Image(np.ones((20, 30, 3), np.float32))
    for leave_out in ("white", "background"):
        with pytest.raises(ImageError) as caught:
            drawn(image, leave_out=leave_out)
        assert caught.value.hint
    with pytest.raises(PaletteError):
        drawn(image, leave_out="nonsense")


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 99), st.booleans())
@hypothesis_settings(max_examples=40, deadline=None)
def test_any_picture_can_be_without_anything(height, width, seed, of_background):
    random = np.random.default_rng(seed)
    rgb = (random.integers(0, 3, (height, width, 3)) / 2).astype(np.float32)
    alpha = random.integers(0, 2, (height, width)).astype(np.float32)
    alpha[0, 0] = 1
    left_out, color = find_left_out(rgb, alpha, "background" if of_background else (255, 0, 0))
    colors, opacity = cleared(rgb, alpha, left_out, color)
    assert np.isfinite(colors).all() and colors.dtype == np.float32
    assert (opacity <= alpha).all() and not opacity[left_out].any()
