# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes that are painted on single frames of a sequence."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest

from semvec.core.errors import SaliencyError
from semvec.core.settings import Settings
from semvec.operators.inputs.canvas import add_canvas
from semvec.operators.inputs.painted_guides import painted_guides

SETTINGS = Settings(automatic=False)


@pytest.fixture
def canvas(scene: Any, picture: Any) -> Any:
    """A canvas without a keyframe."""
    scene.semvec.saliency_background = 0.25
    made = add_canvas(scene, picture)
    layer = made.data.layers[0]
    for key in list(layer.frames):
        layer.frames.remove(key.frame_number)
    return made


def key(canvas: Any, number: int, x: float | None = None) -> None:
    """Key a dot at a place from -1 to 1 across the picture, or nothing."""
    drawing = canvas.data.layers[0].frames.new(number).drawing
    if x is not None:
        drawing.add_strokes([1])
        drawing.strokes[0].points[0].radius = 0.0625
        drawing.strokes[0].points[0].position = (x, 0.0, 0.0)


def places(guides: list[tuple[int, np.ndarray]]) -> list[tuple[int, float | None]]:
    """The brightest places of maps, as a share of their width; None for even ones."""
    found = []
    for index, painted in guides:
        x = np.flatnonzero(painted.max(axis=0) > 0.9)
        found.append((index, round((x.mean() + 0.5) / painted.shape[1], 2) if x.size else None))
    return found


def guides(scene: Any, picture: Any, *numbers: int) -> list[tuple[int, float | None]]:
    return places(painted_guides(picture, scene, list(numbers), SETTINGS))


def test_each_key_counts_from_its_frame_on(scene: Any, picture: Any, canvas: Any) -> None:
    key(canvas, 1, -0.5)
    key(canvas, 3, 0.5)
    assert guides(scene, picture, 1, 2, 3, 4) == [(0, 0.25), (2, 0.75)]


def test_keys_between_two_drawn_frames_count_from_the_next(
    scene: Any, picture: Any, canvas: Any
) -> None:
    key(canvas, 1, -0.5)
    key(canvas, 4, 0.5)
    assert guides(scene, picture, 1, 3, 5, 7) == [(0, 0.25), (2, 0.75)]


def test_a_key_before_the_range_holds_and_one_after_it_does_not_count(
    scene: Any, picture: Any, canvas: Any
) -> None:
    key(canvas, 2, -0.5)
    key(canvas, 50, 0.5)
    assert guides(scene, picture, 11, 12) == [(0, 0.25)]


def test_an_empty_key_ends_the_strokes(scene: Any, picture: Any, canvas: Any) -> None:
    key(canvas, 2, 0.5)
    key(canvas, 3)
    found = painted_guides(picture, scene, [1, 2, 3], SETTINGS)
    assert places(found) == [(1, 0.75), (2, None)]
    np.testing.assert_allclose(found[1][1], 0.25)


def test_strokes_of_another_time_guide_the_first_frame(
    scene: Any, picture: Any, canvas: Any
) -> None:
    key(canvas, 40, 0.5)
    scene.frame_set(40)
    assert guides(scene, picture, 1, 2) == [(0, 0.75)]


def test_nothing_painted_is_an_error(scene: Any, picture: Any, canvas: Any) -> None:
    with pytest.raises(SaliencyError, match="Nothing is painted"):
        painted_guides(picture, scene, [1, 2], SETTINGS)


def test_a_chosen_image_wins_over_strokes(scene: Any, picture: Any, canvas: Any) -> None:
    key(canvas, 1, 0.5)
    key(canvas, 2, -0.5)
    white = bpy.data.images.new("white", *picture.size)
    white.generated_color = (1, 1, 1, 1)
    scene.semvec.saliency_image = white
    ((index, painted),) = painted_guides(picture, scene, [1, 2], SETTINGS)
    assert index == 0 and painted.min() > 0.99
