# SPDX-License-Identifier: GPL-3.0-or-later
"""Basic shapes of CSS in `clip-path` cut as clip paths of the same outline do in resvg."""

from __future__ import annotations

import numpy as np
import pytest
from foreign_svg import SVG, rendered_by_resvg
from hypothesis import given, settings
from hypothesis import strategies as st

from semvec.core.drawing import pack
from semvec.core.rendering.native import render
from semvec.core.svg import from_svg

# Of elements whose fills have the box 20 10, 80 90; with the stroke it is 15 5, 85 95.
STROKED = (
    '<g {}><rect x="20" y="10" width="60" height="80" fill="#357" stroke="#fa0" stroke-width="10"'
    ' stroke-dasharray="9 5"/></g>'
)
PLAIN = '<rect x="20" y="10" width="60" height="80" fill="#357" {}/>'
SAME = {
    "inset(10px)": '<rect x="30" y="20" width="40" height="60"/>',
    "inset(10% 20px 30px)": '<rect x="40" y="18" width="20" height="42"/>',
    "inset(0 round 20px)": '<rect x="20" y="10" width="60" height="80" rx="20"/>',
    "inset(5px round 60px / 20px)": '<rect x="25" y="15" width="50" height="70" rx="25"'
    ' ry="8.333"/>',
    "inset(0 0 0 0 round 0 30px 0 0)": '<path d="M20 10H50A30 30 0 0 1 80 40V90H20z"/>',
    "xywh(10px 20px 50% 25%)": '<rect x="30" y="30" width="30" height="20"/>',
    "rect(10px 50px 75% 25%)": '<rect x="35" y="20" width="35" height="50"/>',
    "rect(auto auto 30px 10px round 5px)": '<rect x="30" y="10" width="50" height="30" rx="5"/>',
    "inset(calc(5px + 10px/2) calc(2*(20px - 50%/3)) round calc(25%/4))": '<rect x="40" y="20"'
    ' width="20" height="60" rx="3.75" ry="5"/>',
    "circle(calc(1.5*10px) at calc(100% - 10px) calc(calc(50%) + -5px))": '<circle cx="70" cy="45"'
    ' r="15"/>',
    "shape(from 0 0, line to 100% 25%, hline by -20px, vline to bottom, close)": "<path"
    ' d="M20 10L80 30H60V90z"/>',
    "shape(evenodd from 0 0, hline to 60px, vline by 80px, line to left 80px, close, move to 10px"
    " 10px, line by 40px 0, line by 0 calc(50% + 0px), close)": '<path clip-rule="evenodd"'
    ' d="M20 10H80V90H20zM30 20h40v40z"/>',
    "shape(from left center, curve to right center with 30px -20px / 40px 90px, smooth by -30px"
    " 20px with -10px 30px, smooth to 0 60px, curve by 0 -20px with -5px -5px)": '<path d="M20 50C'
    '50 -10 60 100 80 50s-10 30 -30 20T20 70q-5 -5 0 -20"/>',
    "shape(from 0 40px, arc to 60px 40px of 40px 35px cw large rotate 20deg, arc by -60px 0 of 30px"
    " 20px ccw)": '<path d="M20 50A40 35 20 1 1 80 50a30 20 0 0 0 -60 0"/>',
    "circle()": '<circle cx="50" cy="50" r="30"/>',
    "circle(farthest-side at 30px 20px)": '<circle cx="50" cy="30" r="60"/>',
    "circle(50%)": '<circle cx="50" cy="50" r="35.3553"/>',
    "circle(15px at right 5px bottom 25%)": '<circle cx="75" cy="70" r="15"/>',
    "circle(20px at top)": '<circle cx="50" cy="10" r="20"/>',
    "ellipse(25% 30px at left center)": '<ellipse cx="20" cy="50" rx="15" ry="30"/>',
    "ellipse()": '<ellipse cx="50" cy="50" rx="30" ry="40"/>',
    "polygon(50% 0, 100% 100%, 0 100%)": '<path d="M50 10L80 90H20z"/>',
    "polygon(evenodd, 0 0, 60px 0, 60px 60px, 0 60px, 0 0, 20px 20px, 20px 40px, 40px 40px,"
    " 40px 20px, 20px 20px)": '<path d="M20 10h60v60h-60zM40 30h20v20h-20z" clip-rule="evenodd"/>',
    "path('M0 0h30v30z')": '<path d="M20 10h30v30z"/>',
    'path(evenodd, "M0 0h60v60h-60zM10 10h20v20h-20z")': '<path clip-rule="evenodd"'
    ' d="M20 10h60v60h-60zM30 20h20v20h-20z"/>',
    "fill-box": '<rect x="20" y="10" width="60" height="80"/>',
}


