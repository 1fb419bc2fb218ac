# SPDX-License-Identifier: GPL-3.0-or-later
"""Optical flow and the motion of paths, against motion that is known."""

from __future__ import annotations

import numpy as np
from clips import SIZE, moving, noisy, scene

from semvec.core.bezier import circle
from semvec.core.drawing import Path
from semvec.core.sequence.changes import changed_pixels, is_cut, noise_between
from semvec.core.sequence.flow import Flow, optical_flow
from semvec.core.sequence.motion import carried, composed, similarities
from semvec.core.sequence.owners import owners
from semvec.core.sequence.smoothing import filtered

GRAY = np.array([0.5, 0.5, 0.5, 1.0], np.float32)


def disc(x: float, y: float, radius: float) -> Path:
    return Path([circle(np.array([x, y]), radius, 4)], GRAY, "detail")


def test_the_flow_of_a_moving_picture_is_its_motion() -> None:
    before, after = moving(2, (3.4, -1.3))
    flow = optical_flow(before, after)
    error = np.linalg.norm(flow.vectors - [3.4, -1.3], axis=2)[8:-8, 8:-8]
    assert error[flow.confidence[8:-8, 8:-8] > 0.5].mean() < 0.15


def test_a_fence_that_repeats_itself_moves_with_the_picture_around_it() -> None:
    rows, columns = np.indices(SIZE, dtype=np.float64)

    def picture(shift: float) -> np.ndarray:
        fence = 0.5 + 0.4 * np.sin(2 * np.pi * (columns - shift) / 6)
        is_fence = ((rows > 20) & (rows < 44))[..., None]
        ground = scene(columns + 0.5 - shift, rows + 0.5)
        return np.where(is_fence, fence[..., None], ground).astype(np.float32)

    flow = optical_flow(picture(0), picture(3))
    error = np.linalg.norm(flow.vectors - [3, 0], axis=2)
    assert error[26:38, 8:-8].mean() < 0.3


def test_a_disc_moves_on_its_own_before_a_moving_picture() -> None:
    rows, columns = np.indices(SIZE, dtype=np.float64)

    def picture(step: int) -> np.ndarray:
        ground = scene(columns - 1.5 * step, rows)
        disc = 0.5 + 0.4 * np.sin(0.5 * (columns + 2 * step)) * np.sin(0.4 * rows)
        inside = np.hypot(columns - 50 + 2 * step, rows - 32) < 18
        return np.where(inside[..., None], disc[..., None], ground).astype(np.float32)

    flow = optical_flow(picture(0), picture(1))
    textured = (np.hypot(columns - 50, rows - 32) < 12) & (flow.confidence > 0.5)
    error = np.linalg.norm(flow.vectors - [-2, 0], axis=2)[textured]
    assert len(error) > 50
    assert error.mean() < 0.3


def test_a_still_picture_has_no_flow() -> None:
    (frame,) = moving(1, (0, 0))
    assert np.abs(optical_flow(frame, frame).vectors).max() < 1e-3


def test_a_path_takes_the_similarity_of_its_pixels() -> None:
    rows, columns = np.indices((64, 96))
    angle, growth = 0.05, 1.02
    linear = growth * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    places = np.stack([columns, rows], axis=2) + 0.5
    vectors = places @ (linear - np.eye(2)).T + [1.5, -2.0]
    vectors[20:24, 40:44] = 9.0  # an error of the flow
    sure = np.ones((64, 96), np.float32)
    flow = Flow(vectors.astype(np.float32), sure, sure > 0)
    paths = [disc(48, 32, 20)]
    motion = similarities(paths, owners(paths, 96, 64), flow)[0]
    points = paths[0].subpaths[0]
    wanted = points @ linear.T + [1.5, -2.0]
    assert np.abs(carried(paths[0], motion, (96, 64)).subpaths[0] - wanted).max() < 0.1


def test_points_on_the_border_of_the_canvas_stay_there() -> None:
    points = np.array(
        [[0, 0], [3, 0], [7, 0], [10, 0], [10, 3], [10, 7], [10, 10], [7, 10], [3, 10],
         [0, 10], [0, 7], [0, 3]], np.float32,
    )  # fmt: skip
    shift = np.array([[1.0, 0, 2], [0, 1, 3]])
    moved = carried(Path([points], GRAY), shift, (40, 40)).subpaths[0]
    assert moved[0].tolist() == [0, 0]
    assert moved[3].tolist() == [12, 0]
    assert moved[6].tolist() == [12, 13]


def test_motions_are_composed_in_order() -> None:
    turn = np.array([[0.0, -1, 0], [1, 0, 0]])
    shift = np.array([[1.0, 0, 5], [0, 1, 0]])
    place = np.array([2.0, 1, 1])
    both = turn @ np.append(shift @ place, 1)
    assert np.allclose(composed(turn, shift) @ place, both)


def test_the_owner_of_a_pixel_is_the_path_on_top() -> None:
    generator = np.random.default_rng(3)
    discs = generator.uniform([0, 0, 5], [96, 64, 20], (40, 3))
    found = owners([disc(*values) for values in discs], 96, 64)
    rows, columns = np.indices((64, 96)) + 0.5
    checked = 0
    for row, column, owner in zip(rows.ravel(), columns.ravel(), found.ravel(), strict=True):
        depth = discs[:, 2] - np.hypot(discs[:, 0] - column, discs[:, 1] - row)
        if np.abs(depth).min() > 1.2:  # far from every edge
            inside = np.flatnonzero(depth > 0)
            assert owner == (inside[-1] if len(inside) else -1)
            checked += 1
    assert checked > 500


def test_noise_is_no_change_and_a_moved_disc_is_one() -> None:
    frames = noisy(moving(1, (0, 0)) * 2, 0.02)
    noise = noise_between(*frames)
    assert 0.7 < noise / (0.02 * np.sqrt(2)) < 1.4
    assert not changed_pixels(frames[0], frames[1], noise).any()
    brighter = frames[1].copy()
    brighter[20:30, 40:50] += 0.15
    changed = changed_pixels(frames[0], brighter, noise)
    assert changed[22:28, 42:48].all()
    assert not changed[:10].any()


def test_another_scene_is_a_cut_and_fast_motion_is_none() -> None:
    first, second = moving(2, (5, 2))
    other = 1 - moving(1, (0, 0), seed=9)[0]
    assert not is_cut(first, second, optical_flow(first, second))
    assert is_cut(first, other, optical_flow(first, other))


def test_smoothing_keeps_steady_motion_and_halves_jitter() -> None:
    steady = np.arange(20.0)[:, None] * [0.7, -0.2]
    assert np.allclose(filtered(steady, 0.6), steady)
    jitter = np.random.default_rng(0).normal(0, 1, (200, 2))
    assert filtered(jitter, 0.6)[5:-5].std() < 0.5 * jitter.std()
    constant = np.full((5, 2), 0.1)
    assert np.array_equal(filtered(constant, 0.6), constant)
