# SPDX-License-Identifier: GPL-3.0-or-later
"""Freedom of paths and points, by places at which the error has risen."""

from __future__ import annotations

import numpy as np
from clips import SIZE
from test_run import SETTINGS

from semvec.core.drawing import Path, pack
from semvec.core.image import Image
from semvec.core.rendering.native import render
from semvec.core.sequence.freedom import freedom_of
from semvec.core.sequence.owners import owners
from semvec.core.sequence.run import SequenceRun

GRAY = np.array([0.5, 0.5, 0.5, 1.0], np.float32)
HEIGHT, WIDTH = SIZE


def rectangle(left: float, right: float) -> Path:
    """A rectangle over rows 10 to 50, of straight cubics."""
    corners = np.array([[left, 10], [right, 10], [right, 50], [left, 50]], np.float32)
    ahead = np.roll(corners, -1, axis=0) - corners
    points = np.stack([corners, corners + ahead / 3, corners + 2 * ahead / 3], axis=1)
    return Path([points.reshape(-1, 2)], GRAY, "detail")


def test_points_on_both_sides_of_a_gap_are_free_and_their_paths_are_not() -> None:
    paths = [rectangle(0, 96), rectangle(10, 40), rectangle(43, 80)]
    rise = np.zeros(SIZE, np.float32)
    rise[14:46, 40:43] = 0.5
    expected = np.full(SIZE, 1e-3, np.float32)
    owner = owners(paths, WIDTH, HEIGHT)
    freedom = freedom_of(paths, owner, rise, expected, np.ones(3, bool))
    x = np.concatenate([path.subpaths[0][:, 0] for path in paths])
    which = np.repeat(np.arange(3), 12)
    assert np.all(freedom.points[(which == 1) & (x == 40)] > 0.5)
    assert np.all(freedom.points[(which == 2) & (x == 43)] > 0.5)
    assert np.all(freedom.points[(x == 10) | (x == 80) | (which == 0)] == 0)
    assert freedom.paths.tolist() == [1.0, 0.0, 0.0]


def test_paths_that_may_not_move_have_no_freedom() -> None:
    paths = [rectangle(10, 40), rectangle(43, 80)]
    ones = np.ones(SIZE, np.float32)
    owner = owners(paths, WIDTH, HEIGHT)
    freedom = freedom_of(paths, owner, ones, 0 * ones, np.array([False, True]))
    assert freedom.paths.tolist() == [0.0, 1.0]
    assert freedom.points.tolist() == [0.0] * 12 + [1.0] * 12


def test_points_have_no_more_than_the_largest_freedom() -> None:
    ones = np.ones(SIZE, np.float32)
    paths = [rectangle(10, 40)]
    owner = owners(paths, WIDTH, HEIGHT)
    freedom = freedom_of(paths, owner, ones, 0 * ones, np.array([True]), 0.5)
    assert freedom.points.tolist() == [0.5] * 12
    assert freedom.paths.tolist() == [1.0]


def test_an_object_that_moves_away_from_another_leaves_no_gap() -> None:
    rows, columns = np.indices(SIZE) + 0.5

    def frame(step: int) -> np.ndarray:
        picture = np.tile(np.array([0.9, 0.8, 0.2], np.float32), (*SIZE, 1))
        picture[(columns > 30) & (rows > 8) & (rows < 56)] = (0.2, 0.3, 0.8)
        ball = np.clip(16.5 - np.hypot(columns - 34 + 1.5 * step, rows - 32), 0, 1)[..., None]
        return (picture + ball * (np.array([0.8, 0.1, 0.1]) - picture)).astype(np.float32)

    run = SequenceRun(SETTINGS)
    errors = []
    for step in range(5):
        drawing = run.add(Image(frame(step))).drawing
        shown = render(pack(drawing.paths), WIDTH, HEIGHT, (0, 0, 0))
        errors.append(float(np.square(shown - frame(step)).mean()))
    assert max(errors) < 5e-4, errors
