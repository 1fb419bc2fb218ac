# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of other programs' files: each looks as resvg, or the specification, says."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from foreign_svg import STOPS, SVG, XLINK, looks_the_same, rendered_by_resvg

from semvec.core.drawing import Drawing, pack
from semvec.core.errors import SvgError
from semvec.core.rendering.native import render
from semvec.core.svg import from_svg
from semvec.core.svg.boolean import combined
from semvec.core.svg.jobs import Operand

TRIANGLE = '<path d="M5 95L50 5L95 95Z"/>'
DRAWN = {
    "non-zero star": '<path d="M50 5L79 95L4 39H96L21 95Z"/>',
    "even-odd star": '<path fill-rule="evenodd" d="M50 5L79 95L4 39H96L21 95Z"/>',
    "same direction": '<path d="M10 10h80v80h-80zM30 30h40v40h-40z"/>',
    "overlap": '<path d="M10 10h50v50h-50zM40 40h50v50h-50z"/>',
    "even-odd grid": '<path fill-rule="evenodd" d="M5 20h90v20h-90zM5 60h90v20h-90zM20 5h20v90h-20z'
    'M60 5h20v90h-20z"/>',
    "even-odd discs": '<path fill-rule="evenodd" d="M35 10a25 25 0 1 0 .01 0zM60 30a25 25 0 1 1-.01'
    ' 0z"/>',
    "use": '<defs><path id="p" d="M0 0h20v20h-20z"/></defs><use href="#p" x="10" fill="red"/>'
    '<use xlink:href="#p" transform="translate(50 50) rotate(20)"/>',
    "use of a group": '<g id="g" fill="#0a0"><circle cx="9" cy="9" r="9"/><rect y="20" width="9"'
    ' height="9"/></g><use href="#g" x="40" y="30"/>',
    "symbol": '<symbol id="s" viewBox="0 0 10 20"><rect width="10" height="20"/></symbol>'
    '<use href="#s" x="30" y="30" width="40" height="40"/>',
    "symbol that overflows": '<symbol id="s" viewBox="0 0 10 10"><circle cx="8" cy="5" r="5"/>'
    '</symbol><use href="#s" x="30" y="30" width="40" height="40"/>',
    "nested": '<svg x="20" y="20" width="60" height="30" viewBox="0 0 10 10"><rect width="10"'
    ' height="10" fill="#357"/></svg>',
    "nested slice": '<svg x="20" y="20" width="60" height="30" viewBox="0 0 10 10"'
    ' preserveAspectRatio="xMinYMax slice"><circle cx="5" cy="5" r="5" fill="#357"/></svg>',
    "clip": '<clipPath id="c"><circle cx="50" cy="50" r="30"/><rect width="20" height="20"/>'
    '</clipPath><rect width="100" height="100" fill="#357" clip-path="url(#c)"/>',
    "clip of a box": '<clipPath id="c" clipPathUnits="objectBoundingBox"><circle cx=".5" cy=".5"'
    ' r=".5"/></clipPath><g transform="rotate(20 50 50)" clip-path="url(#c)"><rect x="20" y="30"'
    ' width="60" height="40"/></g>',
    "clip of the box of fills": '<clipPath id="c" clipPathUnits="objectBoundingBox"'
    ' transform="rotate(9 50 50)"><circle cx=".5" cy=".5" r=".5"/></clipPath><clipPath id="d">'
    '<rect width="60" height="60"/></clipPath><g clip-path="url(#c)"><rect x="20" y="20" width="30"'
    ' height="60" stroke="#a00" stroke-width="30"/><circle cx="70" cy="60" r="25" fill="#0a0"'
    ' clip-path="url(#d)"/></g>',
    "clipped use": '<clipPath id="c"><circle cx="20" cy="20" r="15"/></clipPath><defs><rect id="r"'
    ' width="40" height="25"/></defs><use href="#r" x="30" y="40" clip-path="url(#c)"/>',
    "clipped clip": '<clipPath id="d"><rect x="40" width="60" height="100"/></clipPath><clipPath'
    ' id="c" clip-path="url(#d)"><path clip-rule="evenodd" d="M10 10h80v80h-80zM30 30h40v40h-40z"/>'
    '</clipPath><rect width="100" height="100" clip-path="url(#c)"/>',
    "empty clip": '<clipPath id="c"/><rect width="99" height="99" clip-path="url(#c)"/>'
    '<rect width="9" height="9"/>',
    "mask": '<mask id="m"><rect width="100" height="100" fill="white"/><circle cx="50" cy="50"'
    ' r="30"/></mask><rect width="100" height="100" fill="#357" mask="url(#m)"/>',
    "mask that refers to itself": '<mask id="m" mask="url(#m)"><circle cx="50" cy="50" r="30"'
    ' fill="#fff"/></mask><rect width="100" height="100" fill="#357" mask="url(#m)"/>',
    "mask has no transform": '<mask id="m" transform="scale(.5)"><circle cx="50" cy="50" r="30"'
    ' fill="#fff"/></mask><rect width="100" height="100" fill="#357" mask="url(#m)"/>',
    "origin of a clip path": '<clipPath id="c" clipPathUnits="objectBoundingBox" transform-origin='
    '"center" transform="scale(2)"><rect x=".3" y=".3" width=".4" height=".4" rx=".1"/></clipPath>'
    '<rect x="20" y="30" width="60" height="40" clip-path="url(#c)"/>',
    "origin of a gradient": '<radialGradient id="a" gradientTransform="rotate(40) scale(.8)"'
    ' transform-origin=".5 .5"><stop stop-color="#fff"/><stop offset="1" stop-color="#05a"/>'
    '</radialGradient><rect x="10" y="10" width="80" height="80" fill="url(#a)"/>',
    "origin of a pattern": '<pattern id="a" width="1" height="1" patternContentUnits='
    '"objectBoundingBox" patternTransform="scale(2)" transform-origin="center"><rect width=".5"'
    ' height=".5" fill="#05a"/></pattern><rect x="20" y="10" width="60" height="80"'
    ' fill="url(#a)"/>',
    "effects of a symbol": '<clipPath id="c"><circle cx="40" cy="40" r="30"/></clipPath><symbol'
    ' id="s" opacity=".5" clip-path="url(#c)"><rect width="60" height="60"/></symbol>'
    '<use href="#s" x="10"/>',
    "paints of a context": '<defs><g id="g"><rect x="20" y="20" width="40" height="40"'
    ' fill="context-stroke" stroke="context-fill" stroke-width="9"/></g><use id="u" href="#g"'
    ' fill="context-stroke" stroke="context-fill"/></defs><use href="#u" fill="#0a0"'
    ' stroke="#00a"/>',
    "paint orders": '<marker id="m" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse"'
    ' overflow="visible"><circle r="9" fill="#fa0"/></marker><g stroke="#00a" stroke-width="9"'
    ' fill="#0a0" marker-start="url(#m)"><path d="M20 20h20v60H20z" paint-order="fill markers'
    ' stroke"/><path d="M50 20h10v60H50z" paint-order="stroke stroke"/><path d="M80 20h10v60H80z"'
    ' paint-order="markers stroke"/></g>',
    "substitute where there is no box": f'<linearGradient id="a">{STOPS}</linearGradient><g'
    ' stroke-width="5"><path d="M50 10v80" stroke="url(#a) #05a"/><path d="M10 50h80"'
    ' stroke="url(#a)"/></g>',
    "gradient on a line": f'<linearGradient id="a" gradientUnits="userSpaceOnUse">{STOPS}'
    '</linearGradient><line y1="50" x2="100" y2="50" stroke-width="9" stroke="url(#a)"/>',
    "geometry of another kind": '<radialGradient id="b" y2="1" spreadMethod="reflect"/>'
    f'<linearGradient id="a" x2=".7" href="#b">{STOPS}</linearGradient><rect width="90" height="80"'
    ' fill="url(#a)"/>',
    "inherited stop": '<linearGradient id="a" stop-color="#0a0"><stop stop-color="#ff0"/><stop'
    ' offset="1" stop-color="inherit"/></linearGradient><rect width="90" height="80"'
    ' fill="url(#a)"/>',
    "negative radius": '<ellipse cx="50" cy="50" rx="-9" ry="40"/>',
    "background": '<style>svg{background-color:#08f8}</style><rect width="30" height="30"/>',
    "attribute with the prefix of SVG": '<g xmlns:s="http://www.w3.org/2000/svg"><rect x="50"'
    ' s:x="20" s:y="9" width="30" height="30"/></g>',
    "group opacity": '<g opacity=".5"><rect x="10" y="10" width="50" height="50" fill="#e00"/>'
    '<rect x="40" y="40" width="50" height="50" fill="#0a0"/><circle cx="50" cy="50" r="20"/></g>',
    "off the canvas": '<circle cx="90" cy="5" r="60" fill="#a50"/>',
    "strokes": '<g fill="none" stroke="#222" stroke-width="8"><path d="M10 50H90"/><circle cx="50"'
    ' cy="50" r="30" stroke-linecap="round"/><path d="M10 90L30 60L50 90" stroke="#a00"/></g>',
    "round strokes": '<g fill="none" stroke="#222" stroke-width="9" stroke-linecap="round"'
    ' stroke-linejoin="round"><path d="M10 80C10 0 90 0 90 80S60 120 40 40"/><path d="M9 9z"/></g>',
    "bevels and squares": '<g fill="none" stroke="#222" stroke-width="9" stroke-linecap="square"'
    ' stroke-linejoin="bevel"><path d="M20 80L40 20L60 80L80 20"/></g>',
    "dashes": '<path fill="none" stroke="#048" stroke-width="6" stroke-dasharray="10 5 3"'
    ' stroke-dashoffset="4" d="M10 80C10 0 90 0 90 80"/>',
    "thick and tight": '<path fill="none" stroke="#222" stroke-width="30" d="M30 40Q50 80 70 40"/>',
    "stroke in a skewed space": '<circle cx="30" cy="15" r="12" fill="#fc0" stroke="#222"'
    ' stroke-width="5" transform="scale(1 3) skewX(20)"/>',
    "translucent stroke": '<rect x="20" y="20" width="50" height="50" fill="#f80" stroke="#222"'
    ' stroke-width="12" opacity=".5"/>',
    "arrows": '<marker id="m" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="4"'
    ' markerHeight="5" orient="auto-start-reverse"><path d="M0 0L10 5L0 10Z" fill="#a00"/></marker>'
    '<g fill="none" stroke="#222" stroke-width="4" marker-start="url(#m)" marker-end="url(#m)">'
    '<path d="M15 30C40 0 60 90 85 40"/><line x1="20" y1="90" x2="80" y2="70"/></g>',
    "markers on vertices": '<style>polyline{marker:url(#d)}</style><marker id="d" refX="4.5"'
    ' refY="2" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="30"><rect'
    ' width="12" height="4" fill="#04a"/></marker><polyline points="10,10 50,20 60,60 90,90"'
    ' fill="none" stroke="#0a0"/><marker id="v" overflow="visible" orient="auto"><circle r="2"/>'
    '<path d="M0 0h4"  stroke="red"/></marker><path marker-mid="url(#v)" fill="none" stroke="#000"'
    ' stroke-width="3" d="M10 50L30 80Q40 40 60 80M70 20L90 20L90 50"/>',
    "pattern": '<pattern id="p" width="20" height="15" x="3" y="2" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(20)"><rect width="9" height="9" fill="#a00"/><circle cx="15" cy="9"'
    ' r="8" fill="#04a" opacity=".6"/></pattern><circle cx="50" cy="50" r="40" fill="url(#p)"/>'
    '<path d="M10 90H90" stroke="url(#p)" stroke-width="9"/>',
    "pattern of a box": '<pattern id="q" width=".25" height=".5" viewBox="0 0 10 10"><path'
    ' d="M0 10L5 0L10 10Z" fill="#0a0"/></pattern><pattern id="p" href="#q" xlink:href="#q"/><rect'
    ' x="10" y="20" width="80" height="40" fill="url(#p)" fill-opacity=".5"/><pattern id="r"'
    ' width=".5" height=".5" patternContentUnits="objectBoundingBox"><circle cx=".25" cy=".25"'
    ' r=".2"/></pattern><rect x="20" y="65" width="60" height="30" fill="url(#r)"/>',
    "clip path with a group": '<clipPath id="c"><g><rect width="50" height="50"/></g><rect x="60"'
    ' width="20" height="50"/></clipPath><rect clip-path="url(#c)" width="90" height="90"/>',
    "markers under the line": '<marker id="m" markerWidth="3" markerHeight="3" refX="1.5"'
    ' refY="1.5" viewBox="0 0 3 3"><circle cx="1.5" cy="1.5" r="1.5" fill="#0a0"/></marker><path'
    ' d="M20 20L80 80" paint-order="markers" marker-start="url(#m)" stroke="#00f"'
    ' stroke-width="9"/>',
    "clipped miters": '<path d="M20 80L35 20L50 80L60 15" fill="none" stroke="#136"'
    ' stroke-width="9" stroke-linejoin="miter-clip" stroke-miterlimit="3"/>',
    "gradient of no box": '<linearGradient id="g"><stop stop-color="red"/><stop offset="1"/>'
    '</linearGradient><path d="M20 50H80" stroke="url(#g)" stroke-width="12"/><rect width="9"'
    ' height="9"/>',
    "repeated gradient": '<linearGradient id="g" x2=".3" y2=".1" spreadMethod="repeat"><stop'
    ' stop-color="#fff"/><stop offset="1" stop-color="#048"/></linearGradient><rect x="10" y="10"'
    ' width="80" height="80" fill="url(#g)"/>',
    "units": '<rect x="1em" y="1ex" width="3em" height="1pc" fill="#e86100"/>',
    "class order": '<style>.b{fill:#0a0}.a{fill:#f00}</style><g class="a b">' + TRIANGLE + "</g>",
    "important": '<style>.m{fill:#e86100 !important}</style><g class="m" style="fill:blue">'
    f"{TRIANGLE}</g>",
    "child": "<style>g > path, rect{fill:#d0469b} * {stroke:none}</style><g>" + TRIANGLE + "</g>",
}
FRAME = 'viewBox="0 0 100 100" width="300" height="300"'


