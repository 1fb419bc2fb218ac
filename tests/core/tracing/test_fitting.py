# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitted outlines against the shapes they were fitted to, measured with shapely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from outlines import distance, is_simple, runs_clockwise, sampled
from shapely.geometry import Polygon

from semvec.core.native.structures import Ring
from semvec.core.tracing import fit_closed, fitting
from semvec.core.tracing.fitting import fit_outlines

CIRCLE = np.arange(1600) * (2 * np.pi / 1600)


def ellipse(width: float, height: float, center: tuple[float, float] = (0, 0)) -> np.ndarray:
    return np.stack([width * np.cos(CIRCLE), -height * np.sin(CIRCLE)], axis=1) + center


def star(rays: int, inner: float, outer: float) -> np.ndarray:
    angles = np.arange(2 * rays) * np.pi / rays
    radii = np.where(np.arange(2 * rays) % 2, inner, outer)
    return np.stack([radii * np.sin(angles), radii * np.cos(angles)], axis=1)


def kinks(points: np.ndarray) -> np.ndarray:
    """Degrees by which the outline turns at each node."""
    nodes = points[::3].astype(np.float64)
    arriving, leaving = nodes - np.roll(points[2::3], 1, axis=0), points[1::3] - nodes
    angles = np.arctan2(leaving[:, 1], leaving[:, 0]) - np.arctan2(arriving[:, 1], arriving[:, 0])
    return np.degrees(np.abs((angles + np.pi) % (2 * np.pi) - np.pi))


@pytest.mark.parametrize("radius", [3.0, 10.0, 40.0, 100.0])
def test_a_circle_takes_four_smooth_nodes(radius: float) -> None:
    polyline = ellipse(radius, radius, (50, 60))
    fitted = fit_closed(polyline, 0.5)
    assert len(fitted) == 3 * 4
    assert distance(sampled(fitted), polyline) < 0.5
    assert kinks(fitted).max() < 1


def test_a_square_takes_four_straight_cubics() -> None:
    square = np.array([[10, 10], [10, 50], [50, 50], [50, 10]])
    fitted = fit_closed(square, 1.0)
    nodes = sorted(fitted[::3].round(4).tolist())
    assert nodes == [[10, 10], [10, 50], [50, 10], [50, 50]]
    assert distance(sampled(fitted), square) < 0.05


@pytest.mark.parametrize(("rays", "inner"), [(4, 12), (5, 22), (8, 30)])
def test_a_star_keeps_its_points(rays: int, inner: float) -> None:
    corners = star(rays, inner, 60)
    fitted = fit_closed(corners, 1.0)
    assert len(fitted) == 3 * len(corners)
    gaps = np.linalg.norm(fitted[::3, None] - corners[None], axis=2).min(axis=0)
    assert gaps.max() < 0.1


def test_a_drop_has_one_corner_and_is_smooth_elsewhere() -> None:
    arc = np.radians(np.linspace(45, 315, 300))  # the tip continues it with two tangents
    drop = np.concatenate([30 * np.stack([np.cos(arc), -np.sin(arc)], axis=1), [[42.43, 0]]])
    fitted = fit_closed(drop, 0.5)
    turns = kinks(fitted)
    tip = turns.argmax()
    assert turns[tip] == pytest.approx(90, abs=5)
    assert np.abs(fitted[3 * tip] - (42.43, 0)).max() < 0.05
    assert np.delete(turns, tip).max() < 1
    assert len(turns) <= 6


@st.composite
def smooth_shapes(draw: st.DrawFn) -> np.ndarray:
    """A closed outline r(angle) with a few waves, some of them deep: float64 [1600, 2]."""
    size = draw(st.floats(6, 80))
    waves = draw(st.lists(st.tuples(st.integers(2, 6), st.floats(-0.25, 0.25)), max_size=3))
    radius = size * (1 + sum(depth * np.cos(count * CIRCLE) for count, depth in waves))
    return np.stack([radius * np.cos(CIRCLE), -radius * np.sin(CIRCLE)], axis=1) + 200


@settings(max_examples=40, deadline=None)
@given(smooth_shapes(), st.floats(0.3, 3))
def test_fits_stay_within_the_tolerance_and_simple(shape: np.ndarray, tolerance: float) -> None:
    fitted = fit_closed(shape, tolerance)
    assert fitted.dtype == np.float32 and len(fitted) % 3 == 0
    # Tolerance holds at samples one pixel apart.
    assert distance(sampled(fitted), shape) < tolerance + 0.5
    assert is_simple(fitted)
    assert runs_clockwise(sampled(fitted)) == runs_clockwise(shape)
    area = Polygon(shape).area
    assert Polygon(sampled(fitted)).area == pytest.approx(area, rel=0.15)


@settings(max_examples=30, deadline=None)
@given(smooth_shapes())
def test_no_cubic_is_degenerate(shape: np.ndarray) -> None:
    control = fit_closed(shape).astype(np.float64)
    chords = np.linalg.norm(np.roll(control[::3], -1, axis=0) - control[::3], axis=1)
    handles = [
        np.linalg.norm(control[1::3] - control[::3], axis=1),
        np.linalg.norm(control[2::3] - np.roll(control[::3], -1, axis=0), axis=1),
    ]
    for handle in handles:
        assert np.all(handle > 0.04 * chords) and np.all(handle < 0.76 * chords)


