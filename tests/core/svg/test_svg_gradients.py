# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradients in SVG files: others' look the same as ramps, ours come back exactly."""

from __future__ import annotations

import numpy as np
import pytest
from foreign_svg import CIRCLES, FRAMES, RAMPS, STOPS, SVG, XLINK, looks_the_same
from same_drawing import assert_same

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, Path, Ramp
from semvec.core.svg import from_svg, to_svg


@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("frame", FRAMES)
def test_linear_gradients_look_the_same(name, frame):
    """Under all transforms, since lines of one color stay straight."""
    drawing = looks_the_same(f"<svg {SVG} {XLINK} {frame}>{RAMPS[name]}</svg>", 0.7)
    assert (drawing.paths[0].ramp is None) == (name in ("one stop", "substitute"))
    assert "notes" not in drawing.settings


@pytest.mark.parametrize("name", CIRCLES)
@pytest.mark.parametrize("frame", FRAMES[:3])
def test_radial_gradients_look_the_same(name, frame):
    drawing = looks_the_same(f"<svg {SVG} {XLINK} {frame}>{CIRCLES[name]}</svg>", 0.7)
    assert drawing.paths[0].ramp.kind == "radial"
    assert "notes" not in drawing.settings


def ramped(
    definitions: str, shape: str = '<rect width="90" height="80" fill="url(#a)"/>'
) -> Drawing:
    return from_svg(
        f'<svg {SVG} {XLINK} width="100" height="100"><defs>{definitions}</defs>{shape}</svg>'
    )


def test_transforms_are_inherited_as_all_else():
    """As in browsers; resvg doesn't."""
    turn = 'gradientTransform="rotate(30) scale(2 1)"'
    inherited = ramped(
        f'<linearGradient id="b" {turn}>{STOPS}</linearGradient><linearGradient id="a" href="#b"/>'
    )
    direct = ramped(f'<linearGradient id="a" {turn}>{STOPS}</linearGradient>')
    assert_same(inherited, direct)


BANDED = {
    "three stops": '<linearGradient id="a"><stop stop-color="#fff"/><stop offset=".5"'
    ' stop-color="#d00"/><stop offset="1" stop-color="#300"/></linearGradient>',
    "hard stop": '<linearGradient id="a" y2="1"><stop offset=".3" stop-color="#d00"/><stop'
    ' offset=".3" stop-color="#00d"/><stop offset="1" stop-color="#0d0"/></linearGradient>',
    "flags": '<linearGradient id="a"><stop stop-color="#d00"/><stop offset=".4" stop-color="#d00"/>'
    '<stop offset=".4" stop-color="#fff"/><stop offset=".6" stop-color="#fff"/><stop offset=".6"'
    ' stop-color="#00d"/></linearGradient>',
    "translucent": '<linearGradient id="a"><stop stop-color="#f00" stop-opacity=".5"/><stop'
    ' offset=".2" stop-color="#0f0" stop-opacity=".5"/><stop offset="1" stop-color="#00f"'
    ' stop-opacity=".5"/></linearGradient>',
    "turned": '<linearGradient id="a" gradientTransform="rotate(30) skewX(20)"><stop'
    ' stop-color="#fff"/><stop offset=".3" stop-color="#d00"/><stop offset="1"/></linearGradient>',
    "repeated": f'<linearGradient id="a" x2=".3" spreadMethod="repeat">{STOPS}</linearGradient>',
    "reflected": '<linearGradient id="a" x1=".2" x2=".4" spreadMethod="reflect">'
    f"{STOPS}</linearGradient>",
    "rings": '<radialGradient id="a" gradientUnits="userSpaceOnUse" cx="45" cy="40" r="40"><stop'
    ' stop-color="#fff"/><stop offset=".5" stop-color="#d00"/><stop offset=".5" stop-color="#00d"/>'
    '<stop offset="1" stop-color="#00d"/></radialGradient>',
}
STEPPED = {
    "fade": '<linearGradient id="a"><stop stop-color="#d00"/><stop offset="1" stop-color="#d00"'
    ' stop-opacity="0"/></linearGradient>',
    "ellipse": f'<radialGradient id="a" cx=".4" gradientTransform="scale(1 .6)">{STOPS}'
    "</radialGradient>",
    "focus": f'<radialGradient id="a" fx=".25" fy=".3">{STOPS}</radialGradient>',
    "inner circle": f'<radialGradient id="a" fr=".2">{STOPS}</radialGradient>',
    "glow": '<radialGradient id="a"><stop stop-color="#ff0"/><stop offset="1" stop-color="#f00"'
    ' stop-opacity="0"/></radialGradient>',
}


@pytest.mark.parametrize("name", BANDED)
def test_gradients_of_several_parts_become_several_paths(name):
    text = f'{BANDED[name]}<rect x="5" width="80" height="80" fill="url(#a)"/>'
    drawing = looks_the_same(f'<svg {SVG} width="100" height="100">{text}</svg>', 1)
    assert 2 <= len(drawing.paths) <= 12
    assert "notes" not in drawing.settings