@pytest.mark.parametrize("name", DRAWN)
def test_features_look_as_resvg_draws_them(name):
    drawing = looks_the_same(f"<svg {SVG} {XLINK} {FRAME}>{DRAWN[name]}</svg>", 1)
    assert "notes" not in drawing.settings or name in ("empty clip", "mask")


@pytest.mark.parametrize("name", DRAWN)
def test_fills_are_the_same_under_both_rules(name):
    """Blender fills even-odd: its filled area is within half a per cent of resvg's."""
    drawing = from_svg(f"<svg {SVG} {XLINK} {FRAME}>{DRAWN[name]}</svg>")
    for path in drawing.paths:
        path.fill, path.ramp = np.ones(4, np.float32), None
        if path.stroke is not None:  # resolved where it is shown as a filled outline
            outline = [points.astype(np.float64) for points in path.subpaths]
            found = combined("union", Operand(outline))
            path.subpaths = [points.astype(np.float32) for points in found]
        area = render(pack([path]), 300, 300, background=np.zeros(3)).sum()
        data = " ".join(
            f"M{p[0, 0]} {p[0, 1]}C" + " ".join(map(str, np.append(p[1:], p[:1], 0).ravel()))
            for p in path.subpaths
        )
        even_odd = f'<path fill="#fff" fill-rule="evenodd" d="{data}"/>'
        # Larger, as resvg's coverage has few steps, which count at the edges of thin strokes.
        frame = 'viewBox="0 0 300 300" width="1200" height="1200"'
        theirs = rendered_by_resvg(f"<svg {SVG} {frame}>{even_odd}</svg>")
        expected = 3.0 * theirs[..., 3].sum() / 16.0
        assert abs(area - expected) <= 0.005 * max(expected, 4000)