@settings(max_examples=30, deadline=None)
@given(smooth_shapes(), st.integers(4, 12))
def test_a_cap_on_the_segments_holds(shape: np.ndarray, maximum: int) -> None:
    fitted = fit_closed(shape, 0.2, maximum_segments=maximum)
    assert len(fitted) // 3 <= maximum
    assert is_simple(fitted)


def test_a_generous_cap_changes_nothing() -> None:
    shape = star(7, 30, 60)
    fitted = fit_closed(shape)
    assert np.array_equal(fit_closed(shape, maximum_segments=len(fitted) // 3), fitted)


def test_looser_tolerance_takes_fewer_nodes() -> None:
    random = np.random.default_rng(3)
    shape = ellipse(80, 50) + random.normal(0, 0.4, (1600, 2))
    nodes = [len(fit_closed(shape, tolerance)) // 3 for tolerance in (0.5, 1.0, 2.0)]
    assert nodes[0] > nodes[1] > nodes[2]


def test_tolerance_may_differ_along_the_outline() -> None:
    shape = ellipse(80, 80)
    shape += (
        1.2 * np.stack([np.cos(CIRCLE), -np.sin(CIRCLE)], axis=1) * np.cos(20 * CIRCLE)[:, None]
    )
    right = shape[:, 0] > 0
    fitted = fit_closed(shape, np.where(right, 0.3, 4.0))
    line = sampled(fitted)
    assert (fitted[::3, 0] > 10).sum() > 2 * (fitted[::3, 0] < -10).sum()
    offset = np.abs(np.hypot(*line.T) - 80 - 1.2 * np.cos(20 * np.arctan2(line[:, 1], line[:, 0])))
    assert offset[line[:, 0] > 10].max() < 0.6


def test_thin_shapes_keep_their_thickness() -> None:
    bar = np.array([[0, 0], [0, 2], [80, 2], [80, 0]], float)
    fitted = fit_closed(bar, 5.0)
    assert Polygon(sampled(fitted)).area == pytest.approx(160, rel=0.15)


def test_outlines_of_one_shape_do_not_cross() -> None:
    outer, hole = ellipse(30, 30), ellipse(28.5, 28.5)[::-1]
    fitted = fit_outlines([outer, hole], [3.0, 3.0])
    assert not Polygon(sampled(fitted[0])).exterior.intersects(Polygon(sampled(fitted[1])).exterior)


def test_winding_spirals_stay_apart() -> None:
    turns = np.linspace(1, 6 * np.pi, 900)
    arm = np.stack([turns * np.cos(turns), turns * np.sin(turns)], axis=1)
    out = np.stack([(turns + 3) * np.cos(turns), (turns + 3) * np.sin(turns)], axis=1)
    spiral = 3 * np.concatenate([arm, out[::-1]])
    fitted = fit_closed(spiral, 4.0)
    assert is_simple(fitted)
    assert Polygon(sampled(fitted)).area == pytest.approx(Polygon(spiral).area, rel=0.15)


def test_the_same_outline_gives_the_same_bytes() -> None:
    shape = star(9, 20, 33) + 0.1
    assert fit_closed(shape).tobytes() == fit_closed(shape.copy()).tobytes()


@pytest.mark.parametrize(
    "points",
    [np.zeros((2, 2)), np.zeros((5, 3)), np.zeros(6), np.array([[0, 0], [np.nan, 1], [1, 1]])],
)
def test_what_is_no_outline_is_refused(points: np.ndarray) -> None:
    with pytest.raises(ValueError, match="outline"):
        fit_closed(points)


def test_a_cap_below_four_is_refused() -> None:
    with pytest.raises(ValueError, match="4 segments"):
        fit_closed(star(5, 20, 40), maximum_segments=3)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(3, 30), st.just(2)),
              elements=st.floats(-50, 50, width=32)))  # fmt: skip
def test_any_polygon_gives_a_finite_outline(points: np.ndarray) -> None:
    """Self-crossing, flat, or all in one place: nothing sensible can come of it, but no harm."""
    fitted = fit_closed(points)
    assert len(fitted) >= 3 and np.isfinite(fitted).all()


@given(st.integers(2, 60), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e300]))
def test_the_native_part_survives_anything(count: int, value: float) -> None:
    size = count + 1
    points, tangents = np.full((size, 2), value), np.full((2, size, 2), value)
    weights, corners = np.full(size, value), np.ones(size, np.uint8)
    controls, starts = np.zeros((3 * count, 2)), np.zeros(count, np.int32)
    segments = np.zeros(1, np.int32)
    ring = Ring(
        points=points,
        arriving=tangents,
        leaving=tangents,
        weights=weights,
        corners=corners,
        count=count,
    )
    fitting._fit_ring(ring, controls, starts, segments)
    assert 0 <= segments[0] <= count