@pytest.mark.parametrize("name", STEPPED)
def test_what_no_ramp_can_show_is_shown_in_steps_with_a_note(name):
    text = f'{STEPPED[name]}<circle cx="45" cy="45" r="40" fill="url(#a)"/>'
    drawing = looks_the_same(f'<svg {SVG} width="100" height="100">{text}</svg>', 4)
    assert 8 <= len(drawing.paths) <= 40
    assert len(drawing.settings["notes"]) == 1


def test_too_many_parts_become_one_ramp_by_least_squares():
    """Against a dense fit by numpy, weighted by opacity."""
    offsets = np.linspace(0.2, 0.9, 50)
    colors = np.random.default_rng(0).random((50, 3)).round(2)
    opacities = np.linspace(1.0, 0.2, 50).round(2)
    stops = "".join(
        f'<stop offset="{at}" stop-color="rgb({",".join(f"{100 * c}%" for c in color)})"'
        f' stop-opacity="{opacity}"/>'
        for at, color, opacity in zip(offsets, colors, opacities, strict=True)
    )
    drawing = ramped(
        f'<linearGradient id="a">{stops}</linearGradient>',
        '<rect width="80" height="80" fill="url(#a)"/>',
    )
    path, ramp = drawing.paths[0], drawing.paths[0].ramp
    np.testing.assert_allclose([ramp.start, ramp.end], [[16, 0], [72, 0]], atol=1e-5)
    t = (np.arange(100_000) + 0.5) / 100_000
    along = 0.2 + 0.7 * t
    alpha = np.interp(along, offsets, opacities)
    wanted = np.stack([np.interp(along, offsets, channel) for channel in colors.T], axis=1)
    weights = np.sqrt(alpha)[:, None]
    basis = np.stack([1 - t, t], axis=1)
    (start, end), *_ = np.linalg.lstsq(weights * basis, weights * wanted, rcond=None)
    np.testing.assert_allclose(path.fill, [*start.clip(0, 1), alpha.mean()], atol=0.51 / 255)
    np.testing.assert_allclose(ramp.color, end.clip(0, 1), atol=0.51 / 255)
    assert set(drawing.settings["notes"]) == {
        "Simplified: 1 x gradient of uneven colors",
        "Simplified: 1 x gradient of changing opacity",
    }


@pytest.mark.parametrize("kind", ["linear", "radial"])
@pytest.mark.parametrize(
    "stops",
    [
        '<stop offset=".5" stop-color="red"/><stop offset=".5" stop-color="blue"/>',
        '<stop offset="1" stop-color="red"/><stop offset=".1" stop-color="blue"/>',
        '<stop stop-opacity="0"/><stop offset=".5" stop-opacity="0"/><stop offset="1"/>' * 2,
        '<stop stop-opacity="0"/><stop offset=".5" stop-opacity="0"/>',
        '<stop offset="7"/><stop offset="-3"/><stop offset="x"/>',
    ],
)
def test_odd_stops_look_the_same(kind, stops):
    """Thin translucent rings side by side let some background through at their edges."""
    text = f'<{kind}Gradient id="a">{stops}</{kind}Gradient>'
    text += '<rect width="90" height="80" fill="url(#a)"/>'
    looks_the_same(f'<svg {SVG} width="100" height="100">{text}</svg>', 9)


def test_endless_inheritance_ends():
    chain = "".join(f'<linearGradient id="g{i}" href="#g{i + 1}"/>' for i in range(3000))
    drawing = ramped(
        f'{chain}<linearGradient id="g3000">{STOPS}</linearGradient>',
        '<rect width="9" height="9" fill="url(#g0)"/>'
        '<rect width="9" height="9" fill="url(#g2990)"/>',
    )
    assert len(drawing.paths) == 1 and drawing.paths[0].ramp is not None


def test_our_ramps_are_written_as_gradients():
    red, blue = np.float32([1, 0, 0, 0.5]), np.float32([0, 0, 1])
    ramps = [
        Ramp("linear", np.float32([1.234, 2]), np.float32([3, 4]), blue),
        Ramp("radial", np.float32([5, 6]), np.float32([8, 10]), blue),
        None,
    ]
    discs = [Path([circle((5, 5), 3)], red, name=f"p{i}", ramp=r) for i, r in enumerate(ramps)]
    text = to_svg(Drawing(512, 512, discs))
    assert (
        '<linearGradient id="p0-ramp" gradientUnits="userSpaceOnUse" x1="1.23" y1="2" x2="3"'
        ' y2="4"><stop offset="0" stop-color="#f00"/><stop offset="1" stop-color="#00f"/>' in text
    )
    assert (
        '<radialGradient id="p1-ramp" gradientUnits="userSpaceOnUse" cx="5" cy="6" r="5">' in text
    )
    assert '<path id="p0" fill="url(#p0-ramp)" fill-opacity="0.502" d="M' in text
    assert '<path id="p2" fill="#f00"' in text
    assert text.count("<defs>") == 1 and "<defs>" not in to_svg(Drawing(512, 512, discs[2:]))
