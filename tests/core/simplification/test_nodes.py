# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging of nodes: within the tolerance, corners kept, no new crossings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semvec.core.bezier import circle, flattened, polygon, split
from semvec.core.drawing import Path
from semvec.core.simplification.nodes import merge_nodes, merge_nodes_to

GRAY = np.array([0.5, 0.5, 0.5, 1.0], np.float32)


def subdivided(points: np.ndarray, times: int) -> np.ndarray:
    """The same outline with each cubic cut into halves, so often."""
    for _ in range(times):
        closed = np.concatenate([points, points[:1]]).astype(np.float64)
        pieces = []
        for start in range(0, len(points), 3):
            pieces += [half[:3] for half in split(closed[start : start + 4], 0.5)]
        points = np.concatenate(pieces).astype(np.float32)
    return points


def distance(points: np.ndarray, others: np.ndarray) -> float:
    """The largest distance of one outline from the other, both ways, by brute force."""
    a, b = flattened(points, 40), flattened(others, 40)
    return max(one_way(a, b), one_way(b, a))


def one_way(points: np.ndarray, corners: np.ndarray) -> float:
    """The largest distance of the points from a closed polygon."""
    start, step = corners[None], np.roll(corners, -1, axis=0)[None] - corners[None]
    way = points[:, None] - start
    square = np.maximum((step * step).sum(axis=2), 1e-12)
    share = ((way * step).sum(axis=2) / square).clip(0.0, 1.0)
    return float(np.hypot(*(way - share[..., None] * step).transpose(2, 0, 1)).min(axis=1).max())


def crossings(points: np.ndarray) -> int:
    """The number of pairs of chords that cross, by brute force."""
    start = flattened(points, 24)
    end = np.roll(start, -1, axis=0)

    def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        u, v = b - a, c - a
        return np.sign(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])

    a, b, c, d = start[:, None], end[:, None], start[None], end[None]
    return int(((side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)).sum())


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_subdivided_circle_gets_its_nodes_back(times: int) -> None:
    outline = circle((50, 50), 40)
    (path,) = merge_nodes([Path([subdivided(outline, times)], GRAY)], 0.1)
    assert path.nodes <= 4
    assert distance(path.subpaths[0], outline) <= 0.12


def test_corners_stay_where_they_are() -> None:
    corners = np.array([[10, 10], [90, 10], [90, 60], [50, 30], [10, 60]], float)
    outline = polygon(corners)
    (path,) = merge_nodes([Path([subdivided(outline, 2)], GRAY)], 3.0)
    assert path.nodes == 5
    for corner in corners:
        assert np.hypot(*(path.subpaths[0][::3] - corner).T).min() == 0.0


def test_without_a_tolerance_nothing_changes() -> None:
    path = Path([subdivided(circle((50, 50), 40), 1)], GRAY)
    assert merge_nodes([path], 0.0) == [path]


def test_what_cannot_be_merged_is_not_touched() -> None:
    path = Path([polygon(np.array([[0, 0], [9, 0], [9, 9]], float))], GRAY)
    (same,) = merge_nodes([path], 2.0)
    np.testing.assert_array_equal(same.subpaths[0], path.subpaths[0])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.5, 2.0, 8.0]), st.integers(3, 24))
def test_random_outlines_stay_within_the_tolerance_and_simple(
    seed: int, tolerance: float, count: int
) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    radii = rng.uniform(20, 60, count)
    anchors = 70 + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    outline = polygon(anchors) + rng.normal(0, 2, (3 * count, 2)).astype(np.float32)
    outline = outline.astype(np.float32)
    (path,) = merge_nodes([Path([outline], GRAY)], tolerance)
    (merged,) = path.subpaths
    assert len(merged) <= len(outline)
    assert distance(merged, outline) <= 1.5 * tolerance + 0.1
    if not crossings(outline):
        assert not crossings(merged)


@pytest.mark.parametrize("tolerance", [1.0, 5.0, 20.0])
def test_a_hole_stays_within_its_shape(tolerance: float) -> None:
    outer, inner = circle((50, 50), 40, 12), circle((50, 50), 38, 12)[::-1]
    ring = Path([outer, np.roll(inner, 1, axis=0)], GRAY)
    (path,) = merge_nodes([ring], tolerance)
    radii = [np.hypot(*(flattened(points) - 50).T) for points in path.subpaths]
    assert radii[1].max() < radii[0].min()


def test_degenerate_outlines_are_no_error() -> None:
    point = np.full((9, 2), 5.0, np.float32)
    paths = [Path([], GRAY), Path([point], GRAY), Path([np.zeros((0, 2), np.float32)], GRAY)]
    merged = merge_nodes(paths, 1.0)
    assert [len(path.subpaths) for path in merged] == [0, 1, 1]


def test_a_number_of_nodes_is_reached_with_the_least_change() -> None:
    rng = np.random.default_rng(1)
    paths = []
    for _ in range(6):
        outline = subdivided(circle(rng.uniform(20, 80, 2), 20), 2)
        paths.append(Path([outline + rng.normal(0, 0.2, outline.shape).astype(np.float32)], GRAY))
    merged = merge_nodes_to(paths, 60, 20.0)
    assert sum(path.nodes for path in merged) <= 60 < sum(path.nodes for path in paths)
    fewer = merge_nodes_to(paths, 40, 20.0)
    changes = [
        max(distance(a.subpaths[0], b.subpaths[0]) for a, b in zip(paths, each, strict=True))
        for each in (merged, fewer)
    ]
    assert changes[0] <= changes[1]
