# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry of outlines against de Casteljau, shapely and complex numbers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_outlines import naive_outline, random_outlines

from semvec.core.bezier import (
    area,
    bounds,
    circle,
    cubics,
    flattened,
    outline_area,
    polygon,
    polygon_area,
    rectangle,
    split,
    turn_angles,
)


@given(random_outlines(), st.integers(1, 50))
@settings(max_examples=20)
def test_flattened_outlines_are_those_of_de_casteljau(points, samples):
    np.testing.assert_allclose(
        flattened(points, samples), naive_outline(points, samples), atol=1e-5
    )


def test_a_cubic_without_length_is_flattened_to_one_point():
    points = np.repeat(np.array([[0.1, 0.7]], np.float32), 3, axis=0)
    assert (flattened(points) == flattened(points)[0]).all()


@given(random_outlines(), st.floats(0, 1))
def test_both_parts_of_a_split_cubic_lie_on_it(points, t):
    cubic = cubics(points)[0]
    for part, start, end in zip(split(cubic, t), (0.0, t), (t, 1.0), strict=True):
        at_middle = split(part, 0.5)[0][3]
        np.testing.assert_allclose(at_middle, split(cubic, (start + end) / 2)[0][3], atol=1e-9)


@given(random_outlines(noise=0.2))
def test_areas_are_those_of_shapely(points):
    outline = flattened(points, 1000)
    shape = shapely.Polygon(outline)
    assume(shape.is_valid)
    assert abs(polygon_area(outline)) == pytest.approx(shape.area)
    assert abs(outline_area(points)) == pytest.approx(shape.area, rel=1e-5, abs=1e-4)
    # The y axis of shapely points up, that of the screen down.
    assert (outline_area(points) > 0) == shape.exterior.is_ccw


def test_straight_outlines_have_the_area_of_their_polygon():
    corners = np.array([[0, 0], [9, 1], [7, 8], [-2, 5.5]])
    assert outline_area(polygon(corners)) == pytest.approx(polygon_area(corners), rel=1e-6)


def test_far_from_the_origin_areas_are_as_exact():
    near, far = rectangle(0, 0, 3, 2), rectangle(1e5, 1e5, 1e5 + 3, 1e5 + 2)
    assert outline_area(far) == pytest.approx(outline_area(near), rel=1e-2)


def test_holes_reduce_the_area():
    ring = [circle((5, 5), 5), np.roll(circle((5, 5), 3)[::-1], 1, axis=0)]
    assert area(ring) == pytest.approx(np.pi * 16, rel=1e-3)


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.zeros((3, 2))])
def test_nothing_has_no_area(points):
    assert outline_area(points) == polygon_area(points) == 0.0


@given(random_outlines())
def test_bounds_are_the_smallest_box_of_all_points(points):
    outline = naive_outline(points, 500)
    expected = np.stack([outline.min(axis=0), outline.max(axis=0)])
    np.testing.assert_allclose(bounds([points]), expected, atol=2e-2)
    assert (bounds([points])[0] <= expected[0] + 1e-5).all()
    assert (bounds([points])[1] >= expected[1] - 1e-5).all()


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=24))
def test_turn_angles_are_those_of_complex_numbers(points):
    points = np.array(points[: len(points) // 3 * 3])
    ring = points[:, 0] + 1j * points[:, 1]
    ways = [(ring[i] - ring[i - 1], ring[i + 1] - ring[i]) for i in range(0, len(ring), 3)]
    assume(all(abs(a) > 1e-3 and abs(b) > 1e-3 for a, b in ways))
    expected = [abs(np.degrees(np.angle(b / a))) for a, b in ways]
    np.testing.assert_allclose(turn_angles(points), expected, atol=1e-6)