# What resvg doesn't know: the specification decides.
COLORS = {
    "var(--main)": "#e86100", "var(--none, #0a0)": "#00aa00", "var(--none)": "#ff0000",
    "hsl(210deg, 80%, 40%)": "#1466b8", "hsl(120 100% 25% / 1)": "#008000",
    "hsla(0, 100%, 50%, 1)": "#ff0000", "hwb(120 0% 50%)": "#008000",
    "lab(29.2345% 39.3825 20.0664)": "#7d2329",
    "oklch(60% 0.15 50)": "#c46016", "oklab(40.101% 0.1147 0.0453)": "#7d2329",
    "color(srgb 1 0.5 0)": "#ff8000", "color(display-p3 1 0.27 0.27)": "#ff2639",
    "color(srgb-linear 1 0.5 0)": "#ffbc00", "#cd853f icc-color(x, 0.1)": "#cd853f",
    "windowtext": "#000000", "canvas": "#ffffff", "inherit": "#ff0000", "unset": "#ff0000",
    "initial": "#000000", "ff0000": "#ff0000", "loud": "#ff0000", "": "#ff0000",
    "light-dark(#123456, #fff)": "#123456", "rgb(300, 0, -5)": "#ff0000", "Red": "#ff0000",
    "#12345": "#ff0000", "rgb(10% 20% 30% / 1)": "#1a334d",
}  # fmt: skip


