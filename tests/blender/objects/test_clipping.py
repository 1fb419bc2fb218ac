# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes that stick out of the picture, against our renderer, which sees the canvas alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sample_drawings import RED, path

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import pack
from semvec.core.rendering.native import render
from semvec.operators.objects.clipping import clipped

WIDTH, HEIGHT = 80, 60


@pytest.mark.parametrize(
    "outline",
    [
        circle((0, 30), 25), circle((78, 58), 30), circle((40, 30), 70), circle((40, -50), 60),
        circle((-100, 30), 20), rectangle(-10, -10, 90, 70), rectangle(20, -30, 40, 90),
    ],
)  # fmt: skip
def test_what_is_inside_stays_and_nothing_sticks_out(outline: Any) -> None:
    shape = path([outline], RED, "detail", "shape")
    cut = clipped(shape, WIDTH, HEIGHT)
    points = np.concatenate(cut.subpaths)
    assert points.min() >= -1e-4
    assert (points <= np.array([WIDTH, HEIGHT]) + 1e-4).all()
    expected, found = (render(pack([each]), WIDTH, HEIGHT) for each in (shape, cut))
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_holes_stay_holes() -> None:
    ring = path([circle((0, 30), 40), circle((0, 30), 20)[::-1].copy()], RED, "detail", "ring")
    ring.subpaths[1] = np.roll(ring.subpaths[1], 1, axis=0)
    expected, found = (
        render(pack([each]), WIDTH, HEIGHT) for each in (ring, clipped(ring, WIDTH, HEIGHT))
    )
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_shapes_that_hardly_reach_out_stay_as_they_are() -> None:
    shape = path([rectangle(-0.5, -0.5, 80.5, 60.5)], RED, "detail", "shape")
    assert clipped(shape, WIDTH, HEIGHT) is shape
