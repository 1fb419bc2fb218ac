# SPDX-License-Identifier: GPL-3.0-or-later
"""Fewer nodes of flat art, judged by the picture that it has to match."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.bezier import circle, cubics, flattened, polygon, split
from semvec.core.drawing import Path, pack
from semvec.core.errors import Cancelled
from semvec.core.flat.sparing import spare_nodes
from semvec.core.progress import NoProgress
from semvec.core.rendering.native import render

WHITE, RED = np.ones(3, np.float32), np.array([0.8, 0.1, 0.1, 1], np.float32)


def picture_of(outlines: list[np.ndarray], side: int = 48) -> np.ndarray:
    return render(pack([Path(outlines, RED)]), side, side, tuple(WHITE))


def halved(points: np.ndarray) -> np.ndarray:
    """Put a node into the middle of each cubic."""
    parts = [part for cubic in cubics(points) for part in split(cubic, 0.5)]
    return np.concatenate([part[:3] for part in parts]).astype(np.float32)


def shaken(points: np.ndarray, by: float) -> np.ndarray:
    random = np.random.default_rng(3)
    return (points + random.normal(0.0, by, points.shape)).astype(np.float32)


def test_a_circle_of_sixteen_nodes_gets_four_or_fewer_and_stays_round() -> None:
    truth = circle((24.3, 23.6), 15.2)
    (path,) = spare_nodes([Path([halved(halved(truth))], RED)], picture_of([truth]), WHITE, 1)
    assert path.nodes <= 4
    distance = np.hypot(*(flattened(path.subpaths[0]) - (24.3, 23.6)).T)
    assert np.abs(distance - 15.2).max() < 0.1


def test_nodes_along_the_sides_of_a_shaken_polygon_go_and_its_corners_stay() -> None:
    corners = np.array([[8.2, 9.1], [40.4, 7.3], [36.1, 38.8], [12.7, 33.3]])
    truth = polygon(corners)
    start = Path([shaken(halved(halved(truth)), 0.15)], RED)
    (path,) = spare_nodes([start], picture_of([truth]), WHITE, 1)
    nodes = path.subpaths[0][::3]
    assert len(nodes) <= 6
    apart = np.linalg.norm(nodes[:, None] - corners, axis=2)
    assert apart.min(axis=0).max() < 0.2


def test_what_the_picture_shows_is_matched_as_well_with_fewer_nodes() -> None:
    angles = np.linspace(0.0, 2.0 * np.pi, 15)[:-1]
    radii = np.where(np.arange(14) % 2, 20.0, 9.0)
    star = polygon(24.0 + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    image = picture_of([star])
    (path,) = spare_nodes([Path([halved(star)], RED)], image, WHITE, 1)
    assert path.nodes == 14
    assert np.abs(picture_of(path.subpaths) - image).max() < 0.03


def test_nodes_beneath_another_shape_go() -> None:
    cover = Path([circle((24.0, 24.0), 20.0)], np.array([0, 0, 1, 1], np.float32))
    hidden = Path([shaken(halved(halved(circle((24.0, 24.0), 12.0))), 0.3)], RED)
    image = render(pack([hidden, cover]), 48, 48, tuple(WHITE))
    lower, upper = spare_nodes([hidden, cover], image, WHITE, 1)
    assert lower.nodes <= 4
    assert upper.nodes <= 4


def test_holes_and_other_paths_keep_their_own_nodes() -> None:
    outlines = [circle((24.0, 24.0), 18.0), circle((24.0, 24.0), 9.0)[::-1]]
    paths = [Path([halved(points) for points in outlines], RED), Path([], RED)]
    ring, empty = spare_nodes(paths, picture_of(outlines), WHITE, 1)
    assert [len(points) // 3 <= 4 for points in ring.subpaths] == [True, True]
    assert empty.subpaths == []


def test_results_are_the_same_for_any_number_of_threads() -> None:
    truth = circle((24.3, 23.6), 15.2)
    start = [Path([shaken(halved(truth), 0.1)], RED)]
    one, many = (spare_nodes(start, picture_of([truth]), WHITE, count) for count in (1, 3))
    assert np.array_equal(one[0].subpaths[0], many[0].subpaths[0])


def test_on_a_request_to_cancel_the_paths_so_far_come_back() -> None:
    class Impatient(NoProgress):
        def check_cancelled(self) -> None:
            raise Cancelled

    truth = circle((24.3, 23.6), 15.2)
    start = Path([halved(halved(truth))], RED)
    (path,) = spare_nodes([start], picture_of([truth]), WHITE, 1, Impatient())
    assert 4 < path.nodes < start.nodes


@pytest.mark.parametrize("weighted", [False, True])
def test_pixels_of_more_weight_keep_nodes_that_others_lose(weighted: bool) -> None:
    dent = np.array([[10.0, 10.0], [24.0, 10.35], [38.0, 10.0], [38.0, 38.0], [10.0, 38.0]])
    image = picture_of([polygon(dent)])
    weight = np.full((48, 48), 400.0 if weighted else 0.01, np.float32)
    (path,) = spare_nodes([Path([polygon(dent)], RED)], image, WHITE, 1, weight=weight)
    assert path.nodes == (5 if weighted else 4)
