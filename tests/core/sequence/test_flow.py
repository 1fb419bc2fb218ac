# SPDX-License-Identifier: GPL-3.0-or-later
"""The native kernels of the optical flow against plain numpy, and similarities against motion."""

from __future__ import annotations

import naive_displacement
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.errors import NativeError
from semvec.core.segmentation.windows import box_mean
from semvec.core.sequence import flow
from semvec.core.sequence.similarity import as_matrices, fit

SHAPES = st.tuples(st.integers(2, 14), st.integers(2, 14))


def frames_and_vectors(
    shape: tuple[int, int], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    first, second = generator.random((2, *shape), np.float32)
    return first, second, generator.normal(0, 3, (*shape, 2)).astype(np.float32)


@given(SHAPES, st.integers(0, 20), st.integers(0, 999))
def test_means_over_squares_are_those_of_each_square(shape, reach, seed) -> None:
    values = np.random.default_rng(seed).normal(0, 9, shape).astype(np.float32)
    wanted = naive_displacement.box_mean(values, reach)
    assert np.abs(box_mean(values, reach) - wanted).max() < 1e-5


@given(SHAPES, st.integers(0, 999))
def test_the_cost_of_blocks_is_that_of_plain_numpy(shape, seed) -> None:
    first, second, vectors = frames_and_vectors(shape, seed)
    wanted = naive_displacement.block_cost(first, second, vectors, flow._REACH)
    assert np.abs(flow._block_cost(first, second, vectors) - wanted).max() < 1e-5


@given(SHAPES, st.integers(0, 999))
def test_a_step_of_the_displacement_is_that_of_plain_numpy(shape, seed) -> None:
    first, second, vectors = frames_and_vectors(shape, seed)
    given_vectors = vectors.copy()
    found = flow._refined(first, second, vectors)
    wanted = naive_displacement.step(
        first, second, vectors, flow._REACH, flow._TEXTURE, flow._LONGEST_STEP
    )
    assert np.abs(found[0] - wanted[0]).max() < 2e-3
    assert np.abs(found[1] - wanted[1]).max() < 2e-3
    assert np.array_equal(vectors, given_vectors)


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (2, 300)])
def test_frames_of_any_size_have_a_flow(shape) -> None:
    frame = np.random.default_rng(0).random((*shape, 3), np.float32)
    found = flow.optical_flow(frame, frame)
    assert found.vectors.shape == (*shape, 2)
    assert np.abs(found.vectors).max() < 1e-3


def test_frames_of_two_sizes_are_refused() -> None:
    with pytest.raises(NativeError):
        flow._block_cost(np.zeros((4, 5)), np.zeros((5, 4)), np.zeros((4, 5, 2)))


@given(st.integers(1, 5), st.integers(0, 999))
def test_the_similarity_of_each_group_is_found(count, seed) -> None:
    generator = np.random.default_rng(seed)
    index = np.repeat(np.arange(count), 40)
    points = generator.uniform(0, 200, (len(index), 2))
    turns = generator.uniform(-0.1, 0.1, (count, 2))
    shifts = generator.normal(0, 5, (count, 2))
    a, b = turns[index].T
    x, y = points.T
    vectors = shifts[index] + np.stack([a * x - b * y, b * x + a * y], axis=1)
    motions = as_matrices(*fit(index, count, points, vectors, np.ones(len(index)), turns[:1]))
    moved = np.einsum("kij,kj->ki", motions[index, :, :2], points) + motions[index, :, 2]
    # Groups tend to the turn of the first one, which is a prior of 5 px among some 100.
    assert np.abs(moved - points - vectors).max() < 0.5


def test_errors_of_the_flow_do_not_move_a_group() -> None:
    generator = np.random.default_rng(0)
    points = generator.uniform(0, 50, (400, 2))
    vectors = np.tile([2.0, -1.0], (400, 1))
    vectors[:60] = [9.0, 9.0]
    motion = as_matrices(
        *fit(np.zeros(400, int), 1, points, vectors, np.ones(400), np.zeros((1, 2)))
    )[0]
    assert np.abs(points @ motion[:, :2].T + motion[:, 2] - points - [2, -1]).max() < 0.1
