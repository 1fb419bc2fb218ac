# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings: packing, and ramps under maps of the plane."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_renderer import ramp_position
from same_drawing import same_ramps

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, Path, Ramp, pack, unpack

KINDS = {"linear": 1, "radial": 2}
SEEDS = range(5)


def ramp(kind: str, start: tuple[float, float], end: tuple[float, float]) -> Ramp:
    return Ramp(kind, np.float32(start), np.float32(end), np.float32([0.1, 0.2, 0.3]))


def random_ramp(kind: str, random: np.random.Generator) -> Ramp:
    return ramp(kind, *random.uniform(-20, 60, (2, 2)))


def positions(of: Ramp, points: np.ndarray) -> np.ndarray:
    axis = np.concatenate([of.start, of.end]).astype(np.float64)
    return ramp_position(KINDS[of.kind], axis, points)


def discs(*ramps: Ramp | None) -> list[Path]:
    fill = np.float32([1, 0.5, 0, 0.75])
    return [
        Path([circle((i, 2 * i), 5)], fill, "detail", f"{i}", i, r) for i, r in enumerate(ramps)
    ]


def test_ramps_pass_through_a_scene() -> None:
    paths = discs(None, ramp("linear", (1, 2), (3, 4)), ramp("radial", (5, 6), (7, 8)))
    scene = pack(paths)
    assert scene.ramps is not None
    np.testing.assert_array_equal(scene.ramps.kinds, [0, 1, 2])
    np.testing.assert_array_equal(scene.ramps.axes, [[0, 0, 0, 0], [1, 2, 3, 4], [5, 6, 7, 8]])
    np.testing.assert_array_equal(scene.ramps.colors[1:], np.float32([[0.1, 0.2, 0.3]] * 2))
    assert [a.dtype for a in scene.ramps] == [np.int32, np.float32, np.float32]
    scene.ramps.axes[2] += 1
    first, second, third = unpack(scene, paths)
    assert first.ramp is None
    assert same_ramps(second.ramp, paths[1].ramp)
    assert same_ramps(third.ramp, ramp("radial", (6, 7), (8, 9)))
    scene.ramps.axes[:] = 0
    assert third.ramp is not None and third.ramp.start.any()  # a copy


def test_flat_paths_have_no_packed_ramps() -> None:
    assert pack(discs(None, None)).ramps is None
    assert pack([]).ramps is None
    flat = unpack(pack(discs(None)), discs(ramp("radial", (1, 2), (3, 4))))
    assert flat[0].ramp is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_ramp_follows_any_map(seed: int) -> None:
    """Skew included: every point keeps its place along the ramp."""
    random = np.random.default_rng(seed)
    before = random_ramp("linear", random)
    transform = random.normal(0.0, 2.0, (2, 3))
    points = random.uniform(-50, 90, (200, 2))
    moved = points @ transform[:, :2].T + transform[:, 2]
    np.testing.assert_allclose(
        positions(before.placed(transform), moved), positions(before, points), atol=2e-4
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_radial_ramp_follows_turns_mirrors_and_sizes(seed: int) -> None:
    random = np.random.default_rng(seed)
    before = random_ramp("radial", random)
    angle, size = random.uniform(0, 7), random.uniform(0.1, 5)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    mirror = np.diag([1.0, -1.0 if seed % 2 else 1.0])
    transform = np.column_stack([size * turn @ mirror, random.normal(0, 9, 2)])
    points = random.uniform(-50, 90, (200, 2))
    moved = points @ transform[:, :2].T + transform[:, 2]
    after = before.placed(transform)
    np.testing.assert_allclose(positions(after, moved), positions(before, points), atol=2e-5)
    np.testing.assert_allclose(after.end, transform[:, :2] @ before.end + transform[:, 2], 1e-4)


def test_a_circle_under_unequal_factors_keeps_its_area() -> None:
    drawing = Drawing(100, 100, discs(ramp("radial", (10, 20), (16, 28))))
    after = drawing.scaled(400, 50).paths[0].ramp
    assert after is not None
    np.testing.assert_array_equal(after.start, [40, 10])
    assert np.hypot(*(after.end - after.start)) == pytest.approx(10 * np.sqrt(4 * 0.5))


def test_scaling_a_drawing_scales_its_ramps() -> None:
    start, end = np.array([3.0, 4.0]), np.array([30.0, 14.0])
    points = np.random.default_rng(0).uniform(0, 60, (99, 2))
    for kind, factors in (("linear", (2.0, 0.5)), ("radial", (1.5, 1.5))):
        before = ramp(kind, tuple(start), tuple(end))
        drawing = Drawing(100, 80, [*discs(before), *discs(None)])
        scaled = drawing.scaled(*(np.array([100, 80]) * factors)).paths
        assert scaled[1].ramp is None and scaled[0].ramp is not None
        np.testing.assert_allclose(
            positions(scaled[0].ramp, points * factors), positions(before, points), atol=1e-5
        )


anywhere = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.sampled_from(["linear", "radial"]), *[st.tuples(anywhere, anywhere)] * 2)
def test_the_identity_changes_no_bit(kind, start, end) -> None:
    before = ramp(kind, start, end)
    assert same_ramps(before.placed(np.identity(3)), before)


@pytest.mark.parametrize("kind", KINDS)
def test_maps_without_area_and_axes_without_length_end_in_numbers(kind: str) -> None:
    flat = np.array([[1.0, 0.0, 3.0], [2.0, 0.0, 4.0]])
    for axis in (ramp(kind, (1, 2), (3, 4)), ramp(kind, (1, 2), (1, 2))):
        for transform in (flat, 0 * flat, np.eye(2, 3)):
            after = axis.placed(transform)
            assert np.isfinite([after.start, after.end]).all()
    assert same_ramps(axis.placed(np.eye(2, 3)), axis)