@pytest.mark.parametrize("text", COLORS)
def test_colors_are_as_css_says(text):
    path = f"<path style='fill:{text}' d='M0 0h9v9z'/>"
    drawing = from_svg(
        f"<svg {SVG} viewBox='0 0 9 9'><style>:root{{--main:#e86100}}</style>"
        f"<g fill='#f00'>{path}</g></svg>"
    )
    wanted = [int(COLORS[text][i : i + 2], 16) for i in (1, 3, 5)]
    np.testing.assert_allclose(255 * drawing.paths[0].fill[:3], wanted, atol=1.01)


def corner(text: str) -> list[float]:
    """The least corner of the only path."""
    (path,) = from_svg(f"<svg {SVG} viewBox='0 0 100 100'>{text}</svg>").paths
    return [round(float(value), 3) for value in path.subpaths[0].min(axis=0)]


def test_transforms_of_css():
    square = "d='M5 5h10v10h-10z'"
    assert corner(f"<path style='transform:translate(40px,30px)' {square}/>") == [45, 35]
    assert corner(f"<path style='transform:translateX(50%) scale(2)' {square}/>") == [60, 10]
    assert corner(f"<g style='transform:matrix(1,0,0,1,30,20)'><path {square}/></g>") == [35, 25]
    turned = f"<path transform='rotate(90)' style='transform-origin:10px 10px' {square}/>"
    assert corner(turned) == [5, 5]
    assert corner(f"<path style='transform:rotate(.5turn);transform-origin:center' {square}/>") == [
        85, 85
    ]  # fmt: skip
    assert corner(f"<path transform='translate(90 90)scale(.5-.5)' {square}/>") == [92.5, 82.5]
    for invalid in ("translate(10px, 10px)", "rotate(45deg)", "translate(5", "spin(3)"):
        assert corner(f"<path transform='{invalid}' {square}/>") == [5, 5]


