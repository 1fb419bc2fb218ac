# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes that end at one edge are drawn as they were: both end there."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from supersampled import Inside, Layer, disc, draw

from semvec.core.bezier import area, flattened
from semvec.core.drawing import Path, pack
from semvec.core.flat.palette import find_palette
from semvec.core.flat.sharing import find_shared
from semvec.core.flat.tracing import refine_flat, trace_flat
from semvec.core.rendering.native import render

SIDE, MIDDLE, RADIUS = 180, (90.3, 88.7), 70.2
WHITE: Layer = (lambda x, y: np.ones(x.shape, bool), (255, 255, 255))
TAN, BROWN, DARK = (190, 140, 90), (120, 60, 30), (20, 30, 60)
WHOLE = disc(*MIDDLE, RADIUS)


def above(height: float, slope: float = 0.2) -> Inside:
    """Return the part of the disc above a sloping line."""
    return lambda x, y: WHOLE(x, y) & (y < height + slope * (x - MIDDLE[0]))


def shared_layers() -> list[Layer]:
    return [(WHOLE, TAN), (above(90), BROWN), (above(45, 0.3), DARK)]


@lru_cache
def drawn(on_white: bool) -> tuple[np.ndarray, list[Path]]:
    pixels = draw(SIDE, SIDE, [WHITE, *shared_layers()] if on_white else shared_layers())
    traced = trace_flat(pixels, 16, threads=1)
    return pixels, refine_flat(traced, 1)


def path_of(paths: list[Path], color: tuple[int, int, int]) -> Path:
    return next(p for p in paths if np.abs(p.fill[:3] * 255 - color).max() < 1.5)


@pytest.mark.parametrize("on_white", [False, True])
def test_all_shapes_that_end_at_one_edge_are_drawn_down_to_it(on_white: bool) -> None:
    _, paths = drawn(on_white)
    assert len(paths) == 3 + on_white
    whole = path_of(paths, TAN)
    off = np.hypot(*(flattened(whole.subpaths[0]) - MIDDLE).T) - RADIUS
    assert np.abs(off).max() < 0.15
    assert whole.nodes <= 12
    assert area(path_of(paths, BROWN).subpaths) == pytest.approx(
        above(90)(*np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)).sum(), rel=0.01
    )


@pytest.mark.parametrize("gray", [0.0, 1.0])
def test_pixels_of_an_edge_in_common_look_as_they_did(gray: float) -> None:
    pixels, paths = drawn(False)
    values = pixels / 255
    wanted = values[..., :3] * values[..., 3:] + (1 - values[..., 3:]) * gray
    off = np.abs(render(pack(paths), SIDE, SIDE, (gray,) * 3) - wanted)
    mixed = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    assert mixed.sum() > 300
    assert off[mixed].mean() < 0.02


def test_clear_pixels_beside_an_edge_are_hardly_covered() -> None:
    pixels, paths = drawn(False)
    covered = 1 - render(pack(paths), SIDE, SIDE, (1, 1, 1)).min(axis=2)
    assert covered[pixels[..., 3] == 0].max() < 0.06


def test_no_edge_is_shared_where_shapes_lie_within_others() -> None:
    layers: list[Layer] = [(WHOLE, TAN), (disc(80, 90, 40), BROWN), (disc(75, 95, 20), DARK)]
    pixels = draw(SIDE, SIDE, layers)
    assert find_shared(pixels, find_palette(pixels)) is None


def test_the_simple_picture_has_the_upper_shape_alone() -> None:
    pixels = draw(SIDE, SIDE, [(WHOLE, TAN), (above(90), BROWN)])
    palette = find_palette(pixels)
    shared = find_shared(pixels, palette)
    assert shared is not None
    alone = draw(SIDE, SIDE, [(above(90), BROWN)])
    tan = int(np.abs(palette.colors - np.array([*TAN, 255.0])).max(axis=1).argmin())
    edge = shared.beneath[tan]
    assert edge.sum() > 100
    assert np.abs(shared.simple[edge].astype(int) - alone[edge]).max() <= 6


def test_parts_of_one_color_are_joined_beneath_a_shape_between_them() -> None:
    def band(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return WHOLE(x, y) & (np.abs(y - 88 - 0.1 * x) < 20)

    pixels = draw(SIDE, SIDE, [(WHOLE, TAN), (band, BROWN)])
    paths = trace_flat(pixels, 16, threads=1).paths
    assert len(paths) == 2
    assert area(path_of(paths, TAN).subpaths) == pytest.approx(np.pi * RADIUS**2, rel=0.01)
