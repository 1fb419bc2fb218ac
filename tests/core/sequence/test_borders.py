# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines that the canvas cuts off, moved: compared with lines cut off anew."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.bezier import polygon
from semvec.core.sequence.borders import cut_off

SIZE = (80, 60)


def turned(points: np.ndarray) -> np.ndarray:
    """Points with x and y exchanged."""
    return points[:, ::-1]


def band(slope: float) -> np.ndarray:
    """A band that comes in from the left border and ends inside: nodes clockwise on screen."""
    return np.array([[0, 20], [30, 20 + 30 * slope], [30, 35 + 30 * slope], [0, 35]], float)


@pytest.mark.parametrize("seed", range(6))
def test_a_moved_band_is_cut_off_where_its_edges_cross_the_border_then(seed: int) -> None:
    generator = np.random.default_rng(seed)
    slope, (x, y) = generator.uniform(-0.5, 0.5), generator.uniform(-3, 3, 2)
    before = polygon(band(slope)).astype(float)
    result = cut_off(before, np.add(before, [x, y]), SIZE)[::3]
    edges = np.array([20, 35]) + y - slope * x  # of both edges, at x = 0
    np.testing.assert_allclose(result[[0, 3]], [[0, edges[0]], [0, edges[1]]], atol=1e-5)
    np.testing.assert_allclose(result[1:3], np.add(band(slope)[1:3], [x, y]), atol=1e-5)
    across = cut_off(turned(before), np.add(turned(before), [y, x]), SIZE[::-1])[::3]
    np.testing.assert_allclose(across, turned(result), atol=1e-5)


def test_what_is_seen_of_a_moved_curve_is_the_same_curve() -> None:
    before = polygon(band(0.0)).astype(float)
    before[1:3] += [[0, -8], [0, 6]]  # handles of the upper edge
    result = cut_off(before, np.subtract(before, [4, 0]), SIZE)
    cubic = np.vstack([result[:3], result[3:4]])
    whole = np.subtract(before[:4], [4, 0])
    t = np.linspace(0, 1, 200)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])
    places = weights @ whole
    for point in (weights @ cubic)[::20]:
        assert np.linalg.norm(places - point, axis=1).min() < 0.1
    assert cubic[0, 0] == 0


def test_corners_of_the_canvas_and_handles_along_its_border_stay_on_it() -> None:
    corners = np.array([[0, 0], [40, 0], [30, 25], [0, 20]], float)
    before = polygon(corners).astype(float)
    result = cut_off(before, np.add(before, [2, 1.5]), SIZE)
    assert result[0].tolist() == [0, 0]
    assert (result[:4, 1] == 0).all() and (result[[9, 10, 11], 0] == 0).all()
    assert 0 < result[1, 0] < result[2, 0] < result[3, 0]


def test_a_node_that_leaves_the_canvas_is_put_where_its_edge_leaves_it() -> None:
    corners = np.array([[60, 10], [78, 10], [78, 30], [50, 44]], float)
    before = polygon(corners).astype(float)
    result = cut_off(before, np.add(before, [6, 0]), SIZE)[::3]
    assert (result[1:3, 0] > 80).all() and (result[1:3, 0] < 81).all()
    # On the edge from (84, 30) to (56, 44).
    assert result[2, 1] == pytest.approx(30 + (84 - result[2, 0]) / 2, abs=1e-5)
