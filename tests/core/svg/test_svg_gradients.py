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


def test_a_circle_that_would_become_an_ellipse_keeps_its_area():
    drawing = ramped(
        f'<radialGradient id="a" cx=".25">{STOPS}</radialGradient>',
        '<rect width="80" height="20" fill="url(#a)"/>',
    )
    ramp = drawing.paths[0].ramp
    np.testing.assert_allclose(ramp.start, [20, 10])
    assert np.hypot(*(ramp.end - ramp.start)) ** 2 == pytest.approx(40 * 10)
    assert drawing.settings["notes"] == ["Simplified: 1 x gradient of elliptical shape"]


def test_more_stops_become_two_by_least_squares():
    """Against a dense fit by numpy, weighted by opacity, over the part between the stops."""
    offsets, colors = np.array([0.2, 0.3, 0.9]), np.array([[1, 0, 0], [0, 1, 0], [0.2, 0.4, 1.0]])
    opacities = np.array([1.0, 0.6, 0.2])
    stops = "".join(
        f'<stop offset="{at}" stop-color="rgb({",".join(f"{100 * c}%" for c in color)})"'
        f' stop-opacity="{opacity}"/>'
        for at, color, opacity in zip(offsets, colors, opacities, strict=True)
    )
    drawing = ramped(
        f'<linearGradient id="a">{stops}</linearGradient>',
        '<rect width="80" height="80" fill="url(#a)"/><rect width="9" height="9" fill="url(#a)"/>',
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
        "Simplified: 2 x gradient of uneven colors",
        "Simplified: 2 x gradient of changing opacity",
    }


def test_a_circle_of_one_color_within_another_keeps_its_center():
    """Red up to half the radius: the nearest ramp begins redder than red, but for clipping."""
    drawing = ramped(
        '<radialGradient id="a"><stop offset=".5" stop-color="#c00"/>'
        '<stop offset="1" stop-color="#00f"/></radialGradient>',
        '<rect width="80" height="80" fill="url(#a)"/>',
    )
    path, ramp = drawing.paths[0], drawing.paths[0].ramp
    np.testing.assert_allclose([ramp.start, ramp.end], [[40, 40], [80, 40]], atol=1e-5)
    assert path.fill[0] > 0.8 and path.fill[2] == 0 and 0.6 < ramp.color[2] < 1
    assert drawing.settings["notes"] == ["Simplified: 1 x gradient of uneven colors"]


def test_abrupt_stops_and_transparent_ones_are_read():
    for stops in (
        '<stop offset=".5" stop-color="red"/><stop offset=".5" stop-color="blue"/>',
        '<stop offset="1" stop-color="red"/><stop offset=".1" stop-color="blue"/>',
        '<stop stop-opacity="0"/><stop offset=".5" stop-opacity="0"/><stop offset="1"/>' * 2,
        '<stop stop-opacity="0"/><stop offset=".5" stop-opacity="0"/>',
        '<stop offset="7"/><stop offset="-3"/><stop offset="x"/>',
    ):
        for kind in ("linear", "radial"):
            drawing = ramped(f'<{kind}Gradient id="a">{stops}</{kind}Gradient>')
            assert drawing.paths[0].ramp is not None
            fill = drawing.paths[0].fill
            assert fill.min() >= 0 and fill.max() <= 1


def test_what_a_ramp_cannot_do_is_noted():
    drawing = ramped(
        f'<linearGradient id="b" spreadMethod="reflect">{STOPS}</linearGradient>'
        f'<radialGradient id="c" fx=".3">{STOPS}</radialGradient>'
        f'<radialGradient id="d" fr=".1" fx="50%">{STOPS}</radialGradient><pattern id="p"/>',
        '<g><path d="M0 0H9V9z" fill="url(#b)"/><path d="M0 0H9V9z" fill="url(#c)"/>'
        '<path d="M0 0H9V9z" fill="url(#d)"/><path d="M0 0H9V9z" fill="url(#p)"/></g>',
    )
    assert len(drawing.paths) == 3
    assert set(drawing.settings["notes"]) == {
        "Left out: 1 x repetition of a gradient",
        "Left out: 2 x focal point of a gradient",
        "Left out: 1 x pattern or empty gradient",
    }


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
