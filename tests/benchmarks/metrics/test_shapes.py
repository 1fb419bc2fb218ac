# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of shapes against shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from metrics import shapes
from random_outlines import naive_outline, random_outlines

from semvec.core.bezier import area, circle, polygon, rectangle
from semvec.core.drawing import Drawing, Path

WHITE = np.ones(4, np.float32)


def path(*subpaths: np.ndarray, kind: str = "structural") -> Path:
    return Path([np.asarray(points, np.float32) for points in subpaths], WHITE, kind)


@given(random_outlines())
@settings(max_examples=300, deadline=None)
def test_self_crossing_is_that_of_shapely(points):
    ring = shapely.LinearRing(naive_outline(points, 40))
    assert shapes.crosses_itself(path(points)) == (not ring.is_simple)


@pytest.mark.parametrize(
    ("corners", "crosses"),
    [
        ([[0, 0], [9, 0], [9, 9], [0, 9]], False),
        ([[0, 0], [9, 9], [9, 0], [0, 9]], True),  # a bow tie
        ([[0, 0], [9, 0], [9, 9], [0, 0], [5, 9]], True),  # touches a corner of its own
        ([[0, 0], [8, 0], [8, 8], [4, 0], [0, 8]], True),  # touches an edge of its own
        ([[0, 0], [9, 0], [4, 0], [4, 9]], True),  # runs back on itself
        ([[0, 0], [4, 0], [9, 0], [9, 9]], False),  # a straight corner
        ([[0, 0], [9, 0], [9, 0], [9, 9]], False),  # a corner twice
        ([[0, 0], [9, 0]], True),  # there and back
    ],
)
def test_self_crossing_in_special_places(corners, crosses):
    corners = np.array(corners, np.float64)
    assert shapes.crosses_itself(path(polygon(corners))) is crosses
    assert shapes.crosses_itself(path(polygon(corners[::-1]))) is crosses
    if len(corners) > 2 and (np.diff(corners, axis=0) != 0).any(axis=1).all():
        assert shapely.LinearRing(corners).is_simple is not crosses


def test_crossing_sub_paths():
    hole = rectangle(3, 3, 6, 6)[::-1]
    assert not shapes.crosses_itself(path(rectangle(0, 0, 9, 9), hole))
    assert not shapes.crosses_itself(path(rectangle(0, 0, 2, 2), rectangle(5, 5, 6, 6)))
    assert shapes.crosses_itself(path(rectangle(0, 0, 4.5, 4.5), hole))
    assert not shapes.crosses_itself(path())
    assert not shapes.crosses_itself(path(np.zeros((3, 2))))


def test_many_chords_are_tested_in_blocks(monkeypatch):
    points = circle((50, 50), 40, 30)
    crossed = points.copy()
    crossed[3:6] = points[45:48]
    for block in (1, 1000, 2**20):
        monkeypatch.setattr(shapes, "_BLOCK", block)
        assert not shapes.crosses_itself(path(points), 4)
        assert shapes.crosses_itself(path(crossed), 4)


@given(random_outlines(noise=0.2))
@settings(max_examples=100, deadline=None)
def test_area_and_thickness_are_those_of_shapely(points):
    shape = shapely.Polygon(naive_outline(points, 40))
    assume(shape.is_valid)
    assert area([points]) == pytest.approx(shape.area, rel=2e-3)
    for thickness in (0.5, 1.0, 2.0, 8.0):
        surely = not shape.buffer(-thickness * 0.51, quad_segs=32).is_empty
        perhaps = not shape.buffer(-thickness * 0.49, quad_segs=32).is_empty
        assert shapes.thicker_than(path(points), thickness) in (surely, perhaps)


@pytest.mark.parametrize(
    ("subpaths", "sliver"),
    [
        ([rectangle(0, 0, 1.9, 1.9)], True),  # too small
        ([rectangle(0, 0, 2.1, 2.1)], False),
        ([rectangle(0, 0, 100, 0.9)], True),  # too thin
        ([rectangle(0, 0, 100, 1.0)], True),
        ([rectangle(0, 0, 100, 1.1)], False),
        ([circle((5, 5), 5), circle((5, 5), 4.2)[::-1]], True),  # a thin ring
        ([circle((5, 5), 5), circle((5, 5), 3.8)[::-1]], False),
        ([rectangle(0, 0, 100, 0.5), rectangle(90, 0, 92, 4)], False),  # thick in one place
        ([], True),
        ([np.zeros((3, 2))], True),
    ],
)
def test_specks(subpaths, sliver):
    assert shapes.is_speck(path(*subpaths)) is sliver


def test_a_long_diagonal_sliver():
    thin = np.array([[0, 0], [500, 500], [500, 501.3], [0, 1.3]], np.float64)  # 1.3/√2 = 0.92
    thicker = [[0, 0], [0, 0], [0, 0.2], [0, 0.2]]
    assert shapes.is_speck(path(polygon(thin)))
    assert not shapes.is_speck(path(polygon(thin + thicker)))


@given(random_outlines(noise=0.2), st.floats(1, 60), st.floats(1, 60))
@settings(max_examples=60, deadline=None)
def test_outside_share_is_that_of_shapely(points, width, height):
    shape = shapely.Polygon(naive_outline(points, 40))
    assume(shape.is_valid)
    inside = shape.intersection(shapely.box(0, 0, width, height)).area
    expected = 1.0 - inside / shape.area
    assert shapes.outside_share([path(points)], width, height) == pytest.approx(expected, abs=1e-4)


def test_shape_report():
    paths = [
        path(rectangle(0, 0, 10, 10), circle((5, 5), 2)[::-1]),
        path(circle((0, 5), 3), kind="detail"),
        path(circle((5, 5), 1), kind="detail"),
        path(polygon(np.array([[1, 1], [8, 8], [8, 1], [1, 8.0]])), kind="detail"),
    ]
    report = shapes.shape_report(Drawing(10, 10, paths))
    assert report["paths"] == 4
    assert (report["structural"], report["detail"]) == (1, 3)
    assert report["nodes"] == 20
    assert report["nodes_per_structural_path"] == 8
    assert report["nodes_per_detail_path"] == 4
    assert report["crossing_paths"] == 1
    assert report["slivers"] == 2  # the small circle, and the bow tie, whose areas cancel
    assert 0.1 < report["outside_share"] < 0.15
    assert report["smooth_anchors"] == 8 / 20  # those of two circles; the hole starts at a handle
    assert report["spikes"] == 0
    empty = shapes.shape_report(Drawing(10, 10))
    assert empty["paths"] == empty["outside_share"] == empty["nodes_per_detail_path"] == 0