def test_transforms_about_the_box_of_the_shape_itself():
    square = "d='M20 20h20v20h-20z'"
    for box in ("fill-box", "content-box", "stroke-box"):
        about = f"transform-box:{box};transform-origin:center"
        half = 2**0.5 * 10.0
        turned = corner(f"<path style='{about};transform:rotate(45deg)' {square}/>")
        np.testing.assert_allclose(turned, 30.0 - half, atol=1e-3)
        moved = corner(f"<path style='{about};transform:translate(50%,100%)' {square}/>")
        assert moved == [30, 40]
        group = (
            f"<g style='{about};transform:scale(2)'><g transform='translate(5)'><path {square}/>"
        )
        assert corner(f"{group}</g></g>") == [15, 10]
    grown = f"<path style='transform-box:fill-box;transform:scale(3)' {square}/>"
    assert corner(grown) == [20, 20]  # the origin is the box's corner
    assert corner(f"<path style='transform-box:view-box;transform:scale(3)' {square}/>") == [60, 60]


def test_translate_rotate_and_scale_as_properties_of_their_own():
    square = "d='M5 5h10v10h-10z'"
    assert corner(f"<path style='translate:40px 30px' {square}/>") == [45, 35]
    assert corner(f"<path style='translate:50%' {square}/>") == [55, 5]
    assert corner(f"<path style='scale:2 3' {square}/>") == [10, 15]
    assert corner(f"<path style='rotate:90deg;transform-origin:10px 10px' {square}/>") == [5, 5]
    every = "scale:2;translate:10px 0;rotate:180deg;transform:translate(-50px,-50px)"
    assert corner(f"<path style='{every}' {square}/>") == [80, 70]
    assert corner(f"<path style='scale:2' transform='translate(10)' {square}/>") == [30, 10]
    assert corner(f"<path style='scale:much;translate:none' {square}/>") == [5, 5]


