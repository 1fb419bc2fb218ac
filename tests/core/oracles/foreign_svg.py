# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG files of other programs, and resvg, which draws them."""

from __future__ import annotations

import io

import numpy as np
import resvg_py
from PIL import Image as Pillow
from same_drawing import assert_same

from semvec.core.drawing import Drawing, pack
from semvec.core.rendering.native import render
from semvec.core.svg import from_svg, quantized, to_svg

SVG = 'xmlns="http://www.w3.org/2000/svg"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
STOPS = '<stop stop-color="#f80"/><stop offset="1" stop-color="#04f"/>'

# Shapes and fills, by what is special about them.
FOREIGN = {
    "rect": '<rect x="10" y="20" width="50" height="30" fill="#f00"/>',
    "rounded rect": '<rect x="10" y="20" width="50" height="30" rx="8" ry="12" fill="#00f"/>',
    "over-rounded rect": '<rect x="10" y="20" width="50" height="30" rx="80" fill="blue"/>',
    "circle": '<circle cx="50" cy="40" r="30" fill="green"/>',
    "ellipse": '<ellipse cx="50" cy="40" rx="30" ry="12" style="fill:rgb(255,128,0)"/>',
    "polygon": '<polygon points="10,10 60,20 30,70" fill="hsl(200,50%,50%)"/>',
    "polyline": '<polyline points="10 10,60-5 30 70 55" fill="rgb(10% 20% 90%)"/>',
    "relative": '<path d="m10 10 h40 v30 l-10 10 -20-5z m10 5 v10 h10 v-10z" fill="teal"/>',
    "smooth": '<path d="M10 80C40 10 65 10 95 80S15 150 18 80zM20 20q20 40 40 0t40 0" />',
    "arcs": '<path d="M20 50a25 35-30 01 50-25A30 30 0 1 1 20 50z" fill="purple"/>',
    "open": '<path d=" M10 10L60 15L40 60\nM70 70L70 90L40 80" fill="brown"/>',
    "moves that meet": '<path d="M10 10L60 15L40 60M40 60L70 90L20 80" fill="brown"/>',
    "draw after close": '<path d="M50 50L90 50L90 80ZL10 50L10 20" fill="olive"/>',
    "even-odd": '<path d="M10 10H90V90H10zM30 30H70V70H30z" fill-rule="evenodd" fill="red"/>',
    "even-odd in three": '<path style="fill-rule:evenodd" d="M5 5H95V95H5zM15 15V85H85V15z'
    'M30 30H70V70H30z"/>',
    "non-zero": '<path d="M10 10H90V90H10zM30 30H70V70H30z" fill="red"/>',
    "groups": '<g transform="translate(20,10) rotate(20)" fill="navy"><g transform="scale(.5 2)">'
    '<rect width="50" height="20"/></g><circle r="9" transform="skewX(30) matrix(1 0 .2 1 20 9)"/>'
    "</g>",
    "opacity": '<g opacity=".5"><rect width="50" height="50" fill="rgba(255,0,0,.5)"'
    ' opacity="0.9" fill-opacity="80%"/></g>',
    "classes": "<style>/* a */ .a, .b {fill: #0f0; stroke: none} .b{fill:#00f}</style>"
    '<rect class="a" width="30" height="30"/><rect class="b" x="40" width="30" height="30"/>',
    "current color": '<g color="red"><rect width="40" height="40" fill="currentColor"/></g>',
    "inherit": '<g fill="lime"><g fill="inherit"><rect width="40" height="40"/></g></g>',
    "hidden": '<rect width="9" height="9"/><rect width="90" height="90" visibility="hidden"/>'
    '<g display="none"><rect width="80" height="80"/></g>'
    '<defs><rect width="70" height="70"/></defs>',
    "units": '<rect x="1mm" y="10%" width="50%" height="1cm" fill="gray"/>'
    '<circle cx="50%" cy="60" r="10%"/>',
    "link": '<a><circle cx="50" cy="40" r="30" fill="#1234"/></a>',
    "transparent": '<rect width="50" height="50" fill="transparent"/><rect width="9" height="9"/>',
}

