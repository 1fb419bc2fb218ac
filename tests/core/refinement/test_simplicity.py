# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines that stay simple and fair while they move, and the repair of finished ones."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.shapes import crosses_itself, is_speck
from penalties import Ring, fairness_gradient, smoothness_gradient, spike_gradient
from shapely import LinearRing, Polygon

from semvec.core.bezier import SAMPLES, area, circle, polygon, rectangle
from semvec.core.drawing import Drawing, Path, pack, unpack
from semvec.core.refinement.repair import (
    crossing_segments,
    is_sliver,
    repair,
    repaired,
    size_of,
    slivers,
)
from semvec.core.refinement.simplicity import (
    MOVING_AREA,
    add_penalties,
    crossing_cubics,
    keep_simple,
)
from semvec.core.svg import quantized

MOVING_SAMPLES = 8


def path_of(*subpaths: np.ndarray) -> Path:
    return Path([points.astype(np.float32) for points in subpaths], np.ones(4, np.float32))


def chain(points: np.ndarray, samples: int) -> np.ndarray:
    """A sub-path drawn by De Casteljau's construction: [S·samples, 2]."""
    closed = np.concatenate([points, points[:1]]).astype(np.float64)
    drawn = []
    for first in range(0, len(points), 3):
        for t in np.arange(samples) / samples:
            control = closed[first : first + 4]
            while len(control) > 1:
                control = (1 - t) * control[:-1] + t * control[1:]
            drawn.append(control[0])
    return np.array(drawn)


def moved(path: Path, steps: np.ndarray) -> tuple[Path, np.ndarray]:
    """The path after several kept-simple steps [K, M, 2], and how often points went back."""
    scene = pack([path])
    reverted = np.zeros(len(scene.points), int)
    for step in steps:
        before = scene.points.copy()
        scene.points[:] += step
        reverted += keep_simple(scene, before)
    return unpack(scene, [path])[0], reverted


