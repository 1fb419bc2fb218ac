# SPDX-License-Identifier: GPL-3.0-or-later
"""Traced partitions, painted by shapely, against the partitions themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from outlines import colorful, covered, is_simple, noise, painted, parts_of, runs_clockwise, sampled
from PIL import Image
from scipy.ndimage import distance_transform_edt
from shapely.geometry import Polygon

from semvec.core.drawing import Path as DrawingPath
from semvec.core.tracing import trace

WHITE = np.ones((64, 64, 3), np.float32)


def distance_from_center(height: int = 64, width: int = 64) -> np.ndarray:
    y, x = np.mgrid[:height, :width] + 0.5
    return np.hypot(y - height / 2, x - width / 2)


def trace_of(labels: np.ndarray, **options) -> list[DrawingPath]:
    return trace(labels, colorful(labels), **options)


@st.composite
def partitions(draw: st.DrawFn) -> np.ndarray:
    """Blotches or noise, with or without an outside: int32 [H, W]."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    scale = draw(st.sampled_from([0, 2, 5, 12]))
    values = noise(draw(st.integers(0, 10**6)), height, width, draw(st.integers(1, 5)), scale)
    return parts_of(values, outside=draw(st.sampled_from([None, 0])))


@settings(max_examples=60, deadline=None)
@given(partitions())
def test_every_region_becomes_one_clean_path(labels: np.ndarray) -> None:
    paths = trace_of(labels)
    assert sorted(path.region for path in paths) == list(range(labels.max() + 1))
    for path in paths:
        assert path.kind == "structural" and path.name == "" and path.fill[3] == 1
        assert all(points.dtype == np.float32 for points in path.subpaths)
        assert all(is_simple(points) for points in path.subpaths)
        outer, *holes = (runs_clockwise(sampled(points)) for points in path.subpaths)
        assert not outer and all(holes)


@settings(max_examples=40, deadline=None)
@given(partitions())
def test_what_is_painted_is_the_partition(labels: np.ndarray) -> None:
    """Every pixel shows its region, or one that is no further than the smoothing reaches."""
    seen = painted(trace_of(labels), labels.shape)
    if labels.min() >= 0:
        assert seen.min() >= 0
    if labels.max() < 0:
        assert seen.max() < 0
        return
    # The border lies half a pixel nearer than the first pixel beyond it.
    assert (seen[distance_transform_edt(labels < 0) > 2.3] < 0).all()
    deep_inside = np.zeros(labels.shape, bool)
    for region in range(labels.max() + 1):
        deep_inside |= distance_transform_edt(np.pad(labels == region, 9, "edge"))[9:-9, 9:-9] > 3
    assert np.array_equal(seen[deep_inside], labels[deep_inside])


@pytest.mark.parametrize("seed", range(12))
def test_no_color_shows_far_from_its_region(seed: int) -> None:
    """No seams, and nothing that a shape reaches beneath others comes to light."""
    labels = parts_of(noise(seed, 96, 128, 3, 12))
    seen = painted(trace_of(labels), labels.shape)
    away = np.zeros(labels.shape)
    for region in np.unique(seen):
        away[seen == region] = distance_transform_edt(labels != region)[seen == region]
    assert away.max() <= 4
    assert (away > 2).mean() < 0.001


def test_a_circle_is_a_circle() -> None:
    labels = (distance_from_center() < 20).astype(np.int32)
    background, disc = trace_of(labels)
    assert (background.region, disc.region) == (0, 1)
    assert disc.nodes == 4
    radii = np.linalg.norm(sampled(disc.subpaths[0]) - 32, axis=1)
    assert np.abs(radii - 20).max() < 0.4


def test_a_rectangle_keeps_its_corners() -> None:
    labels = np.zeros((64, 64), np.int32)
    labels[20:44, 10:50] = 1
    rectangle = trace_of(labels)[1]
    assert rectangle.nodes == 4
    corners = np.array([[10, 20], [10, 44], [50, 44], [50, 20]])  # counter-clockwise on screen
    nodes = rectangle.subpaths[0][::3]
    start = np.abs(nodes[0] - corners).sum(axis=1).argmin()
    assert np.abs(nodes - np.roll(corners, -start, axis=0)).max() < 0.15


