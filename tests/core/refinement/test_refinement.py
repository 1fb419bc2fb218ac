# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage III: where detail is born, exact counts, and drawings that get better and stay clean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from metrics.footprints import footprints
from metrics.shapes import crosses_itself, is_speck
from recorded_progress import RecordedProgress
from scipy.ndimage import gaussian_filter

from semvec.core.bezier import rectangle
from semvec.core.drawing import Drawing, Path
from semvec.core.refinement.optimization import OVERRUN, LossWeights, Optimization
from semvec.core.refinement.primitives import blur, depth, peaks, sample_by_saliency
from semvec.core.refinement.refine import CLEAN, PUBLISHED, Refinement, contained
from semvec.core.refinement.target import Target

SIDE = 64


def picture() -> np.ndarray:
    """A dark disc and a bright square on a gray slope: float32 [SIDE, SIDE, 3]."""
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    image = np.stack([0.3 + 0.4 * columns / SIDE] * 3, axis=2)
    image[(rows - 20) ** 2 + (columns - 20) ** 2 < 100] = (0.1, 0.1, 0.4)
    image[40:56, 36:52] = (0.9, 0.8, 0.2)
    return image.astype(np.float32)


def target(weight: np.ndarray | None = None) -> Target:
    image = picture()
    if weight is None:
        weight = np.ones(image.shape[:2], np.float32)
    regions = np.zeros(image.shape[:2], np.int32)
    return Target(image, weight, np.zeros(3, np.float32), regions, np.zeros(1, np.int32))


def background() -> Path:
    fill = np.array([0.5, 0.5, 0.5, 1.0], np.float32)
    return Path([rectangle(0, 0, SIDE, SIDE)], fill, region=-1)


def refinement(**options: object) -> Refinement:
    chosen = {"iterations": 120, "threads": 1, **options}
    return Refinement(target(), np.zeros((SIDE, SIDE), np.int32), **chosen)  # type: ignore[arg-type]


def squared_error(paths: list[Path]) -> float:
    return Optimization(paths, target(), CLEAN.weights, 1).measure().squared_error


def assert_on_canvas(paths: list[Path]) -> None:
    """No point lies farther outside than shapes may overrun the canvas."""
    points = np.concatenate([path.subpaths[0] for path in paths])
    assert points.min() >= -OVERRUN - 1 and points.max() <= SIDE + OVERRUN + 1


@pytest.mark.parametrize("schedule", [CLEAN, PUBLISHED], ids=["clean", "published"])
@pytest.mark.parametrize("count", [0, 1, 7, 20])
def test_counts_are_exact_and_the_error_falls(schedule, count: int) -> None:
    paths = refinement(schedule=schedule).run([background()], count, seed=0)
    kinds = [path.kind for path in paths]
    assert kinds == ["structural"] + ["detail"] * count
    np.testing.assert_array_equal(paths[0].subpaths[0], background().subpaths[0])
    if count >= 7:
        assert squared_error(paths) < 0.4 * squared_error([background()])


def test_clean_shapes_are_clean() -> None:
    paths = refinement().run([background()], 20, seed=0)
    assert not any(crosses_itself(path) for path in paths)
    assert not any(is_speck(path) for path in paths)
    assert_on_canvas(paths)
    assert all(path.fill[3] == 1 for path in paths)


@pytest.mark.parametrize("seed", [3, 4])
def test_outlines_are_simple_at_a_close_look(seed: int) -> None:
    """By the eight places of a cubic that each step looks at, a path here only seems so."""
    random = np.random.default_rng(seed)
    clouds = gaussian_filter(random.uniform(0, 1, (160, 160, 3)), (8, 8, 0))
    clouds = ((clouds - clouds.min()) / np.ptp(clouds)).astype(np.float32)
    even, one = np.ones((160, 160), np.float32), np.zeros((160, 160), np.int32)
    goal = replace(target(), image=clouds, weight=even, regions=one)
    canvas = Path([rectangle(0, 0, 160, 160)], np.full(4, 0.5, np.float32), region=-1)
    paths = Refinement(goal, one, iterations=240, threads=1).run([canvas], 40, seed=0)
    assert not any(crosses_itself(path) for path in paths)


def test_stopping_at_any_iteration_leaves_a_valid_drawing() -> None:
    for last in (0, 1, 17, 80):
        run = refinement(progress=RecordedProgress(checks=last))
        paths = run.run([background()], 12, seed=0)
        assert 1 <= len(paths) <= 13
        assert all(np.isfinite(path.subpaths[0]).all() for path in paths)
        assert not any(crosses_itself(path) for path in paths)
        assert_on_canvas(paths)


def test_progress_rises_to_one_and_previews_are_drawings() -> None:
    progress = RecordedProgress()
    refinement(progress=progress).run([background()], 8, seed=0)
    fractions = progress.fractions
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert {len(paths) for paths in progress.previews} == {9}


def test_transparency_is_only_used_on_request() -> None:
    opaque = refinement().run([background()], 8, seed=0)
    transparent = refinement(transparency=True).run([background()], 8, seed=0)
    assert all(path.fill[3] == 1 for path in opaque)
    assert any(path.fill[3] < 1 for path in transparent)


@pytest.mark.parametrize("schedule", [CLEAN, PUBLISHED], ids=["clean", "published"])
def test_ramps_are_only_used_on_request_and_draw_shades_better(schedule) -> None:
    flat = refinement(schedule=schedule).run([background()], 6, seed=0)
    ramped = refinement(schedule=schedule, ramps=True).run([background()], 6, seed=0)
    assert all(path.ramp is None for path in flat)
    assert ramped[0].ramp is not None  # the gray slope
    assert len(ramped) == len(flat)
    assert squared_error(ramped) < 0.5 * squared_error(flat)


