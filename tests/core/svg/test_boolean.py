# SPDX-License-Identifier: GPL-3.0-or-later
"""Boolean operations on outlines, against winding numbers counted point by point."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from semvec.core.bezier import circle, rectangle
from semvec.core.svg.boolean import combine, combined
from semvec.core.svg.jobs import Job, Operand

RANDOM = np.random.default_rng(5)
PLACES = np.concatenate([RANDOM.uniform(-2, 12, (90, 2)), RANDOM.normal(5, 2, (90, 2))])


def polyline(points: np.ndarray, count: int = 24) -> np.ndarray:
    """A closed sub-path as a polygon of many corners."""
    around = np.concatenate([points, points[:1]])
    t = (np.arange(count) / count)[:, None]
    pieces = [
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
        for a, b, c, d in zip(around[:-1:3], around[1::3], around[2::3], around[3::3], strict=True)
    ]
    return np.concatenate(pieces)


def windings(outline: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Of all places, how often they are wound round, and the distance to the nearest edge."""
    total, nearest = np.zeros(len(PLACES)), np.full(len(PLACES), np.inf)
    for points in outline:
        start = polyline(points)[None] - PLACES[:, None]
        end = np.roll(start, -1, axis=1)
        turn = np.arctan2(
            start[..., 0] * end[..., 1] - start[..., 1] * end[..., 0], (start * end).sum(-1)
        )
        total += turn.sum(axis=1) / (2 * np.pi)
        step = end - start
        size = np.maximum((step * step).sum(-1), 1e-300)
        along = (-(start * step).sum(-1) / size).clip(0, 1)
        nearest = np.minimum(nearest, np.hypot(*(start + along[..., None] * step).T).min(axis=0))
    return np.rint(total).astype(int), nearest


def inside(operand: Operand) -> np.ndarray:
    number = windings(operand.outline)[0]
    return number % 2 != 0 if operand.rule == "evenodd" else number != 0


def assert_right(operation: str, operands: list[Operand]) -> None:
    result = combined(operation, *operands)
    first, *others = [inside(operand) for operand in operands]
    rest = np.any([np.zeros(len(PLACES), bool), *others], axis=0)
    expected = {
        "union": first | rest, "intersect": first & rest, "subtract": first & ~rest
    }[operation]  # fmt: skip
    far = np.min([windings(operand.outline)[1] for operand in operands], axis=0) > 0.03
    for rule in ("nonzero", "evenodd"):
        np.testing.assert_array_equal(inside(Operand(result, rule))[far], expected[far])


grid_points = st.tuples(st.integers(0, 10), st.integers(0, 10))
any_points = st.tuples(st.floats(0, 10, width=16), st.floats(0, 10, width=16))