def test_a_star_keeps_its_points() -> None:
    angles = np.arange(10) * np.pi / 5
    radii = np.where(np.arange(10) % 2, 35, 90)
    corners = np.stack([100 + radii * np.sin(angles), 100 + radii * np.cos(angles)], axis=1)
    y, x = np.mgrid[:200, :200] + 0.5
    labels = parts_of(shapely.contains_xy(Polygon(corners), x, y).astype(int))
    star = next(path for path in trace_of(labels) if path.region == labels[100, 100])
    assert star.nodes <= 12  # the pixels at its tips are a matter of luck
    gaps = np.linalg.norm(star.subpaths[0][::3, None] - corners[None], axis=2).min(axis=0)
    assert gaps.max() < 2.0


def test_a_ring_is_painted_over_what_is_inside_it() -> None:
    distance = distance_from_center()
    labels = np.where(distance < 12, 1, np.where(distance < 26, 2, 0)).astype(np.int32)
    paths = trace_of(labels)
    assert [path.region for path in paths] == [0, 2, 1]
    assert [len(path.subpaths) for path in paths] == [1, 1, 1]
    assert covered(paths[1], labels.shape)[distance < 25].all()


def test_a_hole_stays_open_where_what_is_inside_is_outside_of_the_drawing() -> None:
    distance = distance_from_center()
    labels = np.where((distance < 26) & (distance > 12), 0, -1).astype(np.int32)
    labels[distance < 5] = 1
    ring, island = trace_of(labels)
    assert (ring.region, len(ring.subpaths), ring.nodes) == (0, 2, 8)
    outer, hole = (sampled(points) for points in ring.subpaths)
    assert Polygon(outer).contains(Polygon(hole))
    assert np.abs(np.linalg.norm(hole - 32, axis=1) - 12).max() < 0.5
    assert not covered(ring, labels.shape)[distance < 11].any()
    assert island.region == 1 and covered(island, labels.shape)[distance < 4].all()


def test_a_hole_filled_by_a_lower_and_an_upper_layer_needs_no_sub_path() -> None:
    """A C-shape whose gap is closed by a small region must not paint over what it holds."""
    distance = distance_from_center()
    labels = np.where((distance < 26) & (distance > 20), 1, 0).astype(np.int32)
    labels[30:34, 40:] = np.where(labels[30:34, 40:] == 1, 2, 0)
    paths = trace_of(labels)
    assert [len(path.subpaths) for path in paths] == [1] * len(paths)
    seen = painted(paths, labels.shape)
    assert (seen[distance < 18] == labels[distance < 18]).all()


def test_lower_shapes_reach_beneath_upper_ones() -> None:
    labels = np.zeros((60, 90), np.int32)
    labels[:, 40:] = 1
    labels[20:40, 30:50] = 2
    paths = {path.region: path for path in trace_of(labels)}
    # Region 1 lies beneath region 2 and reaches at least two pixels further than its border.
    assert covered(paths[1], labels.shape)[22:38, 49].all()
    assert covered(paths[1], labels.shape)[22:38, 48].all()


def test_the_lowest_path_covers_the_canvas_with_four_cubics() -> None:
    labels = parts_of(noise(5, 50, 70, 4, 10))
    lowest = trace_of(labels)[0]
    box = Polygon(sampled(lowest.subpaths[0]))
    assert lowest.nodes == 4
    assert box.contains(shapely.box(-1, -1, 71, 51)) and shapely.box(-3, -3, 73, 53).contains(box)


def test_shapes_overrun_the_canvas_a_little() -> None:
    labels = np.repeat(np.arange(3, dtype=np.int32), 30)[:, None].repeat(120, axis=1)
    for path in trace_of(labels):
        left, _, right, _ = Polygon(sampled(path.subpaths[0])).bounds
        assert -3.2 < left < -0.9 and 120.9 < right < 123.2


def test_fills_are_mean_colors() -> None:
    labels = parts_of(noise(3, 40, 40, 3, 8))
    image = np.random.default_rng(0).uniform(0, 1, (40, 40, 3)).astype(np.float32)
    for path in trace(labels, image):
        assert path.fill[:3] == pytest.approx(image[labels == path.region].mean(axis=0), abs=1e-6)


def test_what_lies_inside_comes_later() -> None:
    distance = distance_from_center(96, 96)
    labels = np.select([distance < r for r in (6, 14, 22, 30, 38)], range(5), 5).astype(np.int32)
    assert [path.region for path in trace_of(labels)] == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 3)])
def test_tiny_canvases(shape: tuple[int, int]) -> None:
    [path] = trace_of(np.zeros(shape, np.int32))
    assert covered(path, shape).all()