RAMPS = {
    "box": f'<linearGradient id="a">{STOPS}</linearGradient>'
    '<rect x="10" y="20" width="50" height="30" fill="url(#a)"/>',
    "diagonal of a box": f'<linearGradient id="a" x1="1" y1="10%" x2=".2" y2="100%">{STOPS}'
    "</linearGradient><ellipse cx='50' cy='40' rx='40' ry='12' fill='url(&quot;#a&quot;)'/>",
    "tight box": f'<linearGradient id="a" y2="1">{STOPS}</linearGradient>'
    '<path d="M20 50C-20 10 120-20 80 50C90 120 20 90 50 70" fill="url(#a)"/>',
    "user space": f'<linearGradient id="a" gradientUnits="userSpaceOnUse" x1="10%" y1="20" x2="70"'
    f' y2="80%">{STOPS}</linearGradient><circle cx="45" cy="40" r="35" fill="url(#a)"/>',
    "skewed axis": '<linearGradient id="a" gradientUnits="userSpaceOnUse" x1="10" x2="50" y2="20"'
    f' gradientTransform="rotate(20) skewX(40) scale(1 2)">{STOPS}</linearGradient>'
    '<rect width="90" height="80" fill="url(#a)"/>',
    "skewed shape": f'<linearGradient id="a" y2="1" gradientTransform="skewY(30)">{STOPS}'
    '</linearGradient><rect width="60" height="20" transform="skewX(-30) translate(20 15)'
    ' scale(.7 2)" style="fill:url(#a)"/>',
    "inherited": f'<linearGradient id="c" gradientUnits="userSpaceOnUse" x2="20">{STOPS}'
    '</linearGradient><linearGradient id="b" y2="50" href="#c" x2="90"/><linearGradient id="a"'
    ' xlink:href="#b" x1="30"/><rect width="90" height="80" fill="url(#a)"/>',
    "inherited in a circle": f'<linearGradient id="a" xlink:href="#b">{STOPS}</linearGradient>'
    '<linearGradient id="b" href="#a" y2="1"/><rect width="90" height="80" fill="url(#a)"/>',
    "styles": '<style>.s{stop-color:#0f0}</style><linearGradient id="a"><stop class="s"/><stop'
    ' offset="100%" style="stop-color:rgb(0,0,255)"/></linearGradient>'
    '<rect width="90" height="80" fill="url(#a)"/>',
    "current color": '<g color="red"><linearGradient id="b"><stop stop-color="currentColor"/>'
    '<stop offset="1" color="lime" stop-color="currentColor"/></linearGradient></g>'
    '<linearGradient id="a" color="blue" href="#b"/>'
    '<rect width="90" height="80" fill="url(#a)"/>',
    "even opacity": '<linearGradient id="a"><stop stop-color="#f00" stop-opacity=".5"/><stop'
    ' offset="1" stop-color="#00f" style="stop-opacity:50%"/></linearGradient>'
    '<rect width="90" height="80" fill="url(#a)" opacity=".8"/>',
    "part of the axis": '<linearGradient id="a"><stop offset=".3" stop-color="#f00"/><stop'
    ' offset="70%" stop-color="#00f"/></linearGradient><rect width="90" height="80"'
    ' fill="url(#a)"/>',
    "stops in line": '<linearGradient id="a"><stop stop-color="#000"/><stop offset=".4"'
    ' stop-color="#666"/><stop offset="1" stop-color="#fff"/></linearGradient>'
    '<rect width="90" height="80" fill="url(#a)"/>',
    "one stop": '<linearGradient id="a"><stop offset=".5" stop-color="#0a0"/></linearGradient>'
    '<rect width="90" height="80" fill="url(#a) red"/>',
    "no length": f'<linearGradient id="a" x1=".5" x2=".5">{STOPS}</linearGradient>'
    '<rect width="90" height="80" fill="url(#a)"/>',
    "no length, three stops": '<linearGradient id="a" x2="0"><stop stop-color="red"/><stop'
    ' offset=".5" stop-color="#0f0"/><stop offset="1" stop-color="blue"/></linearGradient>'
    '<rect width="90" height="80" fill="url(#a)"/>',
    "substitute": '<linearGradient id="a"/><rect width="90" height="80" fill="url(#a) teal"/>',
    "hidden definition": f'<g display="none"><linearGradient id="a">{STOPS}</linearGradient></g>'
    '<rect width="90" height="80" fill="url(#a)"/>',
    "even-odd": f'<linearGradient id="a">{STOPS}</linearGradient><path fill="url(#a)"'
    ' d="M10 10H90V70H10zM30 30H70V50H30z" fill-rule="evenodd"/>',
}
CIRCLES = {
    "box": f'<radialGradient id="a">{STOPS}</radialGradient>'
    '<rect x="10" y="20" width="50" height="50" fill="url(#a)"/>',
    "user space": f'<radialGradient id="a" gradientUnits="userSpaceOnUse" r="30%">{STOPS}'
    '</radialGradient><rect width="90" height="80" fill="url(#a)"/>',
    "turned and mirrored": '<radialGradient id="a" gradientUnits="userSpaceOnUse" cx="20" cy="0"'
    f' r="20" gradientTransform="translate(30 40) rotate(70) scale(-1.5 1.5)">{STOPS}'
    '</radialGradient><rect width="90" height="80" fill="url(#a)" transform="rotate(9)"/>',
    "part of the radius": '<radialGradient id="a" cx="40%" cy=".6" fx="40%"><stop'
    ' stop-color="#f00"/><stop offset=".6" stop-color="#00f"/></radialGradient>'
    '<circle cx="45" cy="40" r="35" fill="url(#a)"/>',
    "inherited from a line": f'<linearGradient id="b" x2=".3">{STOPS}'
    '</linearGradient><radialGradient id="a" xlink:href="#b" cx="1"/>'
    '<circle cx="45" cy="40" r="35" fill="url(#a)"/>',
    "no radius": f'<radialGradient id="a" r="0">{STOPS}</radialGradient>'
    '<circle cx="45" cy="40" r="35" fill="url(#a)"/>',
}

