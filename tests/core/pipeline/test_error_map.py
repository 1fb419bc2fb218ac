# SPDX-License-Identifier: GPL-3.0-or-later
"""The map of a drawing's remaining error, against naive loops."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.drawing import Drawing, Path
from semvec.core.image import Image
from semvec.core.pipeline.error_map import LONG_SIDE, error_map

GRAY = 0.5


def box(x0: float, y0: float, x1: float, y1: float, fill: tuple[float, ...]) -> Path:
    """A box as a path of straight cubics."""
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    thirds = [a + (b - a) * t for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)
              for t in (0.0, 1 / 3, 2 / 3)]  # fmt: skip
    return Path([np.array(thirds, np.float32)], np.array(fill, np.float32), "structural")


def naive(difference: np.ndarray) -> np.ndarray:
    """The root mean square over channels and 5 x 5 pixels, edges repeated."""
    height, width, _ = difference.shape
    error = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            rows = np.clip(np.arange(y - 2, y + 3), 0, height - 1)
            columns = np.clip(np.arange(x - 2, x + 3), 0, width - 1)
            error[y, x] = np.sqrt((difference[rows][:, columns] ** 2).mean())
    return error


def test_it_is_the_local_difference_of_picture_and_drawing() -> None:
    rgb = np.random.default_rng(3).random((14, 20, 3), np.float32)
    drawing = Drawing(20, 14, [box(0, 0, 20, 14, (GRAY, GRAY, GRAY, 1.0))])
    found = error_map(Image(rgb), drawing)
    assert found.dtype == np.float32
    assert np.abs(found - naive(rgb - GRAY)).max() < 1e-5


def test_a_perfect_drawing_has_no_error_and_its_fault_is_found_where_it_is() -> None:
    rgb = np.full((30, 40, 3), GRAY, np.float32)
    whole = box(0, 0, 40, 30, (GRAY, GRAY, GRAY, 1.0))
    assert error_map(Image(rgb), Drawing(40, 30, [whole])).max() < 1e-6
    fault = box(10, 8, 20, 18, (1.0, 1.0, 1.0, 1.0))
    found = error_map(Image(rgb), Drawing(40, 30, [whole, fault]))
    assert np.abs(found[10:16, 12:18] - GRAY).max() < 1e-5
    outside = np.ones_like(found, bool)
    outside[6:20, 8:22] = False
    assert found[outside].max() < 1e-6


@pytest.mark.parametrize("shade", [0.0, 1.0])
def test_what_is_missing_in_a_transparent_picture_counts_in_any_color(shade: float) -> None:
    """Over a background of its own color it would not be seen."""
    rgb = np.full((20, 20, 3), shade, np.float32)
    found = error_map(Image(rgb, np.ones((20, 20), np.float32)), Drawing(20, 20, []))
    assert np.abs(found - 1.0).max() < 1e-6


def test_large_pictures_are_compared_smaller() -> None:
    rgb = np.zeros((300, 3 * LONG_SIDE, 3), np.float32)
    drawing = Drawing(30, 10, [box(0, 0, 30, 10, (0.0, 0.0, 0.0, 1.0))])
    found = error_map(Image(rgb), drawing)
    assert found.shape == (100, LONG_SIDE) and found.max() < 1e-3