def test_ramps_are_refined_as_well_as_laid() -> None:
    paths = refinement(ramps=True, iterations=0).run([background()], 6, seed=0)
    optimization = Optimization(paths, target(), replace(CLEAN.weights, structural_rate=0.0), 1)
    before = optimization.measure().squared_error
    for _ in range(60):
        optimization.step(0.3)
    assert optimization.measure().squared_error < before
    for path, refined in zip(paths, optimization.paths(), strict=True):
        if path.ramp is not None:
            assert refined.ramp is not None
            assert not np.array_equal(refined.ramp.start, path.ramp.start)
            assert not np.array_equal(refined.ramp.color, path.ramp.color)
            assert ((refined.ramp.color >= 0) & (refined.ramp.color <= 1)).all()


def test_a_path_of_no_region_is_nailed_to_the_canvas() -> None:
    optimization = Optimization([background()], target(), LossWeights(1.0, 1.0), 1)
    for _ in range(5):
        optimization.step()
    moved = optimization.paths()[0]
    np.testing.assert_array_equal(moved.subpaths[0], background().subpaths[0])
    assert not np.array_equal(moved.fill, background().fill)


def test_structure_keeps_detail_to_its_semantic_region() -> None:
    # Two traced regions on the left are one semantic region, the third is another; the border
    # cuts the disc in halves.
    labels = np.repeat(np.repeat([[0, 1, 2]], SIDE, axis=0), [10, 10, 44], axis=1).astype(np.int32)
    semantic = (labels == 2).astype(np.int32)
    split = replace(target(), regions=semantic, parents=np.array([0, 0, 1], np.int32))

    def spilled(structure: float) -> float:
        schedule = contained(CLEAN, structure)
        run = Refinement(split, labels, schedule=schedule, iterations=120, threads=1)
        detail = run.run([background()], 3, seed=0)[1:]
        covered = footprints(Drawing(SIDE, SIDE, detail))
        own = split.parents[[path.region for path in detail]]
        outside = sum((f & (semantic != o)).sum() for f, o in zip(covered, own, strict=True))
        return float(outside / np.sum(covered))

    loose, strict = spilled(0.0), spilled(1.0)
    assert loose > 0.02 and strict < 0.3 * loose


def test_halving_takes_means() -> None:
    halved = target().halved()
    image = picture()
    np.testing.assert_allclose(halved.image[3, 5], image[6:8, 10:12].mean(axis=(0, 1)), atol=1e-6)
    assert halved.pixel == 0.5
    nowhere = np.zeros((63, 61))
    odd = Target(image[:-1, :-3], nowhere + 1, image[0, 0], nowhere, np.zeros(1, np.int32))
    assert odd.halved().image.shape == (32, 31, 3)


def test_peaks_go_to_the_highest_places_and_spread() -> None:
    importance = np.zeros((60, 80))
    importance[20:24, 30:34] = 1.0
    importance[50:53, 70:73] = 0.9
    found = peaks(importance, 3, 6.0)
    np.testing.assert_allclose(found[0], (32, 22), atol=1)
    np.testing.assert_allclose(found[1], (71.5, 51.5), atol=1)


def naive_peaks(importance: np.ndarray, count: int, radius: float) -> np.ndarray:
    """Search the whole image for each peak."""
    landscape, found = blur(importance, radius / 2), np.empty((count, 2))
    for i in range(count):
        row, column = np.unravel_index(landscape.argmax(), landscape.shape)
        found[i] = column + 0.5, row + 0.5
        reach = max(1, round(2 * radius))
        for y, x in np.ndindex(landscape.shape):
            if max(abs(y - row), abs(x - column)) <= reach:
                square = (y - row) ** 2 + (x - column) ** 2
                landscape[y, x] *= 1 - np.exp(-square / (2 * radius**2))
    return found


@given(st.integers(1, 80), st.integers(1, 80), st.floats(1, 12), st.integers(0, 2), st.integers(0))
@settings(max_examples=25, deadline=None)
def test_peaks_are_those_of_a_search_through_all_pixels(
    height: int, width: int, radius: float, decimals: int, seed: int
) -> None:
    """Also with ties, of which the first one row by row counts, and with zeros everywhere."""
    importance = np.random.default_rng(seed).random((height, width)).round(decimals)
    found = peaks(importance * (seed % 4 > 0), 5, radius)
    np.testing.assert_array_equal(found, naive_peaks(importance * (seed % 4 > 0), 5, radius))


def test_blur_is_close_to_a_gaussian() -> None:
    values = np.random.default_rng(0).uniform(0, 1, (50, 70))
    expected = gaussian_filter(values, 4.0, mode="reflect")
    assert np.abs(blur(values, 4.0) - expected).max() < 0.02


@given(arrays(np.int32, (9, 11), elements=st.integers(0, 2)))
@settings(max_examples=40, deadline=None)
def test_depth_never_reaches_out_of_the_region(labels: np.ndarray) -> None:
    steps = depth(labels, 4)
    for row, column in np.ndindex(labels.shape):
        for other_row, other_column in np.ndindex(labels.shape):
            if labels[row, column] != labels[other_row, other_column]:
                distance = np.hypot(row - other_row, column - other_column)
                assert steps[row, column] <= distance * 1.35


def test_detail_is_sampled_by_saliency() -> None:
    saliency = np.full((40, 40), 0.1)
    saliency[:, 20:] = 0.9
    positions = sample_by_saliency(saliency, 4000, seed=1)
    share = np.mean(positions[:, 0] >= 20)
    assert share == pytest.approx(0.9, abs=0.02)
    assert np.array_equal(positions, sample_by_saliency(saliency, 4000, seed=1))