def test_a_negative_radius_of_a_rectangle_is_as_the_other_one():
    """SVG 2, chapter 10.2: it is invalid, and then automatic."""
    texts = ('rx="-3" ry="6"', 'ry="6"', 'rx="6" ry="-1"', 'rx="6" ry="6"')
    outlines = [
        from_svg(f'<svg {SVG}><rect width="40" height="30" {text}/></svg>').paths[0].subpaths[0]
        for text in texts
    ]
    for outline in outlines:
        np.testing.assert_array_equal(outline, outlines[-1])


def test_an_arc_with_a_wrong_flag_ends_the_path_before_it():
    """A number is never divided so that its last digit is a flag."""
    for arc in ("a25 25 0 1 -1 25 25z", "a25 2501 025 -25z"):
        (path,) = from_svg(f'<svg {SVG} {FRAME}><path d="M10 50h40v9{arc}"/></svg>').paths
        corners = np.concatenate(path.subpaths)[::3].round(3).tolist()
        assert corners == [[30.0, 150.0], [150.0, 150.0], [150.0, 177.0]]


def test_a_miter_limit_is_a_number():
    line = '<path d="M40 70l40 9l-40 9" fill="none" stroke="#000" stroke-width="9"{}/>'
    ends = []
    for attribute in ("", ' stroke-miterlimit="9mm"', ' stroke-miterlimit="9"'):
        drawing = from_svg(f"<svg {SVG} {FRAME}>{line.format(attribute)}</svg>")
        ends.append(float(np.concatenate(drawing.paths[0].subpaths)[:, 0].max()))
    assert ends[0] == ends[1] < ends[2] - 50.0


def test_a_switch_shows_its_first_child_for_english():
    switch = (
        '<switch><g systemLanguage="de"><rect width="90" height="90"/></g>'
        '<g systemLanguage="fr, en-US"><rect x="7" width="20" height="20"/></g><circle r="50"/>'
        "</switch>"
    )
    assert corner(switch) == [7, 0]
    extended = '<switch><foreignObject requiredExtensions="a"/><path d="M3 4h9v9z"/></switch>'
    assert corner(extended) == [3, 4]


