# SPDX-License-Identifier: GPL-3.0-or-later
"""Carried paths that would cross themselves at the border of the canvas."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.bezier import circle, polygon
from semvec.core.drawing import Path
from semvec.core.refinement.repair import crossing_segments
from semvec.core.sequence.motion import carried
from semvec.core.sequence.uncrossed import uncrossed

SIZE = (100, 80)


def path_of(points: np.ndarray) -> Path:
    return Path([points.astype(np.float32)], np.ones(4, np.float32), "structural", "structural.000")


def at_the_left_border(seed: int) -> Path:
    """A jagged area along the left border, with a node every few pixels on it."""
    generator = np.random.default_rng(seed)
    count = 12
    y = np.linspace(4, 76, count)
    inner = np.stack([generator.uniform(2, 40, count), y], axis=1)
    outer = np.stack([np.zeros(count), y[::-1]], axis=1)
    return path_of(polygon(np.concatenate([inner, outer])))


def turned(angle: float, offset: tuple[float, float]) -> np.ndarray:
    """A turn about the middle of the canvas and a shift: [2, 3]."""
    c, s = np.cos(angle), np.sin(angle)
    linear, middle = np.array([[c, -s], [s, c]]), np.array(SIZE) / 2
    return np.column_stack([linear, middle - linear @ middle + offset])


@pytest.mark.parametrize("seed", range(20))
def test_a_path_at_the_border_keeps_its_nodes_and_crosses_nothing(seed: int) -> None:
    before = at_the_left_border(seed)
    motion = turned(np.deg2rad((-1) ** seed * 3.0), (-3.0, 2.0))
    moved = carried(before, motion, SIZE)
    (result,) = uncrossed([before], [moved])
    assert result.nodes == before.nodes
    assert not crossing_segments([result])[0].any()
    # It made at least a part of its motion, and no node left the way between both places.
    way, made = moved.subpaths[0] - before.subpaths[0], result.subpaths[0] - before.subpaths[0]
    assert np.abs(made).sum() > 0.2 * np.abs(way).sum()
    assert np.all(np.abs(made) <= np.abs(way) + 1e-4) and np.all(made * way >= -1e-4)


def test_the_examples_cross_themselves_when_they_are_carried() -> None:
    crossing = 0
    for seed in range(20):
        motion = turned(np.deg2rad((-1) ** seed * 3.0), (-3.0, 2.0))
        moved = carried(at_the_left_border(seed), motion, SIZE)
        crossing += bool(crossing_segments([moved])[0].any())
    assert crossing >= 6


def test_paths_that_cross_nothing_are_the_same() -> None:
    before = [path_of(circle((30.0, 30.0), 10.0)), path_of(circle((60.0, 30.0), 8.0))]
    moved = [carried(path, turned(0.1, (2.0, 1.0)), SIZE) for path in before]
    assert all(a is b for a, b in zip(uncrossed(before, moved), moved, strict=True))


def test_nodes_away_from_a_crossing_move_all_the_way() -> None:
    right, left = [(60, y) for y in (10, 30, 50, 70)], [(0, y) for y in (70, 44, 40, 36)]
    corners = np.array([(0, 10), *right, *left], float)
    before = path_of(polygon(corners))
    target = np.add(corners, (3.0, 0.0))
    target[7] = (30.0, 5.0)  # beyond the upper edge
    moved = path_of(polygon(target))
    assert crossing_segments([moved])[0].any()
    (result,) = uncrossed([before], [moved])
    assert not crossing_segments([result])[0].any()
    np.testing.assert_array_equal(result.subpaths[0][9:13], moved.subpaths[0][9:13])


def test_a_path_whose_every_motion_crosses_stays() -> None:
    before = path_of(circle((50.0, 40.0), 20.0))
    eight = path_of(polygon(np.array([(30, 20), (70, 60), (70, 20), (30, 60)], float)))
    (result,) = uncrossed([before], [eight])
    assert not crossing_segments([result])[0].any()