@st.composite
def outlines(draw) -> list[np.ndarray]:
    """Curves and polygons, many with corners and edges in common."""
    points = draw(st.sampled_from([grid_points, any_points]))
    found = []
    for _ in range(draw(st.integers(1, 3))):
        corners = np.array(draw(st.lists(points, min_size=2, max_size=6)), float)
        if draw(st.booleans()):
            corners = np.repeat(corners, 3, axis=0)
            thirds = (np.roll(corners[::3], -1, axis=0) - corners[::3]) / 3.0
            corners[1::3] += thirds
            corners[2::3] += 2 * thirds
        found.append(corners[: len(corners) // 3 * 3])
    return [each for each in found if len(each)] or [np.zeros((3, 2))]


operands = st.builds(Operand, outlines(), st.sampled_from(["nonzero", "evenodd"]))


@given(operands)
@example(Operand([np.array([[0, 0], [10, 10], [-5, 10], [5, 0], [0, 0], [0, 0]], float)]))
@settings(max_examples=80, deadline=None)
def test_resolved_outlines_fill_what_the_rule_says(operand):
    assert_right("union", [operand])


@given(st.sampled_from(["union", "intersect", "subtract"]), st.lists(operands, min_size=2,
                                                                     max_size=3))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_operations_fill_what_logic_says(operation, several):
    assert_right(operation, several)


def disc(x: float, y: float, radius: float) -> np.ndarray:
    return circle((x, y), radius).astype(float)


def test_cut_curves_stay_on_the_given_ones():
    """Not on the polygons by which crossings are found."""
    result = combined("union", Operand([disc(4, 5, 3), disc(6, 5, 3)]))
    points = np.concatenate([polyline(subpath) for subpath in result])
    distances = [np.hypot(*(points - center).T) for center in ((4, 5), (6, 5))]
    assert np.abs(np.minimum(*(np.abs(d - 3) for d in distances))).max() < 5e-3
    assert len(result) == 1 and len(result[0]) <= 3 * 10


def test_outlines_that_need_no_change_are_returned_as_they_are():
    ring = [disc(5, 5, 4), np.roll(disc(5, 5, 2)[::-1], 1, axis=0)]
    for rule in ("nonzero", "evenodd"):
        result = combined("union", Operand(ring, rule))
        assert all(map(np.array_equal, result, ring))


def test_a_hole_is_turned_where_only_the_even_odd_rule_makes_it_one():
    result = combined("union", Operand([disc(5, 5, 4), disc(5, 5, 2)], "evenodd"))
    assert len(result) == 2
    assert len(combined("union", Operand([disc(5, 5, 4), disc(5, 5, 2)], "nonzero"))) == 1


def test_pieces_that_share_edges_become_one_outline():
    """Blender can't fill outlines with edges in common."""
    squares = [rectangle(i, 0, i + 1, 1).astype(float) for i in range(4)]
    (united,) = combined("union", Operand(squares))
    np.testing.assert_allclose([united.min(axis=0), united.max(axis=0)], [[0, 0], [4, 1]])


def test_what_coincides_is_united_or_leaves_nothing():
    square = rectangle(1, 1, 5, 5).astype(float)
    beside = rectangle(5, 1, 9, 5).astype(float)
    (united,) = combined("union", Operand([square]), Operand([beside]))
    np.testing.assert_allclose([united.min(axis=0), united.max(axis=0)], [[1, 1], [9, 5]])
    assert combined("subtract", Operand([square]), Operand([square])) == []
    assert combined("intersect", Operand([square]), Operand([beside])) == []
    (same,) = combined("intersect", Operand([square]), Operand([square[::-1]]))
    np.testing.assert_allclose([same.min(axis=0), same.max(axis=0)], [[1, 1], [5, 5]])


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_jobs_are_independent_of_each_other_and_of_scale(scale):
    outline = [scale * disc(3, 3, 2), scale * disc(5, 4, 2)]
    together = combine([Job([Operand(outline)]), Job([Operand([])]), Job([Operand(outline[:1])])])
    alone = combined("union", Operand(outline))
    np.testing.assert_allclose(together[0][0], alone[0], rtol=1e-9)
    assert together[1] == [] and np.array_equal(together[2][0], outline[0])


def test_time_is_nearly_linear_in_the_number_of_sub_paths():
    """By counting comparisons, not seconds: cells keep what is far apart from being compared."""
    from semvec.core.svg.effort import Effort
    from semvec.core.svg.segments import GRID, Segments, close_pairs

    def comparisons(count: int) -> int:
        side = int(np.sqrt(count))
        corners = np.array(list(itertools.product(range(side), range(side)))) * GRID / side
        zeros = np.zeros(len(corners), int)
        end = corners + 0.6 * GRID / side
        return len(close_pairs(Segments(corners, end, zeros, zeros, zeros, zeros), Effort())[0])

    assert comparisons(90_000) <= 10 * max(comparisons(10_000), 1000)


def test_many_nested_outlines_are_resolved():
    """Long sides of the squares share many cells of the grid."""
    squares = [rectangle(i, i, 800 - i, 800 - i).astype(float) for i in np.arange(0, 400, 0.4)]
    result = combined("union", Operand(squares, "evenodd"))
    assert len(result) == 1000
    assert combined("union", Operand(squares)) is not None


def test_operands_may_be_empty():
    """Also where the last one of all jobs is, or all of its pieces are too thin."""
    square, nothing = rectangle(1.0, 1.0, 5.0, 5.0), Operand([])
    thin = Operand([rectangle(1.0, 1.0, 1.0, 5.0)])
    for empty in (nothing, thin):
        assert combined("intersect", Operand([square]), empty) == []
        assert len(combined("subtract", Operand([square]), empty)) == 1
        assert len(combined("union", Operand([square]), nothing, empty)) == 1
    assert combined("intersect", nothing, thin) == []


def test_what_is_too_complex_is_said_to_be():
    """A star of so many points has millions of crossings."""
    angles = np.arange(20_001) * (10_000 * 2 * np.pi / 20_001)
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.repeat(corners, 3, axis=0)
    step = np.roll(corners, -1, axis=0) - corners
    points[1::3] += step / 3
    points[2::3] += step / 1.5
    assert combined("union", Operand([points])) is None
