# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain strokes of other programs' files stay strokes; what is written looks the same in resvg."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from semvec.core.svg import from_svg, to_svg

resvg = pytest.importorskip("resvg_py")

ROUND = 'stroke-linecap="round" stroke-linejoin="round"'
KEPT = {
    "icon": f'<g fill="none" stroke="#246" stroke-width="8" {ROUND}><path d="M15 50h40L70 20v60"/>'
    '<circle cx="70" cy="60" r="15"/><path d="M20 20h.01"/></g>',
    "miters": '<path fill="none" stroke="#222" stroke-width="7" d="M10 80L40 20L60 80L64 20"/>',
    "fill and stroke": '<rect x="20" y="20" width="50" height="40" fill="#fc0" stroke="#a00"'
    ' stroke-width="6"/>',
    "squares": '<path fill="none" stroke="#222" stroke-width="9" stroke-linecap="square"'
    ' d="M30 30C60 20 40 80 70 70"/>',
    "turned and larger": '<g transform="rotate(30 50 50) scale(1.5) translate(-10 -15)"><path'
    f' fill="none" stroke="#084" stroke-width="4" d="M20 30Q40 10 60 40T40 60" {ROUND}/></g>',
    "translucent": '<path fill="none" stroke="#222" stroke-opacity=".5" stroke-width="9"'
    ' d="M20 20C90 20 10 80 80 80"/>',
    "several lines": f'<path fill="none" stroke="#222" stroke-width="5" {ROUND}'
    ' d="M20 20H80M20 40H80M20 60L50 80L80 60Z"/>',
}
OUTLINED = {
    "dashes": '<path fill="none" stroke="#048" stroke-width="6" stroke-dasharray="10 5"'
    ' d="M9 50H90"/>',
    "bevels": '<path fill="none" stroke="#222" stroke-linejoin="bevel" stroke-width="9"'
    ' d="M20 80L50 20L80 80"/>',
    "skewed": '<path transform="skewX(20)" fill="none" stroke="#222" stroke-width="9"'
    ' d="M9 50H60"/>',
    "gradient": '<linearGradient id="g"><stop stop-color="red"/><stop offset="1"/></linearGradient>'
    '<path fill="none" stroke="url(#g)" stroke-width="9" d="M9 40L60 60"/>',
    "cut by the canvas": '<path fill="none" stroke="#222" stroke-width="9" d="M-20 50H60"/>',
    "translucent and crossing": '<path fill="none" stroke="#222" stroke-opacity=".5"'
    ' stroke-width="9" d="M20 20L80 80M20 80L80 20"/>',
}  # fmt: skip


def document(content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">{content}</svg>'


def shown(svg: str) -> np.ndarray:
    """The picture on white at four times its size: float [400, 400, 3]."""
    png = bytes(resvg.svg_to_bytes(svg_string=svg, width=400, height=400))
    rgba = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")) / 255.0
    return rgba[..., :3] * rgba[..., 3:] + 1.0 - rgba[..., 3:]


@pytest.mark.parametrize("content", KEPT.values(), ids=KEPT.keys())
def test_plain_strokes_stay_strokes_and_look_the_same(content: str) -> None:
    drawing = from_svg(document(content))
    assert any(path.stroke is not None for path in drawing.paths)
    written = to_svg(drawing)
    assert 'stroke-width="' in written
    outlines = [path.subpaths for path in drawing.paths if path.stroke is not None]
    assert all(len(subpaths) for subpaths in outlines)
    wanted = shown(document(content))
    assert (np.abs(shown(written) - wanted).max(axis=2) > 0.3).mean() < 0.005
    again = from_svg(written)
    assert to_svg(again) == written
    for path, before in zip(again.paths, drawing.paths, strict=True):
        assert (path.stroke is None) == (before.stroke is None)


@pytest.mark.parametrize("content", OUTLINED.values(), ids=OUTLINED.keys())
def test_other_strokes_become_outlines(content: str) -> None:
    drawing = from_svg(document(content))
    assert drawing.paths and all(path.stroke is None for path in drawing.paths)
    different = np.abs(shown(to_svg(drawing)) - shown(document(content))).max(axis=2) > 0.3
    assert different.mean() < 0.005


numbers = st.sampled_from([0, 10, 10.001, 50, 1e-9, -3])


@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5),
    st.sampled_from([0, 1e-9, 1, 30]),
    st.sampled_from(["butt", "round", "square"]),
    st.sampled_from(["miter", "round", "bevel"]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_degenerate_lines_are_read_and_written(
    corners: Any, width: float, cap: str, join: str, closed: bool
) -> None:
    data = "M" + "L".join(f"{x} {y}" for x, y in corners) + ("Z" if closed else "")
    drawing = from_svg(document(
        f'<path d="{data}" fill="none" stroke="#000" stroke-width="{width}" '
        f'stroke-linecap="{cap}" stroke-linejoin="{join}"/>'
    ))  # fmt: skip
    written = to_svg(drawing)
    assert to_svg(from_svg(written)) == written
