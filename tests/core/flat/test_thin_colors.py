# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of about a pixel keep their own color, though no pixel is all of it."""

from __future__ import annotations

import numpy as np
import pytest
from supersampled import Layer, draw, polygon

from semvec.core.drawing import Path
from semvec.core.flat.palette import find_palette
from semvec.core.flat.shares import with_thin_colors
from semvec.core.flat.tracing import trace_flat

BARS = [(78, 121, 167), (242, 142, 43), (225, 87, 89)]


def box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def chart(ink: tuple[int, int, int]) -> np.ndarray:
    """Return a bar chart on white with two axes of 1.1 px, RGBA [170, 280]."""
    layers: list[Layer] = [(polygon(box(-1, -1, 281, 171)), (255, 255, 255))]
    for number, color in enumerate(BARS):
        left = 30 + 80 * number
        layers.append((polygon(box(left, 40 + 30 * number, left + 50, 150)), color))
    layers += [(polygon(box(16.3, 149.4, 276, 150.5)), ink)]
    layers += [(polygon(box(16.3, 8, 17.4, 150.5)), ink)]
    return draw(280, 170, layers)


@pytest.mark.parametrize("ink", [(0, 0, 0), (120, 20, 110)])
def test_axes_of_a_chart_keep_their_color(ink: tuple[int, int, int]) -> None:
    paths = trace_flat(chart(ink), 32, threads=1).paths
    axes = [path for path in paths if _extent(path).max() > 200 and path.name != "background"]
    assert len(axes) == 1
    assert np.abs(axes[0].fill[:3] * 255 - ink).max() < 60
    assert len(paths) <= 2 + len(BARS) + 1


def test_edges_between_colors_add_none() -> None:
    pixels = chart((255, 255, 255))
    palette = find_palette(pixels)
    assert len(with_thin_colors(pixels, palette).colors) == len(palette.colors) == 1 + len(BARS)


def _extent(path: Path) -> np.ndarray:
    return np.ptp(np.concatenate(path.subpaths), axis=0)
