# SPDX-License-Identifier: GPL-3.0-or-later
"""Brush strokes as saliency, against a loop over pixels and against shapely's outlines."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from semvec.core.errors import SaliencyError
from semvec.core.saliency.strokes import Stroke, paint_strokes


def line(*points, radius=3.0, opacity=1.0, **options):
    """A stroke of one width and opacity."""
    count = len(points)
    return Stroke(
        np.array(points, float).reshape(-1, 2),
        np.full(count, radius),
        np.full(count, opacity),
        **options,
    )


def wild_stroke(rng, size):
    """A stroke in and around a picture; radii and opacities change along it."""
    count = rng.integers(1, 6)
    points = rng.uniform(-0.3 * size, 1.3 * size, (count, 2))
    return Stroke(points, rng.uniform(0, 6, count), rng.random(count), bool(rng.integers(2)))


def naive_value(x, y, stroke, softness):
    """Return the saliency of the point (x, y) by one stroke: the strongest of its segments."""
    ends = [*zip(stroke.points, stroke.radii, stroke.opacities, strict=True)]
    following = [*ends[1:], ends[0] if stroke.closed else ends[-1]]
    strongest = 0.0
    for (a, radius_a, opacity_a), (b, radius_b, opacity_b) in zip(ends, following, strict=True):
        squared = float((b - a) @ (b - a))
        t = 0.0 if squared == 0 else float((np.array([x, y]) - a) @ (b - a)) / squared
        t = min(max(t, 0.0), 1.0)
        distance = math.dist((x, y), a + t * (b - a))
        radius = radius_a + t * (radius_b - radius_a)
        share = min((radius + 0.5 - distance) / (1 + softness * radius), 2 * radius, 1.0)
        strongest = max(strongest, share * (opacity_a + t * (opacity_b - opacity_a)))
    return strongest


def naive_map(strokes, height, width, softness):
    result = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            for stroke in strokes:
                value = naive_value(column + 0.5, row + 0.5, stroke, softness)
                result[row, column] = max(result[row, column], value)
    return result


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("softness", [0.0, 0.4, 1.0])
def test_every_pixel_is_what_a_plain_loop_says(seed, softness):
    rng = np.random.default_rng(seed)
    strokes = [wild_stroke(rng, 24) for _ in range(3)]
    painted = paint_strokes(strokes, 21, 27, softness=softness)
    assert painted.dtype == np.float32
    assert np.abs(painted - naive_map(strokes, 21, 27, softness)).max() < 1e-4


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(2.0, 12.0))
def test_a_hard_stroke_covers_the_area_of_its_outline(seed, radius):
    points = np.random.default_rng(seed).uniform(25, 75, (4, 2))
    painted = paint_strokes([line(*points, radius=radius)], 100, 100)
    outline = shapely.LineString(points).buffer(radius, quad_segs=64)
    assert painted.sum() == pytest.approx(outline.area, rel=0.01)


@pytest.mark.parametrize("radius", [0.0, 0.1, 0.3, 0.5, 2.0])
def test_thin_strokes_fade_with_their_width(radius):
    """Upright and between pixels, wherever: the sum along a row is the width."""
    for x in (20.0, 20.3, 20.5):
        painted = paint_strokes([line((x, -9), (x, 50), radius=radius)], 9, 40)
        assert painted.sum(axis=1) == pytest.approx(2 * radius, abs=0.26)
    assert radius > 0 or not painted.any()


def test_a_softer_stroke_is_as_wide_and_nowhere_stronger():
    stroke = line((8, 16), (24, 16), radius=8.0)
    maps = [paint_strokes([stroke], 32, 32, softness=s) for s in (0.0, 0.3, 0.6, 1.0)]
    assert all(np.all(softer <= harder) for harder, softer in itertools.pairwise(maps))
    assert all(np.array_equal(m > 0, maps[0] > 0) for m in maps)
    assert maps[-1][16, 16] == pytest.approx(8 / 9)  # half a pixel from the line
    assert maps[-1][20, 16] == pytest.approx(0.5, abs=0.1)  # half a radius away


def test_strokes_overlap_without_adding_up():
    faint, strong = line((0, 8), (16, 8), opacity=0.3), line((8, 0), (8, 16), opacity=0.8)
    both = paint_strokes([faint, strong], 16, 16)
    assert both.max() == pytest.approx(0.8)
    alone = [paint_strokes([stroke], 16, 16) for stroke in (faint, strong)]
    assert np.array_equal(both, np.maximum(*alone))


def test_opacity_and_radius_run_along_the_line():
    points = np.array([[0.0, 20.0], [100.0, 20.0]])
    stroke = Stroke(points, np.array([0.0, 10.0]), np.array([1.0, 0.0]))
    painted = paint_strokes([stroke], 40, 100)
    widths = (painted > 0.5 * painted.max(axis=0)).sum(axis=0)
    assert widths[20] == pytest.approx(4, abs=1) and widths[80] == pytest.approx(16, abs=1)
    assert painted[20, 25] == pytest.approx(0.745, abs=0.02)
    assert painted[20, 75] == pytest.approx(0.245, abs=0.02)


def test_a_single_point_is_a_dot():
    painted = paint_strokes([line((10, 10), radius=6.0)], 20, 20)
    assert painted.sum() == pytest.approx(math.pi * 36, rel=0.01)


def test_a_closed_line_returns_to_its_start():
    corners = [(5, 5), (25, 5), (15, 25)]
    way_back = [
        Stroke(line(*corners).points, np.full(3, 3.0), np.ones(3), closed=c) for c in (0, 1)
    ]
    opened, closed = (paint_strokes([stroke], 30, 30) for stroke in way_back)
    assert opened[15, 10] == 0.0 and closed[15, 10] == 1.0
    there_and_back = paint_strokes([line(*corners, corners[0])], 30, 30)
    assert np.array_equal(closed, there_and_back)


def test_fillings_are_painted_at_their_own_opacity():
    square = [(10, 10), (10, 30), (30, 30), (30, 10)]
    shapes = [
        line(*square, radius=0.0, filling=0.5),
        line(*[(x + 10, y) for x, y in square[::-1]], radius=0.0, filling=0.25),
    ]
    expected = np.zeros((40, 60))
    expected[10:30, 10:30], expected[10:30, 30:40] = 0.5, 0.25
    assert paint_strokes(shapes, 40, 60) == pytest.approx(expected, abs=1e-6)
    outlined = paint_strokes([line(*square, radius=2.0, closed=True, filling=0.5)], 40, 40)
    assert outlined[20, 20] == 0.5 and outlined[20, 10] == 1.0


@pytest.mark.parametrize("background", [0.0, 0.2, 1.0])
def test_unpainted_pixels_get_the_background(background):
    painted = paint_strokes([line((8, 8), opacity=0.5)], 16, 16, background=background)
    assert painted[0, 0] == pytest.approx(background)
    assert painted[8, 8] == pytest.approx(background + (1 - background) * 0.5)


def test_no_strokes_leave_the_background():
    nothing = [[], [line()], [line((5, 5), radius=0.0)], [line((5, 5), opacity=0.0)]]
    assert all(np.all(paint_strokes(s, 9, 9, background=0.25) == 0.25) for s in nothing)


def test_strokes_are_cut_at_the_edge_of_the_picture():
    stroke = line((-40, 5), (60, 25), radius=4.0)
    whole = paint_strokes([line((0, 45), (100, 65), radius=4.0)], 100, 100)
    assert paint_strokes([stroke], 20, 30) == pytest.approx(whole[40:60, 40:70], abs=1e-5)


def test_threads_change_nothing():
    rng = np.random.default_rng(3)
    strokes = [wild_stroke(rng, 90) for _ in range(20)]
    one, many = (paint_strokes(strokes, 90, 90, softness=0.5, threads=n) for n in (1, 7))
    assert one.tobytes() == many.tobytes()


numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)


@settings(max_examples=100, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(0, 5), st.just(4)), elements=numbers))
def test_odd_numbers_do_no_harm(values):
    odd = Stroke(values[:, :2], values[:, 2], values[:, 3], True, 0.5)
    good = line((3, 3), (5, 9), opacity=0.75)
    painted = paint_strokes([odd, good], 12, 10)
    assert np.all((painted >= 0) & (painted <= 1))  # also no NaN
    assert np.all(painted >= paint_strokes([good], 12, 10))


@pytest.mark.parametrize(
    "stroke",
    [
        Stroke(np.zeros((3, 3)), np.ones(3), np.ones(3)),
        Stroke(np.zeros((3, 2)), np.ones(2), np.ones(3)),
        Stroke(np.zeros((3, 2)), np.ones(3), np.ones(4)),
        line((1, 1), filling=math.nan),
        line((1, 1), filling=2.0),
    ],
)
def test_strokes_that_make_no_sense_are_refused(stroke):
    with pytest.raises(SaliencyError) as caught:
        paint_strokes([stroke], 8, 8)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["softness", "background"])
@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(SaliencyError, match=name):
        paint_strokes([], 8, 8, **{name: value})
