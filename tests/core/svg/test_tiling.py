# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiles of outlines on each other, against winding numbers, areas and another renderer."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest
import resvg_py
from hypothesis import given, settings
from hypothesis import strategies as st
from outlines import sampled
from random_outlines import random_outlines

from semvec.core.bezier import area, circle, rectangle
from semvec.core.drawing import Drawing, Path
from semvec.core.pipeline.layering import cut_out
from semvec.core.svg import quantized, to_svg
from semvec.core.svg.boolean import combine
from semvec.core.svg.jobs import Job, Operand
from semvec.core.svg.tiling import tiles

PLACES = np.random.default_rng(7).uniform(-10, 40, (150, 2))

drawn_outlines = st.lists(st.lists(random_outlines(), min_size=1, max_size=2), max_size=5)


def windings(outline: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Count how often each place is wound round, and its distance to the nearest edge."""
    total, nearest = np.zeros(len(PLACES)), np.full(len(PLACES), np.inf)
    for points in outline:
        start = sampled(points)[None] - PLACES[:, None]
        end = np.roll(start, -1, axis=1)
        cross = start[..., 0] * end[..., 1] - start[..., 1] * end[..., 0]
        total += np.arctan2(cross, (start * end).sum(-1)).sum(axis=1) / (2 * np.pi)
        step = end - start
        along = (-(start * step).sum(-1) / np.maximum((step**2).sum(-1), 1e-300)).clip(0, 1)
        nearest = np.minimum(nearest, np.hypot(*(start + along[..., None] * step).T).min(axis=0))
    return np.rint(total).astype(int), nearest


@given(drawn_outlines)
@settings(max_examples=40, deadline=None)
def test_every_place_is_in_the_tile_of_its_topmost_outline_alone(drawn):
    found = tiles(drawn)
    assert len(found) == len(drawn)
    top, far = np.full(len(PLACES), -1), np.ones(len(PLACES), bool)
    for number, outline in enumerate(drawn):
        winding, distance = windings(outline)
        top[winding != 0] = number
        far &= distance > 0.05
    for number, outline in enumerate(found):
        winding, _ = windings(outline)
        np.testing.assert_array_equal((winding != 0)[far], (top == number)[far])


@given(drawn_outlines)
@settings(max_examples=25, deadline=None)
def test_tiles_add_up_to_the_union(drawn):
    total = sum(abs(area(outline)) for outline in tiles(drawn) if outline)
    (union,) = combine([Job([Operand(outline) for outline in drawn])]) if drawn else ([],)
    assert total == pytest.approx(abs(area(union)) if union else 0.0, abs=0.02, rel=1e-4)


def test_neighbors_share_their_borders_to_the_last_digit():
    drawn = [[rectangle(0, 0, 30, 30)], [circle(np.array([9, 9]), 7)], [circle([18, 12], 8)]]
    counts: dict[tuple[float, ...], int] = {}
    for path in quantized(
        Drawing(30, 30, [Path(outline, np.ones(4, np.float32)) for outline in tiles(drawn)])
    ).paths:
        for points in path.subpaths:
            around = np.concatenate([points, points[:1]])
            for i in range(0, len(points), 3):
                cubic = around[i : i + 4]
                if np.ptp(cubic, axis=0).all():  # not of the frame
                    key = min(cubic.tolist(), cubic[::-1].tolist())
                    name = tuple(np.ravel(key).tolist())
                    counts[name] = counts.get(name, 0) + 1
    assert set(counts.values()) == {2} and len(counts) >= 8


def shown(drawing: Drawing) -> np.ndarray:
    data = resvg_py.svg_to_bytes(svg_string=to_svg(drawing), zoom=4)
    with PIL.Image.open(io.BytesIO(bytes(data))) as picture:
        return np.asarray(picture.convert("RGBA")).astype(int)


def random_drawing(count: int, opacity: float = 1.0) -> Drawing:
    random = np.random.default_rng(count)
    paths = [Path([rectangle(0, 0, 100, 80)], np.array([0.2, 0.4, 0.6, 1], np.float32))]
    for number in range(count):
        center, radius = random.uniform([0, 0], [100, 80]), random.uniform(2, 25)
        points = circle(center, radius, 5)
        points += random.normal(0, radius / 8, points.shape).astype(np.float32)
        fill = np.append(random.uniform(0, 1, 3), opacity if number % 3 == 0 else 1.0)
        paths.append(Path([points], fill.astype(np.float32), name=f"detail.{number}"))
    return quantized(Drawing(100, 80, paths))


def test_a_cut_out_drawing_looks_like_the_stacked_one():
    drawing = random_drawing(40)
    result, notes = cut_out(drawing)
    assert notes == [] and len(result.paths) <= 41
    names = [path.name for path in drawing.paths]
    assert [path.name for path in result.paths] == [
        name for name in names if name in {path.name for path in result.paths}
    ]
    difference = np.abs(shown(result) - shown(drawing)).max(axis=2)
    assert (difference > 100).mean() < 0.002
    assert (difference > 2).mean() < 0.12  # anti-aliasing along borders
    inner = np.zeros(difference.shape, bool)
    inner[8:-8, 8:-8] = True
    assert shown(result)[inner][:, 3].min() > 100


def test_transparent_shapes_are_cut_but_cut_nothing():
    drawing = random_drawing(20, 0.5)
    result, notes = cut_out(drawing)
    assert notes == ["7 transparent shapes lie on others, which show through"]
    difference = np.abs(shown(result) - shown(drawing)).max(axis=2)
    assert (difference > 2).mean() < 0.12


def test_nothing_and_everything_covered():
    assert tiles([]) == []
    same = [rectangle(0, 0, 5, 5)]
    below, above = tiles([same, same])
    assert below == [] and abs(area(above)) == pytest.approx(25)
    empty, _ = cut_out(Drawing(10, 10, []))
    assert empty.paths == []