def document(content: str) -> str:
    return f'<svg {SVG} width="100" height="100">{content}</svg>'


def differ(value: str, same: str, element: str) -> float:
    """The mean difference on white, in 255ths, of ours from resvg's of the same clip path."""
    escaped = value.replace('"', "&quot;")
    drawing = from_svg(document(element.format(f'clip-path="{escaped}"')))
    clip = f'<clipPath id="c">{same}</clipPath>'
    theirs = rendered_by_resvg(document(clip + element.format('clip-path="url(#c)"')))
    expected = theirs[..., :3] * theirs[..., 3:] + 1.0 - theirs[..., 3:]
    ours = render(pack(drawing.paths), 100, 100, background=np.ones(3))
    return 255.0 * float(np.abs(ours - expected).mean())


@pytest.mark.parametrize("value", SAME)
def test_a_basic_shape_cuts_as_the_same_clip_path(value: str) -> None:
    assert differ(value, SAME[value], PLAIN) < 0.5
    value = value if value == "fill-box" else f"{value} fill-box"
    assert differ(value, SAME[value.removesuffix(" fill-box")], STROKED) < 1.0


@pytest.mark.parametrize(
    ("box", "circle"),
    [
        ("", (50, 50, 35)),  # of strokes
        ("stroke-box", (50, 50, 35)),
        ("content-box", (50, 50, 30)),
        ("view-box", (50, 50, 50)),
    ],
)
def test_a_basic_shape_refers_to_a_box(box: str, circle: tuple[int, int, int]) -> None:
    cx, cy, r = circle
    assert differ(f"circle() {box}", f'<circle cx="{cx}" cy="{cy}" r="{r}"/>', STROKED) < 1.0


@pytest.mark.parametrize("value", ["circle(-1px)", "polygon(5px)", "inset()", "path('M0')x",
                                   "shape(from 0 0, line 9px 9px)", "shape(from 0 0)",
                                   "shape(line to 0 0, from 0 0)", "circle(calc(1px + ))",
                                   "circle(5px at)", "ellipse(1px)",
                                   "circle(calc(1px / 0))"])  # fmt: skip
def test_an_invalid_shape_cuts_nothing_and_is_noted(value: str) -> None:
    drawing = from_svg(document(PLAIN.format(f'clip-path="{value}"')))
    assert len(drawing.paths) == 1
    assert len(drawing.settings["notes"]) == 1
    assert "clip" in drawing.settings["notes"][0]


lengths = st.sampled_from(
    ["0", "10px", "-5px", "50%", "1em", "1e9px", "red", "", "nan", "calc(1px + 50%)", "calc(("]
)
words = st.sampled_from(
    ["at", "round", "/", "closest-side", "left", "bottom", ",", "evenodd", "from", "line", "to"]
)
functions = st.sampled_from(
    ["inset", "xywh", "rect", "shape", "circle", "ellipse", "polygon", "path"]
)


@given(functions, st.lists(lengths | words, max_size=9))
@settings(max_examples=150, deadline=None)
def test_any_arguments_cut_or_are_noted(function: str, arguments: list[str]) -> None:
    value = f"{function}({' '.join(arguments)})"
    drawing = from_svg(document(PLAIN.format(f'clip-path="{value}"')))
    low = min((points.min() for path in drawing.paths for points in path.subpaths), default=10.0)
    assert low >= 10.0 - 1e-4