def test_single_pixels() -> None:
    labels = np.arange(48, dtype=np.int32).reshape(6, 8)
    paths = trace_of(labels)
    assert np.array_equal(painted(paths, labels.shape), labels)


def test_a_checkerboard_of_a_region_and_pixels_of_their_own() -> None:
    y, x = np.mgrid[:21, :21]
    labels = parts_of(np.where((y % 2 == 1) & (x % 2 == 1), 1, 0))
    paths = trace_of(labels)
    assert len(paths) == 101 and paths[0].region == 0
    assert np.array_equal(painted(paths, labels.shape), labels)


def test_pixels_that_touch_at_a_corner_only() -> None:
    labels = -np.ones((12, 12), np.int32)
    labels[3:6, 3:6], labels[6:9, 6:9] = 0, 1
    first, second = (Polygon(sampled(path.subpaths[0])) for path in trace_of(labels))
    assert not first.intersects(second)
    assert first.area == pytest.approx(9, rel=0.2)


def test_thin_lines_survive() -> None:
    labels = np.zeros((64, 64), np.int32)
    labels[30:32, 5:60] = 1
    line = trace_of(labels)[1]
    assert Polygon(sampled(line.subpaths[0])).area == pytest.approx(110, rel=0.15)


def test_a_spiral() -> None:
    y, x = np.mgrid[:120, :120] - 59.5
    winding = np.hypot(x, y) / 9 - np.arctan2(y, x) / (2 * np.pi)
    labels = parts_of(np.where((winding % 1 < 0.5) & (np.hypot(x, y) < 55), 1, 0))
    paths = trace_of(labels)
    assert all(is_simple(path.subpaths[0]) for path in paths)
    assert (painted(paths, labels.shape) == labels).mean() > 0.97


def test_nothing_to_draw_gives_no_paths() -> None:
    assert trace_of(-np.ones((5, 7), np.int32)) == []


def test_a_cap_on_the_segments_holds() -> None:
    labels = parts_of(noise(8, 80, 80, 3, 7))
    paths = trace_of(labels, maximum_segments=6)
    assert max(path.nodes for path in paths) <= 6 < max(path.nodes for path in trace_of(labels))
    assert all(is_simple(path.subpaths[0]) for path in paths)


def test_faint_borders_take_fewer_nodes_than_clear_ones() -> None:
    labels = parts_of(noise(4, 128, 128, 3, 12))
    image = colorful(labels)
    clear, faint = (sum(p.nodes for p in trace(labels, i)) for i in (image, 0.1 * image))
    assert faint < clear


def test_the_same_partition_gives_the_same_bytes() -> None:
    labels = parts_of(noise(2, 60, 60, 4, 9))
    first, second = trace_of(labels), trace_of(labels.astype(np.int64))
    assert [p.subpaths[0].tobytes() for p in first] == [p.subpaths[0].tobytes() for p in second]


def test_image_and_labels_of_different_size_are_refused() -> None:
    with pytest.raises(ValueError, match="don't match"):
        trace(np.zeros((5, 6), np.int32), WHITE)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, np.nan])
def test_a_tolerance_that_is_not_positive_is_refused(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance"):
        trace(np.zeros((64, 64), np.int32), WHITE, tolerance)


@pytest.mark.parametrize("name", ["24004", "65019", "176035"])
def test_people_s_segments_of_photographs(shared: Path, name: str) -> None:
    """Few nodes, no crossing, no gaps, and nearly the colors of the segments themselves."""
    image = np.asarray(Image.open(shared / "bsds" / f"{name}.png").convert("RGB"), np.float32) / 255
    labels = parts_of(np.load(shared / "bsds" / f"{name}.npz")["labels"].astype(int) + 1)
    paths = trace(labels, image)
    large = [p for p in paths if np.count_nonzero(labels == p.region) >= 60]
    assert np.mean([path.nodes for path in large]) <= 12
    assert all(is_simple(points) for path in paths for points in path.subpaths)
    seen = painted(paths, labels.shape)
    assert seen.min() >= 0
    assert (seen == labels).mean() > 0.97


def test_threads_change_nothing() -> None:
    random = np.random.default_rng(4)
    labels = np.kron(np.arange(20).reshape(4, 5), np.ones((9, 11), int))
    image = random.uniform(0, 1, (*labels.shape, 3))
    for one, three in zip(trace(labels, image), trace(labels, image, threads=3), strict=True):
        assert one.region == three.region
        np.testing.assert_array_equal(one.fill, three.fill)
        np.testing.assert_array_equal(one.subpaths[0], three.subpaths[0])
