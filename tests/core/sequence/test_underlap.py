# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that go on beneath others that move away."""

from __future__ import annotations

import numpy as np

from semvec.core import bezier
from semvec.core.drawing import Path, pack
from semvec.core.rendering.native import render
from semvec.core.sequence.owners import owners
from semvec.core.sequence.underlap import underlapped

WIDTH, HEIGHT = 96, 64
STILL = np.eye(2, 3)
RIGHT = np.array([[1.0, 0, 3], [0, 1, 0]])


def shape(left: float, top: float, right: float, bottom: float, gray: float) -> Path:
    color = np.array([gray, gray, gray, 1], np.float32)
    return Path([bezier.rectangle(left, top, right, bottom)], color, "structural", region=1)


def scene() -> list[Path]:
    """Return a ground, a shape, and one that lies beside it and above."""
    corners = [[8, 8], [40, 8], [40, 16], [40, 48], [40, 56], [8, 56]]
    color = np.array([0.5, 0.5, 0.5, 1], np.float32)
    return [
        shape(0, 0, WIDTH, HEIGHT, 0.1),
        Path([bezier.polygon(np.array(corners, float))], color, "structural", region=1),
        shape(40, 4, 80, 60, 0.9),
    ]


def shown(paths: list[Path]) -> np.ndarray:
    return render(pack(paths), WIDTH, HEIGHT, (0, 0, 0))


def moved(path: Path, motion: np.ndarray) -> Path:
    points = path.subpaths[0] @ motion[:, :2].T + motion[:, 2]
    return Path([points.astype(np.float32)], path.fill, path.kind, region=path.region)


def test_no_gap_opens_behind_a_shape_that_moves_away() -> None:
    paths = scene()
    owner = owners(paths, WIDTH, HEIGHT)
    result = underlapped(paths, owner, np.array([STILL, STILL, RIGHT]))
    assert np.abs(shown(result) - shown(paths)).max() < 0.3  # of mixed pixels along the edge
    after = shown([*result[:2], moved(result[2], RIGHT)])
    gap = after[20:44, 40:43]
    np.testing.assert_allclose(gap, 0.5, atol=0.02)
    assert shown([*paths[:2], moved(paths[2], RIGHT)])[20:44, 40:43].max() < 0.2


def test_shapes_that_move_alike_stay_as_they_are() -> None:
    paths = scene()
    owner = owners(paths, WIDTH, HEIGHT)
    result = underlapped(paths, owner, np.array([RIGHT, RIGHT, RIGHT]))
    assert all(a is b for a, b in zip(result, paths, strict=True))


def test_a_shape_goes_on_by_no_more_than_half_of_what_covers_it() -> None:
    paths = [*scene()[:2], shape(40, 4, 44, 60, 0.9)]
    owner = owners(paths, WIDTH, HEIGHT)
    result = underlapped(paths, owner, np.array([STILL, STILL, RIGHT]))
    assert 40 < result[1].subpaths[0][:, 0].max() <= 42