# What they can stand in.
FRAMES = [
    'viewBox="0 0 100 100" width="100" height="100"',
    'viewBox="-10 5 100 80" width="200" height="120"',
    'width="120px" height="1.2in"',
    'viewBox="-10 5 100 80" width="200" height="120" preserveAspectRatio="none"',
]


def rendered_by_resvg(text: str) -> np.ndarray:
    """float [H, W, 4]"""
    data = resvg_py.svg_to_bytes(svg_string=text, dpi=96)
    with Pillow.open(io.BytesIO(bytes(data))) as picture:
        return np.asarray(picture.convert("RGBA")) / 255.0


def looks_the_same(text: str, largest_mean: float) -> Drawing:
    """The drawing in a file, which resvg draws alike up to so many 255ths on average."""
    drawing = from_svg(text)
    theirs = rendered_by_resvg(text)
    assert theirs.shape[:2] == (round(drawing.height), round(drawing.width))
    size = int(drawing.width + 0.5), int(drawing.height + 0.5)
    for background in (0.0, 1.0):
        ours = render(pack(drawing.paths), *size, background=np.full(3, background))
        alpha = theirs[..., 3:]
        expected = theirs[..., :3] * alpha + background * (1.0 - alpha)
        assert np.abs(ours - expected).mean() <= largest_mean / 255
    assert_same(from_svg(to_svg(drawing)), quantized(drawing))
    return drawing
