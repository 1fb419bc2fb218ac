# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings of sequences: what stays, what moves, and what is promised of each frame."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
from clips import SIZE, moving, noisy

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, Path, pack
from semvec.core.image import Image
from semvec.core.refinement.optimization import LossWeights
from semvec.core.refinement.pulled import PulledOptimization
from semvec.core.refinement.repair import crossing_segments
from semvec.core.refinement.target import Target
from semvec.core.rendering.native import render
from semvec.core.sequence.run import FrameResult, SequenceRun
from semvec.core.sequence.slots import nodes_of
from semvec.core.settings import Settings
from semvec.core.svg import to_svg

SETTINGS = Settings(budget=24, iterations=80, kind="photo", compute="cpu", threads=1)
SPEED = (1.6, 0.7)


def drawn(frames: list[np.ndarray]) -> list[FrameResult]:
    run = SequenceRun(SETTINGS)
    return [run.add(Image(frame)) for frame in frames]


@cache
def panned() -> list[FrameResult]:
    return drawn(moving(4, SPEED))


def anchors(drawing: Drawing) -> dict[str, np.ndarray]:
    return {path.name: np.concatenate(path.subpaths)[::3] for path in drawing.paths}


def test_a_still_clip_has_the_same_bytes_in_every_frame() -> None:
    results = drawn(moving(1, SPEED) * 4)
    assert len({to_svg(result.drawing) for result in results}) == 1
    assert [result.moved for result in results[1:]] == [0, 0, 0]


def test_a_disc_that_moves_over_flat_color_gets_no_new_shapes_around_it() -> None:
    rows, columns = np.indices(SIZE) + 0.5
    frames = []
    for step in range(3):
        inside = np.hypot(columns - 30 - 1.5 * step, rows - 30) < 15
        frames.append(np.where(inside[..., None], [1, 0.8, 0.2], [0.2, 0.3, 0.5]))
    results = drawn([frame.astype(np.float32) for frame in frames])
    assert len({tuple(anchors(result.drawing)) for result in results}) == 1
    for result, frame in zip(results, frames, strict=True):
        shown = render(pack(result.drawing.paths), SIZE[1], SIZE[0], (0, 0, 0))
        assert np.square(shown - frame).mean() < 2e-3


def test_noise_of_the_camera_moves_nothing() -> None:
    results = drawn(noisy(moving(1, SPEED) * 4, 0.02))
    places = [anchors(result.drawing) for result in results]
    shift = [
        np.linalg.norm(b[name] - a[name], axis=1).mean()
        for a, b in itertools.pairwise(places)
        for name in a.keys() & b.keys()
    ]
    assert np.mean(shift) <= 0.15


def test_shapes_move_with_the_picture() -> None:
    results, errors = panned(), []
    for first, second in itertools.pairwise(results):
        before, after = anchors(first.drawing), anchors(second.drawing)
        for name in before.keys() & after.keys():
            inside = np.all((before[name] > 4) & (before[name] < np.array(SIZE[::-1]) - 4), axis=1)
            moved = (after[name] - before[name])[inside]
            errors += np.linalg.norm(moved - SPEED, axis=1).tolist()
    assert len(errors) > 100
    assert np.mean(errors) <= 0.5


def test_paths_keep_names_order_and_nodes() -> None:
    first, last = (panned()[i].drawing for i in (0, -1))
    names = [path.name for path in last.paths]
    common = [path.name for path in first.paths if path.name in names]
    assert len(common) > 0.7 * len(first.paths)
    assert [name for name in names if name in common] == common
    nodes = {path.name: nodes_of(path) for path in first.paths}
    assert all(nodes_of(path) == nodes.get(path.name, nodes_of(path)) for path in last.paths)


def test_no_frame_has_crossings_or_more_paths_than_the_budget() -> None:
    for result in panned():
        assert len(result.drawing.paths) <= SETTINGS.budget
        assert not any(flags.any() for flags in crossing_segments(result.drawing.paths))


def test_no_frame_has_more_nodes_than_asked_for() -> None:
    run = SequenceRun(replace(SETTINGS, budget=60, nodes=60))
    for frame in moving(4, (3.0, 1.5)):
        assert 40 < sum(path.nodes for path in run.add(Image(frame)).drawing.paths) <= 60


def test_the_same_clip_gives_the_same_bytes() -> None:
    again = drawn(moving(4, SPEED))
    assert [to_svg(r.drawing) for r in again] == [to_svg(r.drawing) for r in panned()]


def test_another_scene_begins_a_shot_of_its_own() -> None:
    frames = [moving(1, SPEED)[0], 1 - moving(1, SPEED, seed=9)[0]]
    assert [(r.shot, r.is_first) for r in drawn(frames)] == [(0, True), (1, True)]


def test_transparent_frames_after_an_opaque_one_are_drawn_over_white() -> None:
    frame = moving(1, SPEED)[0]
    run = SequenceRun(SETTINGS)
    run.add(Image(frame))
    alpha = np.ones(SIZE, np.float32)
    alpha[:20] = 0
    drawing = run.add(Image(frame, alpha)).drawing
    assert len(drawing.paths) > 1


def test_painted_saliency_of_a_later_frame_draws_more_detail_there() -> None:
    frame = moving(1, SPEED)[0]
    run = SequenceRun(SETTINGS)
    run.add(Image(frame))
    painted = np.zeros(SIZE, np.float32)
    painted[:, :30] = 1
    assert run.add(Image(frame), painted=painted).moved > 0
    assert run.memory is not None and run.memory.painted is not None


def test_a_path_without_freedom_stays_to_the_bit_and_others_move() -> None:
    paths = panned()[0].drawing.paths
    height, width = SIZE
    image = np.zeros((height, width, 3), np.float32)
    regions = np.zeros(SIZE, np.int32)
    weight = np.ones(SIZE, np.float32)
    target = Target(image, weight, np.zeros(3, np.float32), regions, np.zeros(99, np.int32))
    freedom = np.zeros(len(paths))
    freedom[-1] = 1
    weights = LossWeights(structural_rate=0.3, detail_rate=1.0)
    optimization = PulledOptimization(paths, target, weights, freedom, 1)
    for _ in range(3):
        optimization.step()
    result = optimization.paths()
    assert all(a is b for a, b in zip(paths[:-1], result[:-1], strict=True))
    assert not np.array_equal(paths[-1].fill, result[-1].fill)


def test_points_with_a_freedom_of_their_own_move_alone_and_keep_the_color() -> None:
    gray = np.array([0.5, 0.5, 0.5, 1.0], np.float32)
    paths = [Path([circle(np.array([x, 32.0]), 12.0, 4)], gray, "detail") for x in (30.0, 60.0)]
    regions, weight = np.zeros(SIZE, np.int32), np.ones(SIZE, np.float32)
    image = np.zeros((*SIZE, 3), np.float32)
    target = Target(image, weight, np.ones(3, np.float32), regions, np.zeros(1, np.int32))
    points = np.zeros(24)
    points[18:] = 1
    weights = LossWeights(structural_rate=0.3, detail_rate=1.0)
    optimization = PulledOptimization(paths, target, weights, np.zeros(2), 1, points)
    for _ in range(3):
        optimization.step()
    first, second = optimization.paths()
    assert first is paths[0]
    before, after = paths[1].subpaths[0], second.subpaths[0]
    assert np.array_equal(before[:6], after[:6])
    assert np.all(np.any(before[6:] != after[6:], axis=1))
    assert np.array_equal(second.fill, gray)
