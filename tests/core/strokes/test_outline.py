# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines of strokes cover what resvg's strokes cover; tapered ones, a disc at each place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from line_drawings import rendered

from semvec.core.bezier import bernstein
from semvec.core.drawing import Path, Stroke, pack
from semvec.core.rendering import native
from semvec.core.strokes.outline import stroke_outline, stroke_outlines

BLACK = np.array([0, 0, 0, 1], np.float32)
WAVE = np.array([(60, 200), (120, 20), (260, 380), (340, 180)], np.float32)
CORNER = np.array([(80, 80), (160, 80), (240, 80), (320, 80), (260, 160), (180, 240), (90, 330)],
                  np.float32)  # fmt: skip
TURN = np.array([(190, 300), (190, 60), (210, 60), (210, 300)], np.float32)


def share(stroke: Stroke) -> np.ndarray:
    """The share of ink of each pixel as our own renderer sees the outline."""
    scene = pack([Path(stroke_outline(stroke), BLACK)])
    return 1.0 - native.render(scene, 400, 400, (1.0, 1.0, 1.0))[..., 0]


def drawn_by_resvg(elements: str) -> np.ndarray:
    """Coverage from 16 samples a pixel: edges that lie on each other don't add up."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400" viewBox="0 0 400 400" '
        f'shape-rendering="crispEdges">{elements}</svg>'
    )
    samples = rendered(svg, 4.0)[..., 3] / 255.0
    return samples.reshape(400, 4, 400, 4).mean(axis=(1, 3))


@pytest.mark.parametrize("points", [WAVE, CORNER, TURN], ids=["wave", "corner", "turn"])
@pytest.mark.parametrize("width", [2.5, 9.0, 40.0])
def test_an_even_stroke_covers_what_svg_strokes_cover(points: np.ndarray, width: float) -> None:
    stroke = Stroke(points, np.full(len(points) // 3 + 1, width, np.float32))
    numbers = [f"{x:g} {y:g}" for x, y in points]
    data = f"M{numbers[0]}C" + " ".join(numbers[1:])
    wanted = drawn_by_resvg(
        f'<path d="{data}" fill="none" stroke="#000" stroke-width="{width}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )
    found = share(stroke)
    # Rounded coverage of edges differs by less.
    assert (np.abs(found - wanted) > 0.3).sum() <= 0.002 * wanted.sum()
    assert abs(found.sum() - wanted.sum()) < 0.01 * wanted.sum()


@pytest.mark.parametrize("points", [WAVE, CORNER, TURN], ids=["wave", "corner", "turn"])
@pytest.mark.parametrize(("limit", "join"), [(4.0, "miter"), (1.0, "miter"), (4.0, "round")])
def test_blunt_ends_and_mitered_corners_are_those_of_svg(
    points: np.ndarray, limit: float, join: Any
) -> None:
    widths = np.full(len(points) // 3 + 1, 18.0, np.float32)
    stroke = Stroke(points, widths, cap="butt", join=join, miter_limit=limit)
    numbers = [f"{x:g} {y:g}" for x, y in points]
    wanted = drawn_by_resvg(
        f'<path d="M{numbers[0]}C{" ".join(numbers[1:])}" fill="none" stroke="#000" '
        f'stroke-width="18" stroke-linejoin="{join}" stroke-miterlimit="{limit}"/>'
    )
    found = share(stroke)
    assert (np.abs(found - wanted) > 0.3).sum() <= 0.002 * wanted.sum()
    assert abs(found.sum() - wanted.sum()) < 0.01 * wanted.sum()


def test_a_closed_stroke_is_a_ring() -> None:
    points = np.concatenate([WAVE, [(200, 300), (100, 320), (60, 200)]]).astype(np.float32)
    ring = Stroke(points, np.full(3, 6.0, np.float32), True)
    assert len(stroke_outline(ring)) == 2
    covered = share(ring).sum()
    open_ = share(Stroke(points, np.full(3, 6.0, np.float32))).sum()
    assert abs(covered - open_) < 0.02 * open_


@pytest.mark.parametrize("points", [WAVE, TURN], ids=["wave", "turn"])
def test_a_tapered_stroke_covers_its_discs(points: np.ndarray) -> None:
    stroke = Stroke(points, np.array([3.0, 30.0], np.float32))
    t = np.linspace(0, 1, 800)
    places = bernstein(t) @ points
    wanted = drawn_by_resvg("".join(
        f'<circle cx="{x:.3f}" cy="{y:.3f}" r="{(3 + 27 * s) / 2:.3f}"/>'
        for (x, y), s in zip(places, t, strict=True)
    ))  # fmt: skip
    found = share(stroke)
    assert (np.abs(found - wanted) > 0.3).sum() <= 0.004 * wanted.sum()
    assert abs(found.sum() - wanted.sum()) < 0.015 * wanted.sum()


def test_a_stroke_without_a_length_is_a_disc() -> None:
    dot = Stroke(np.full((4, 2), 50, np.float32), np.full(2, 10, np.float32))
    assert abs(share(dot).sum() - np.pi * 25) < 0.5


def test_many_strokes_have_the_outlines_that_each_has_alone() -> None:
    rng = np.random.default_rng(0)
    strokes = []
    for count, closed, cap, join in (
        (1, False, "round", "round"), (3, False, "butt", "miter"), (0, False, "round", "round"),
        (4, True, "butt", "miter"), (2, True, "round", "round"), (5, False, "butt", "round"),
    ):  # fmt: skip
        points = rng.uniform(0, 50, (3 * max(count, 1) + 1, 2)).astype(np.float32)
        points[-1] = points[0] if closed or not count else points[-1]
        points = points if count else np.repeat(points[:1], 4, axis=0)
        widths = rng.uniform(1, 5, max(count, 1) + 1).astype(np.float32)
        strokes.append(Stroke(points, widths, closed, cap, join))
    together = stroke_outlines(strokes)
    assert [len(outline) for outline in together] == [1, 1, 1, 2, 2, 1]
    for stroke, outline in zip(strokes, together, strict=True):
        for one, other in zip(outline, stroke_outline(stroke), strict=True):
            np.testing.assert_array_equal(one, other)
