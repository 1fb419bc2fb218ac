# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes of a drawing are strokes in its SVG, and come back from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_drawings import rendered

from semvec.core.drawing import Drawing, Path, Stroke, pack
from semvec.core.errors import OutputError
from semvec.core.rendering import native
from semvec.core.strokes.outline import stroke_outline
from semvec.core.svg import from_svg, quantized, to_svg

INK = np.array([0.8, 0.2, 0.0, 1.0], np.float32)
LINE = np.array([(60, 200), (120, 20), (260, 380), (340, 180)], np.float32)


def stroke_path(stroke: Stroke, opacity: float = 1.0) -> Path:
    fill = np.append(INK[:3], opacity).astype(np.float32)
    return Path(stroke_outline(stroke), fill, "detail", "line", 3, stroke=stroke)


def shown_by_resvg(svg: str) -> np.ndarray:
    """Coverage from 16 samples a pixel: resvg's strokes are coarser at their own size."""
    return (rendered(svg, 4.0)[..., 3] / 255.0).reshape(400, 4, 400, 4).mean(axis=(1, 3))


def is_same(a: Stroke, b: Stroke) -> bool:
    return (
        np.array_equal(a.points, b.points)
        and np.array_equal(a.widths, b.widths)
        and (a.closed, a.cap, a.join, a.miter_limit) == (b.closed, b.cap, b.join, b.miter_limit)
    )


@pytest.mark.parametrize("widths", [(5.0, 5.0), (2.0, 9.0)], ids=["even", "tapered"])
def test_the_svg_shows_what_the_drawing_shows(widths: tuple[float, ...]) -> None:
    drawing = Drawing(400, 400, [stroke_path(Stroke(LINE, np.array(widths, np.float32)))])
    shown = shown_by_resvg(to_svg(drawing))
    black = [Path(path.subpaths, np.array([0, 0, 0, 1], np.float32)) for path in drawing.paths]
    wanted = 1.0 - native.render(pack(black), 400, 400, (1.0, 1.0, 1.0))[..., 0]
    assert (np.abs(shown - wanted) > 0.3).sum() <= 0.002 * wanted.sum()
    assert abs(shown.sum() - wanted.sum()) < 0.01 * wanted.sum()


def test_an_even_stroke_is_a_stroke_of_svg() -> None:
    svg = to_svg(Drawing(400, 400, [stroke_path(Stroke(LINE, np.full(2, 4.5, np.float32)), 0.4)]))
    assert 'fill="none" stroke="#c30" stroke-opacity="0.4" stroke-width="4.5"' in svg
    assert 'stroke-linecap="round" stroke-linejoin="round"' in svg


points = st.lists(st.floats(-50, 450, width=32), min_size=8, max_size=26)


@given(
    points,
    st.booleans(),
    st.lists(st.floats(0, 40, width=32), min_size=5, max_size=5),
    st.sampled_from(["round", "butt"]),
    st.sampled_from(["round", "miter"]),
    st.sampled_from([1.0, 4.0, 7.5]),
)
@settings(max_examples=60)
def test_strokes_come_back_exactly(
    values: list[float], closed: bool, widths: list[float], cap: Any, join: Any, limit: float
) -> None:
    count = (len(values) // 2 - 1) // 3
    line = np.array(values[: 6 * count + 2], np.float32).reshape(-1, 2)
    if closed:
        line[-1] = line[0]
    limit = limit if join == "miter" else 4.0
    own = np.array(widths[: count + 1], np.float32)
    given_stroke = Stroke(line, own, closed, cap, join, limit)
    drawing = Drawing(400, 300, [stroke_path(given_stroke)])
    back = from_svg(to_svg(drawing))
    (wanted,), (found,) = quantized(drawing).paths, back.paths
    assert wanted.stroke and found.stroke and is_same(wanted.stroke, found.stroke)
    assert all(np.array_equal(a, b) for a, b in zip(wanted.subpaths, found.subpaths, strict=True))
    assert (found.name, found.kind, found.region) == ("line", "detail", 3)
    assert to_svg(back) == to_svg(drawing)


def test_a_stroke_that_another_program_moved_is_moved() -> None:
    svg = to_svg(Drawing(400, 400, [stroke_path(Stroke(LINE, np.full(2, 6.0, np.float32)))]))
    moved = svg.replace('<g id="detail"', '<g transform="translate(10 5)" id="detail"')
    (path,) = from_svg(moved).paths
    assert path.stroke is not None
    np.testing.assert_allclose(path.stroke.points, LINE + np.array([10, 5]), atol=0.01)
    shown = shown_by_resvg(moved)
    black = [Path(path.subpaths, np.array([0, 0, 0, 1], np.float32))]
    found = 1.0 - native.render(pack(black), 400, 400, (1.0, 1.0, 1.0))[..., 0]
    assert (np.abs(shown - found) > 0.3).sum() <= 0.002 * shown.sum()
    assert abs(shown.sum() - found.sum()) < 0.01 * shown.sum()


@pytest.mark.parametrize("change", [
    ('data-widths="', 'data-widths="nan '), ('data-widths="', 'data-widths="-1 '),
    ('data-widths="2', 'data-widths="'), ('data-line="M', 'data-line="X'),
])  # fmt: skip
def test_damaged_widths_leave_the_outline(change: tuple[str, str]) -> None:
    drawing = Drawing(400, 400, [stroke_path(Stroke(LINE, np.array([2.0, 9.0], np.float32)))])
    (path,) = from_svg(to_svg(drawing).replace(*change)).paths
    assert path.stroke is None
    assert path.subpaths


def test_a_stroke_whose_widths_are_missing_is_not_written() -> None:
    broken = Stroke(LINE, np.ones(3, np.float32))
    path = Path([LINE[:3]], INK, stroke=broken)
    with pytest.raises(OutputError):
        to_svg(Drawing(400, 400, [path]))
