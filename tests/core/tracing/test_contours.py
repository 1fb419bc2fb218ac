# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines of masks against plain loops, scikit-image and shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from outlines import closed, noise
from shapely.geometry import Polygon
from skimage.measure import label
from skimage.segmentation import flood

from semvec.core.bezier import polygon_area
from semvec.core.tracing.contours import cracks, interior, outline, outside_pixels

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


def sides_between_inside_and_outside(mask: np.ndarray) -> set[tuple[int, int, int, int]]:
    """Every pixel side with the mask on exactly one of its sides, from end to end."""
    inside = {(x, y) for y, x in np.argwhere(mask).tolist()}
    sides = set()
    for x, y in inside:
        around = {
            (x - 1, y): (x, y, x, y + 1),
            (x, y + 1): (x, y + 1, x + 1, y + 1),
            (x + 1, y): (x + 1, y + 1, x + 1, y),
            (x, y - 1): (x + 1, y, x, y),
        }
        sides |= {side for neighbor, side in around.items() if neighbor not in inside}
    return sides


@given(MASKS)
def test_cracks_are_all_sides_of_the_mask_each_once(mask: np.ndarray) -> None:
    walked = [
        (*start, *end)
        for vertices in cracks(mask)
        for start, end in zip(
            vertices.tolist(), np.roll(vertices, -1, axis=0).tolist(), strict=True
        )
    ]
    assert len(walked) == len(set(walked))
    assert set(walked) == sides_between_inside_and_outside(mask)


@given(MASKS)
def test_outlines_go_around_parts_one_way_and_around_holes_the_other(mask: np.ndarray) -> None:
    areas = [polygon_area(vertices) for vertices in cracks(mask)]
    parts = label(mask, connectivity=1, return_num=True)[1]
    background = label(~np.pad(mask, 1), connectivity=2, return_num=True)[1]
    assert sum(area < 0 for area in areas) == parts
    assert sum(area > 0 for area in areas) == background - 1
    assert sum(areas) == -np.count_nonzero(mask)


@given(MASKS)
def test_the_interior_of_an_outline_is_what_no_flood_from_outside_reaches(
    mask: np.ndarray,
) -> None:
    for vertices in cracks(mask):
        is_hole = polygon_area(vertices) > 0
        within = interior(vertices, mask.shape)
        start = next(
            place for place in np.argwhere(mask != is_hole).tolist() if within[tuple(place)]
        )
        component = flood(np.pad(mask != is_hole, 1), (start[0] + 1, start[1] + 1),
                          connectivity=2 if is_hole else 1)  # fmt: skip
        sea = flood(component, (0, 0), connectivity=1 if is_hole else 2)
        assert np.array_equal(within, ~sea[1:-1, 1:-1])


@given(MASKS)
def test_outside_pixels_lie_beyond_their_side(mask: np.ndarray) -> None:
    padded = np.pad(mask, 1)
    for vertices in cracks(mask):
        following = np.roll(vertices, -1, axis=0)
        outside = outside_pixels(vertices)
        assert not padded[outside[:, 1] + 1, outside[:, 0] + 1].any()
        # The middles of pixel and side are half a pixel apart.
        offset = outside + 0.5 - (vertices + following) / 2
        assert np.array_equal(np.abs(offset).sum(axis=1), np.full(len(vertices), 0.5))


@settings(max_examples=200, deadline=None)
@given(MASKS)
def test_smooth_outlines_neither_cross_nor_touch(mask: np.ndarray) -> None:
    lines = [closed(polyline) for polyline in outline(mask)]
    assert all(line.is_simple for line in lines)
    for i, line in enumerate(lines):
        assert not any(line.intersects(other) for other in lines[:i])


@given(MASKS)
def test_smooth_outlines_stay_within_a_third_of_a_pixel_of_the_sides_middles(
    mask: np.ndarray,
) -> None:
    for vertices, polyline in zip(cracks(mask), outline(mask), strict=True):
        middles = (vertices + np.roll(vertices, -1, axis=0)) / 2
        assert np.abs(polyline - middles).max() <= 0.35 + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_smooth_outlines_enclose_as_much_as_the_pixels(seed: int) -> None:
    mask = noise(seed, 60, 60, 2, 8) == 0
    for vertices, polyline in zip(cracks(mask), outline(mask), strict=True):
        pixels = abs(polygon_area(vertices))
        assert abs(polygon_area(polyline)) == pytest.approx(pixels, rel=0.03, abs=1.0)


def test_a_single_pixel_keeps_its_size() -> None:
    mask = np.zeros((3, 3), bool)
    mask[1, 1] = True
    [polyline] = outline(mask)
    assert Polygon(polyline).area == pytest.approx(1.0, abs=0.2)
    assert shapely.equals_exact(Polygon(polyline).centroid, shapely.Point(1.5, 1.5), 1e-9)


def test_a_straight_side_is_straight() -> None:
    mask = np.zeros((40, 60), bool)
    mask[10:30, 10:50] = True
    [polyline] = outline(mask)
    middle = polyline[(polyline[:, 0] > 18) & (polyline[:, 0] < 42)]
    assert np.abs(np.abs(middle[:, 1] - 20) - 10).max() < 0.05


def test_an_empty_mask_has_no_outline() -> None:
    assert outline(np.zeros((4, 5), bool)) == []
    assert outline(np.zeros((0, 5), bool)) == []
