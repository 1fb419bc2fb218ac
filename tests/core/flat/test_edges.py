# SPDX-License-Identifier: GPL-3.0-or-later
"""Edges are located to hundredths of a pixel, and fitted with few nodes."""

from __future__ import annotations

import numpy as np
import pytest
from supersampled import Inside, disc, draw, polygon

from semvec.core.bezier import flattened
from semvec.core.flat.areas import find_areas
from semvec.core.flat.corners import find_corners, sample
from semvec.core.flat.edges import Edge, locate, padded_mixtures
from semvec.core.flat.fitting import fit_edge
from semvec.core.flat.labels import label_pixels
from semvec.core.flat.palette import find_palette, premultiplied

SQUARE = [(10.2, 5.1), (50.7, 8.8), (60.4, 74.6), (14.9, 70.3)]


def located(shape: Inside) -> Edge:
    pixels = draw(80, 80, [(lambda x, y: np.ones(x.shape, bool), (255,) * 3), (shape, (0, 60, 90))])
    palette = find_palette(pixels)
    labels = label_pixels(pixels, palette)
    areas, _ = find_areas(labels, palette.colors[:, 3] == 0, palette.colors[:, 3])
    mixtures = padded_mixtures(premultiplied(pixels), labels, palette)
    return locate(areas[1].outlines[0], mixtures)


@pytest.mark.parametrize("radius", [3.0, 8.4, 25.1])
def test_a_circle_is_located_where_it_is(radius: float) -> None:
    edge = located(disc(40.3, 38.9, radius))
    off = np.hypot(*(edge.points - [40.3, 38.9]).T) - radius
    assert np.abs(off).mean() < 0.03


def test_straight_edges_are_located_where_they_are() -> None:
    edge = located(polygon(SQUARE))
    corners = np.array(SQUARE)
    off = np.full(len(edge.points), np.inf)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (end - start) / np.hypot(*(end - start))
        across = (edge.points - start) @ np.array([-along[1], along[0]])
        off = np.minimum(off, np.abs(across))
    away = np.hypot(*(edge.points[:, None] - corners).transpose(2, 0, 1)).min(axis=1) > 2
    assert off[away].max() < 0.03


def test_corners_are_found_where_they_are_and_nowhere_else() -> None:
    corners = find_corners(sample(located(polygon(SQUARE))))
    places = corners.places[corners.flags]
    assert len(places) == 4
    distances = np.hypot(*(places[:, None] - np.array(SQUARE)).transpose(2, 0, 1))
    assert distances.min(axis=1).max() < 0.1


@pytest.mark.parametrize("radius", [5.0, 12.0, 30.0])
def test_a_circle_has_no_corner(radius: float) -> None:
    assert not find_corners(sample(located(disc(40.2, 40.4, radius)))).flags.any()


def test_noise_takes_no_nodes() -> None:
    angles = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    noise = np.random.default_rng(1).normal(0, 0.05, (300, 1))
    points = 100 + (60 + noise) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    fitted = fit_edge(Edge(points, np.ones(300, bool), np.ones(300)))
    assert len(fitted) // 3 <= 6
    assert np.abs(np.hypot(*(flattened(fitted) - 100).T) - 60).max() < 0.15
