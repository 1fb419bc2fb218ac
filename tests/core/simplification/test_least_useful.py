# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes that a drawing needs least."""

from __future__ import annotations

import itertools

import numpy as np

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Path, pack
from semvec.core.rendering.native import render
from semvec.core.simplification.least_useful import _covered, keep_most_useful

SIZE = (128.0, 96.0)
BLACK = np.array([0.0, 0.0, 0.0, 1.0], np.float32)


def shape(outline: np.ndarray, color: tuple[float, ...]) -> Path:
    return Path([outline], np.array([*color, 1.0][:4], np.float32))


def random_paths(seed: int, count: int) -> list[Path]:
    rng = np.random.default_rng(seed)
    paths = [shape(rectangle(0, 0, *SIZE), (0.4, 0.5, 0.6))]
    for _ in range(count - 1):
        paths.append(shape(circle(rng.uniform(0, 100, 2), rng.uniform(4, 40)), rng.random(3)))
    return paths


def change(paths: list[Path], kept: list[int]) -> float:
    before, after = (
        render(pack([paths[i] for i in numbers]), 128, 96) for numbers in (range(len(paths)), kept)
    )
    return float(np.square(before - after).sum())


def test_hidden_shapes_go_first() -> None:
    small = circle((60, 50), 10)
    paths = [shape(rectangle(0, 0, *SIZE), (1, 1, 1)), shape(small, (0, 0, 0))]
    paths += [shape(circle((60, 50), 20), (1, 0, 0)), shape(circle((20, 20), 2), (0, 0, 1))]
    assert keep_most_useful(paths, SIZE, 3) == [0, 2, 3]
    assert keep_most_useful(paths, SIZE, 2) == [0, 2]


def test_the_best_choice_is_found_among_all_of_them() -> None:
    """Against all subsets, by our own renderer."""
    for seed in range(4):
        paths = random_paths(seed, 8)
        chosen = change(paths, keep_most_useful(paths, SIZE, 5))
        every = [change(paths, list(kept)) for kept in itertools.combinations(range(8), 5)]
        assert chosen <= np.quantile(every, 0.1)


def test_shapes_that_must_stay_do() -> None:
    paths = random_paths(5, 12)
    for count in (0, 3, 12, 40):
        kept = keep_most_useful(paths, SIZE, count, keep=(4, 7))
        assert {4, 7} <= set(kept) and len(kept) == min(max(count, 2), 12)
        assert kept == sorted(kept)


def test_coverage_is_that_of_the_renderer() -> None:
    ring = Path([circle((60, 50), 35), np.roll(circle((64, 52), 14)[::-1], 1, axis=0)], BLACK)
    scale = 2.0
    covered = np.zeros(192 * 256, bool)
    covered[_covered(ring, scale, 256, 192)] = True
    drawn = render(pack([ring.scaled(scale)]), 256, 192)[..., 0]
    assert np.mean(covered.reshape(192, 256) != (drawn < 0.5)) < 2e-3


def test_no_shapes_are_no_error() -> None:
    assert keep_most_useful([], SIZE, 3) == []
    assert keep_most_useful([Path([], np.ones(4))], SIZE, 0) == []