@pytest.mark.parametrize("segments", [3, 5, 8])
@pytest.mark.parametrize("seed", range(4))
def test_wild_steps_leave_outlines_simple(segments: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    path = path_of(circle((50, 50), 12, segments))
    steps = random.normal(0, 1.5, (60, 3 * segments, 2)).astype(np.float32)
    result, reverted = moved(path, steps)
    assert LinearRing(chain(result.subpaths[0], MOVING_SAMPLES)).is_simple
    assert not np.array_equal(result.subpaths[0], path.subpaths[0])
    free = path_of(path.subpaths[0] + steps.sum(axis=0))
    assert reverted.any() or LinearRing(chain(free.subpaths[0], MOVING_SAMPLES)).is_simple


def test_harmless_steps_pass_untouched() -> None:
    path = path_of(circle((50, 50), 20, 5))
    step = np.full((1, 15, 2), 0.25, np.float32)
    result, reverted = moved(path, step)
    np.testing.assert_allclose(result.subpaths[0], path.subpaths[0] + 0.25, atol=1e-5)
    assert not reverted.any()


def test_a_hole_stays_inside_its_shape() -> None:
    ring = path_of(circle((50, 50), 20, 4), circle((50, 50), 10, 4)[::-1].copy())
    ring.subpaths[1] = np.roll(ring.subpaths[1], 1, axis=0)  # anchor first again
    step = np.zeros((40, 24, 2), np.float32)
    step[:, 12:, 0] = 0.5  # push the hole through the wall
    result, _ = moved(ring, step)
    outer, hole = (chain(points, MOVING_SAMPLES) for points in result.subpaths)
    assert not LinearRing(outer).crosses(LinearRing(hole))


def test_shapes_do_not_shrink_to_specks() -> None:
    path = path_of(circle((50, 50), 5, 4))
    for _ in range(80):
        center = path.subpaths[0].mean(axis=0)
        step = (0.1 * (center - path.subpaths[0])).astype(np.float32)
        path, _ = moved(path, step[None])
    assert MOVING_AREA <= area(path.subpaths) < 0.5 * np.pi * 25


def test_result_does_not_depend_on_threads() -> None:
    random = np.random.default_rng(5)
    paths = [path_of(circle(random.uniform(0, 90, 2), 9, 5)) for _ in range(30)]
    results = []
    for threads in (1, 3):
        scene = pack(paths)
        before = scene.points.copy()
        scene.points[:] += np.random.default_rng(1).normal(0, 3, before.shape)
        reverted = keep_simple(scene, before, threads=threads)
        results.append((scene.points.tobytes(), reverted.tobytes()))
    assert results[0] == results[1]


@given(st.integers(0, 2**31), st.sampled_from([np.nan, np.inf, -np.inf, 1e30, 0.0]))
@settings(max_examples=30, deadline=None)
def test_odd_coordinates_do_no_harm(seed: int, odd: float) -> None:
    random = np.random.default_rng(seed)
    scene = pack([path_of(circle((9, 9), 5, 4)), path_of(circle((30, 9), 5, 4))])
    before = scene.points.copy()
    scene.points[random.integers(0, 12), random.integers(0, 2)] = odd
    keep_simple(scene, before)
    np.testing.assert_array_equal(scene.points[12:], before[12:])


def test_fairness_is_the_gradient_of_uneven_bending() -> None:
    random = np.random.default_rng(0)
    points = random.uniform(0, 20, (24, 2))
    starts = np.array([0, 9, 24], np.int32)
    ring = Ring(starts)

    def energy(at: np.ndarray) -> float:
        total = 0.0
        for first, last in itertools.pairwise(starts):
            for i in range(first, last):
                before = last - 1 if i == first else i - 1
                after = first if i == last - 1 else i + 1
                total += 0.5 * float(np.sum((at[i] - (at[before] + at[after]) / 2) ** 2))
        return total

    numeric = np.zeros_like(points)
    for index in np.ndindex(points.shape):
        step = np.zeros_like(points)
        step[index] = 1e-5
        numeric[index] = (energy(points + step) - energy(points - step)) / 2e-5
    np.testing.assert_allclose(fairness_gradient(ring, points), numeric, atol=1e-6)


def test_smoothness_straightens_slight_bends_and_leaves_corners() -> None:
    def turn(points: np.ndarray, anchor: int) -> float:
        arriving = points[3 * anchor] - points[3 * anchor - 1]
        leaving = points[3 * anchor + 1] - points[3 * anchor]
        cross = arriving[0] * leaving[1] - arriving[1] * leaving[0]
        return float(np.degrees(np.abs(np.arctan2(cross, arriving @ leaving))))

    bent = polygon(np.array([[0, 0], [0, 30], [40, 33], [80, 30], [80, 0.0]]))
    ring = Ring(np.array([0, len(bent)], np.int32))
    points = bent.copy()
    for _ in range(300):
        points -= 0.2 * smoothness_gradient(ring, points)
    assert turn(bent, 2) > 8 and turn(points, 2) < 1
    assert turn(points, 1) == pytest.approx(turn(bent, 1), abs=1.5)
    round_shape = circle((0, 0), 10, 6)
    even = smoothness_gradient(Ring(np.array([0, 18], np.int32)), round_shape)
    np.testing.assert_allclose(even, 0, atol=1e-5)


def test_the_spike_penalty_shortens_spikes_and_leaves_corners() -> None:
    def spike(length: float) -> np.ndarray:
        return polygon(np.array([[0, 0], [0, 20], [10, 20], [12, 20 + length], [14, 20], [30, 0]]))

    def pull(points: np.ndarray) -> np.ndarray:
        return spike_gradient(Ring(np.array([0, len(points)], np.int32)), points)

    sharp = spike(30.0)
    points = sharp.copy()
    for _ in range(100):
        points -= 0.1 * pull(points)
    assert points[9, 1] < 45 < sharp[9, 1]  # the tip has come back
    corners = polygon(np.array([[0, 0], [0, 30], [40, 30], [40, 0.0]]))
    np.testing.assert_array_equal(pull(corners), 0)
    np.testing.assert_allclose(pull(sharp).sum(axis=0), 0, atol=1e-5)  # nothing drifts


@pytest.mark.parametrize("weights", [(0.3, 0, 0), (0, 0.3, 0), (0, 0, 0.3), (0.1, 0.7, 0.2)])
def test_penalties_are_those_in_numpy_to_the_byte(weights: tuple[float, ...]) -> None:
    random = np.random.default_rng(7)
    rough = [circle((30, 30), 20, n) + random.normal(0, 4, (3 * n, 2)) for n in (1, 2, 3, 9)]
    lone = np.repeat(rough[2][:1], 3, axis=0)  # without length
    scene = pack([path_of(rough[0], rough[3]), path_of(rough[1]), path_of(lone, rough[2])])
    gradient = random.normal(0, 1, scene.points.shape).astype(np.float32)
    expected, ring = gradient.copy(), Ring(scene.subpath_starts)
    pulls = (fairness_gradient, smoothness_gradient, spike_gradient)
    for weight, pull in zip(weights, pulls, strict=True):
        expected += np.float32(weight) * pull(ring, scene.points)
    add_penalties(scene, gradient, *weights)
    np.testing.assert_array_equal(gradient, expected)


def test_crossing_segments_agree_with_shapely() -> None:
    random = np.random.default_rng(3)
    paths = [path_of(random.uniform(0, 40, (12, 2))) for _ in range(40)]
    paths += [path_of(circle((20, 20), 8, 5)), path_of(rectangle(0, 0, 5, 9))]
    for path, flags in zip(paths, crossing_segments(paths), strict=True):
        assert flags.any() == (not LinearRing(chain(path.subpaths[0], 40)).is_simple)


def nearly_crossing(count: int) -> list[Path]:
    """Outlines on the grid of SVG files, as far from circles as `crossing_cubics` lets them go."""
    random = np.random.default_rng(0)
    start = [circle(random.uniform(100, 700, 2), 12, 5).astype(np.float64) for _ in range(count)]
    end = [points + random.normal(0, 6, points.shape) for points in start]
    low, high = np.zeros(count), np.ones(count)

    def between(share: np.ndarray) -> list[Path]:
        moved = (a + (b - a) * t for a, b, t in zip(start, end, share, strict=True))
        return [path_of(np.rint(points * 100) / 100) for points in moved]

    for _ in range(14):
        middle = (low + high) / 2
        crossing = crossing_cubics(pack(between(middle))).reshape(count, -1).any(axis=1)
        low, high = np.where(crossing, low, middle), np.where(crossing, middle, high)
    return [path for path, share in zip(between(low), low, strict=True) if share < 0.999]


def test_crossings_within_the_rounding_errors_of_floats_are_found() -> None:
    paths = nearly_crossing(800)
    crossing = [bool(flags.any()) for flags in crossing_segments(paths)]
    assert crossing == [crosses_itself(path) for path in paths]
    assert 0 < sum(crossing) < len(paths) / 4  # of which floats find none
    assert not crossing_cubics(pack(paths)).any()
    assert not any(crosses_itself(path) for path in repair(paths))


# An outline at which handles are hundredths of a pixel from chords: a crossing is mended by less
# than the coordinates of a file can say.
PINCHED = """
    544.34 495.3   544.5 496.65   547.41 498.21  547.48 498.62  547.47 498.62  547.73 498.59
    547.61 498.9   547.91 499.1   548 499.04     548.84 499.57  550.96 500.75  553.73 502.25
    555.37 503.93  556.16 504.9   558.84 510.64  560.66 509.78  556.97 504.82  555.99 498.5
"""


def test_rounding_to_the_coordinates_of_a_file_undoes_no_repair() -> None:
    outline = np.array(PINCHED.split(), np.float32).reshape(-1, 2)
    drawing = quantized(Drawing(768, 512, [path_of(outline)]))
    assert crosses_itself(drawing.paths[0])
    assert crosses_itself(quantized(replace(drawing, paths=repair(drawing.paths))).paths[0])
    (mended,) = repaired(drawing).paths
    assert not crosses_itself(mended)
    assert np.abs(mended.subpaths[0] - outline).max() < 0.5


def test_repair_mends_what_crosses_and_leaves_the_rest_alone() -> None:
    loop = circle((30, 30), 10, 4)
    loop[1], loop[2] = loop[3] + (-30, -20), loop[0] + (30, -20)  # a cubic with a loop
    bow_tie = polygon(np.array([[0, 0], [20, 20], [20, 0], [0, 20.0]]))
    fine = path_of(circle((60, 60), 9, 4))
    speck = path_of(circle((80, 80), 0.5, 4))
    sliver = path_of(rectangle(0, 0, 90, 0.5))
    paths = [path_of(loop), path_of(bow_tie), fine, speck, sliver]
    assert all(crosses_itself(path) for path in paths[:2])
    mended = repair(paths)
    assert not any(crosses_itself(path) for path in mended)
    assert not any(is_sliver(path) or is_speck(path) for path in mended)
    np.testing.assert_array_equal(mended[2].subpaths[0], fine.subpaths[0])


def test_size_is_that_of_the_polygon() -> None:
    path = path_of(circle((20, 20), 7, 5))
    polygon_ = Polygon(chain(path.subpaths[0], 4000))
    perimeter = Polygon(chain(path.subpaths[0], SAMPLES)).length
    covered, thickness = size_of(path)
    assert covered == pytest.approx(polygon_.area, rel=1e-6)
    assert thickness == pytest.approx(2 * polygon_.area / perimeter, rel=1e-6)


@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0.1, 9), st.booleans()), max_size=12))
@settings(max_examples=40, deadline=None)
def test_slivers_are_found_alike_one_by_one_and_together(
    sizes: list[tuple[float, float, bool]],
) -> None:
    paths = []
    for width, height, has_hole in sizes:
        outer = circle((20.0, 30.0), 1.0) * np.float32([width, height])
        hole = [(0.5 * outer[::-1] + np.float32([9, 9])).astype(np.float32)] if has_hole else []
        paths.append(Path([outer.astype(np.float32), *hole], np.ones(4, np.float32)))
    for margin in (1.0, 2.0):
        assert slivers(paths, margin).tolist() == [is_sliver(path, margin) for path in paths]
