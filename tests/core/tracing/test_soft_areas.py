# SPDX-License-Identifier: GPL-3.0-or-later
"""Shadows and glows as nested transparent shapes."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.drawing import pack
from semvec.core.rendering.native import render
from semvec.core.tracing.soft_areas import soft_area_paths

SIDE = 80
COLOR = np.array([0.1, 0.3, 0.2], np.float32)


def glow(width: float = 16.0) -> np.ndarray:
    """Opacity that falls from the middle outwards: float32 [SIDE, SIDE]."""
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    squared = (rows - SIDE / 2) ** 2 + (columns - SIDE / 2) ** 2
    return (0.7 * np.exp(-squared / (2 * width**2))).astype(np.float32)


def colors(color: np.ndarray = COLOR) -> np.ndarray:
    return np.broadcast_to(color, (SIDE, SIDE, 3)).copy()


def opacity_of(paths: list) -> np.ndarray:
    black, white = (render(pack(paths), SIDE, SIDE, (b, b, b)) for b in (0.0, 1.0))
    return 1 - (white - black).mean(axis=2)


def test_the_opacity_comes_back_in_small_steps() -> None:
    opacity = glow()
    labels = np.where(opacity > 0.01, 0, -1).astype(np.int32)
    paths, rest = soft_area_paths(labels, colors(), opacity, np.array([0.5]), 40)
    assert 3 <= len(paths) <= 24 and (rest == -1).all()
    assert np.abs(opacity_of(paths) - opacity)[labels == 0].mean() < 0.012
    for path in paths:
        np.testing.assert_allclose(path.fill[:3], COLOR, atol=1e-3)


def test_shapes_reach_beneath_opaque_ones_and_nowhere_else() -> None:
    opacity, opaque = glow(), np.zeros((SIDE, SIDE), bool)
    opaque[20:60, 20:40] = True
    labels = np.where(opaque, 1, np.where(opacity > 0.01, 0, -1)).astype(np.int32)
    paths, rest = soft_area_paths(labels, colors(), opacity, np.array([0.5, 1.0]), 40)
    assert np.array_equal(rest == 1, opaque) and (rest[~opaque] == -1).all()
    drawn = opacity_of(paths)
    beside = np.zeros_like(opaque)
    beside[22:58, 40] = True
    assert np.abs(drawn - opacity)[beside].max() < 0.06, "no gap along the opaque shape"
    assert drawn[labels == -1].max() < 0.02


@pytest.mark.parametrize("most", [0, 2])
def test_without_enough_shapes_areas_stay(most: int) -> None:
    opacity, labels = glow(), np.zeros((SIDE, SIDE), np.int32)
    paths, rest = soft_area_paths(labels, colors(), opacity, np.array([0.5]), most)
    assert paths == [] and rest is labels


def test_even_opacity_and_many_colors_are_no_soft_area() -> None:
    labels = np.zeros((SIDE, SIDE), np.int32)
    even = np.full((SIDE, SIDE), 0.5, np.float32)
    random = np.random.default_rng(0).uniform(0, 1, (SIDE, SIDE, 3)).astype(np.float32)
    for rgb, opacity in ((colors(), even), (random, glow())):
        paths, rest = soft_area_paths(labels, rgb, opacity, np.array([0.5]), 40)
        assert paths == [] and np.array_equal(rest, labels)


def test_a_narrow_peak_has_as_many_shapes_as_there_is_room_for() -> None:
    opacity = glow(3.0)
    labels = np.where(opacity > 0.01, 0, -1).astype(np.int32)
    paths, _ = soft_area_paths(labels, colors(), opacity, np.array([0.5]), 40)
    assert 0 < len(paths) < 24