def test_media_queries_are_those_of_a_light_screen():
    for query, applies in {
        "(prefers-color-scheme: dark)": False, "(prefers-color-scheme: light)": True,
        "print": False, "screen": True, "screen and (min-width: 50px)": True,
        "(max-width: 50px)": False, "not print": True, "print, screen": True,
    }.items():  # fmt: skip
        sheet = f"<style>path{{fill:#f00}}@media {query}{{path{{fill:#00f}}}}</style>"
        drawing = from_svg(f"<svg {SVG} width='99' height='99'>{sheet}{TRIANGLE}</svg>")
        assert (drawing.paths[0].fill[2] == 1.0) == applies, query


def test_entities_as_illustrator_writes_them():
    text = (
        '<!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg"><!ENTITY c "#e86100">]>'
        f'<svg xmlns="&ns_svg;" viewBox="0 0 99 99"><g fill="&c;">{TRIANGLE}</g></svg>'
    )
    for data in (text, text.encode(), text.encode("utf-16")):
        np.testing.assert_allclose(from_svg(data).paths[0].fill[0], 232 / 255)


def test_attribute_defaults_of_a_dtd_do_not_multiply_the_file():
    default = "M0 0L9 9L0 9Z" * 2000
    text = (
        f'<!DOCTYPE svg [<!ATTLIST path d CDATA "{default}">]>'
        f"<svg {SVG} viewBox='0 0 99 99'>{'<path/>' * 500}{TRIANGLE}</svg>"
    )
    assert len(from_svg(text).paths) == 1


def test_compressed_files_are_read():
    text = f"<svg {SVG} viewBox='0 0 100 100'>{TRIANGLE}</svg>".encode()
    assert len(from_svg(gzip.compress(text)).paths) == 1
    with pytest.raises(SvgError, match="damaged"):
        from_svg(b"\x1f\x8b" + bytes(30))


def drawn(text: str) -> Drawing:
    return from_svg(f"<svg {SVG} {XLINK} viewBox='0 0 100 100'>{text}</svg>")


def test_reuse_without_end_is_refused_or_left_out():
    doubling = "<path id='u0' d='M0 0h9v9z'/>"
    for i in range(1, 9):
        doubling += f"<g id='u{i}'>" + f"<use href='#u{i - 1}'/>" * 10 + "</g>"
    with pytest.raises(SvgError, match="shapes"):
        drawn(doubling)
    for itself in ("<use href='#a'/>", "<use href='#b'/><g id='b'><use href='#a'/></g>"):
        drawing = drawn(f"<g id='a'>{itself}<path d='M0 0h9v9z'/></g>")
        assert len(drawing.paths) == 1
        assert drawing.settings["notes"][0].endswith("x use")


def test_style_sheets_that_would_take_too_long_are_ignored_with_a_note():
    sheet = "* ~ * ~ * ~ *{fill:red}" * 50
    drawing = drawn(f"<style>{sheet}</style>" + TRIANGLE * 3000)
    assert any("style sheet" in note for note in drawing.settings["notes"])
    assert len(drawing.paths) == 3000


@pytest.mark.parametrize(
    "text",
    [
        "<style>" + " " * 300_000 + "</style>",
        "<style>" + ".a" * 100_000 + "</style>",
        "<style>" + "/*" * 100_000 + "</style>",
        "<style>" + "@media screen{" * 3000 + "</style>",
        "<style>a{fill:" + "(" * 3000 + "</style>",
        f"<g style='fill{' ' * 100_000}:red'/>",
        f"<g style='--a:var(--b,{'x' * 9999});--b:var(--a)'><path style='fill:var(--a)'/></g>",
    ],
    ids=range(7),
)
def test_absurd_styles_are_read_in_linear_time(text):
    assert len(drawn(text + TRIANGLE).paths) == 1
