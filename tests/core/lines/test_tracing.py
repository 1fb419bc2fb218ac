# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten drawings of known strokes come back as these strokes; bad input gives a result."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from line_drawings import (
    Agreement,
    Line,
    agreement,
    curve,
    drawings,
    flattened,
    on_white,
    polyline,
    rendered,
    scanned,
    to_svg,
)
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from semvec.core.drawing import Path, pack
from semvec.core.lines.fitting import fit_stroke
from semvec.core.lines.ink import Ink, find_ink
from semvec.core.lines.joining import Chain
from semvec.core.lines.outlines import outlined_ink
from semvec.core.lines.tracing import trace_lines, trace_outlines
from semvec.core.rendering import native

PICTURES = {"clear": lambda pixels: pixels, "white": on_white, "scan": scanned}


def strokes(pixels: np.ndarray, budget: int = 4096) -> list[Path]:
    return [path for path in trace_lines(pixels, budget).paths if path.stroke is not None]


def traced(lines: list[Line], look: str = "white") -> Agreement:
    pixels = PICTURES[look](rendered(to_svg(lines)))
    return agreement(lines, flattened(strokes(pixels)))


# Lines that touch at a slight angle, as hair does on the face's outline, share their ink: of the
# face 94.7 % are found where it is clear, and noise makes more junctions of each.
@pytest.mark.parametrize(
    ("width", "look", "least", "junctions"),
    [(1.5, "white", 0.95, 0.1), (4.0, "clear", 0.94, 0.1), (3.0, "scan", 0.95, 0.15)],
)
def test_ten_drawings_come_back_as_their_strokes(
    width: float, look: str, least: float, junctions: float
) -> None:
    found = {name: traced(lines, look) for name, lines in drawings(width).items()}
    for share in ("recall", "precision"):
        shares = {name: getattr(each, share) for name, each in found.items()}
        assert np.mean(list(shares.values())) > 0.99
        assert {name: each for name, each in shares.items() if each < least} == {}
        assert {name for name, each in shares.items() if each < 0.98} <= {"face"}
    assert {name: each.width for name, each in found.items() if each.width > 0.35} == {}
    ours, true = np.sum([each.junctions for each in found.values()], axis=0)
    assert abs(ours - true) <= junctions * true
    ours, true = np.sum([each.junctions for name, each in found.items() if name != "face"], axis=0)
    assert abs(ours - true) <= 0.1 * true


def test_lines_go_straight_through_crossings() -> None:
    lines = drawings(4.0)["crossings"]
    assert len(strokes(rendered(to_svg(lines)))) == len(lines)


def test_white_lines_on_black_are_found() -> None:
    lines = drawings(3.0)["curves"]
    pixels = on_white(rendered(to_svg(lines)))
    pixels[..., :3] = 255 - pixels[..., :3]
    paper, *drawn = trace_lines(pixels, 128).paths
    assert paper.fill[:3].max() < 0.02
    assert all(path.fill[:3].min() > 0.98 for path in drawn)
    found = agreement(lines, flattened(drawn))
    assert min(found.recall, found.precision) > 0.98


def test_each_line_has_the_color_of_its_ink() -> None:
    inks = ["#d02020", "#2040c0", "#108030"]
    lines = [
        curve([(40, 60 + 110 * i), (150, 20 + 110 * i), (250, 140 + 110 * i), (360, 70 + 110 * i)],
              4.0, color=ink)
        for i, ink in enumerate(inks)
    ]  # fmt: skip
    lines.append(polyline([(200, 20), (210, 380)], 4.0))
    drawn = strokes(on_white(rendered(to_svg(lines))))
    found = {tuple(np.rint(path.fill[:3] * 255)) for path in drawn}
    wanted = {tuple(int(ink[i : i + 2], 16) for i in (1, 3, 5)) for ink in inks} | {(0, 0, 0)}
    assert len(found) == 4
    for color in wanted:
        assert min(np.abs(np.subtract(color, each)).max() for each in found) <= 3


def test_a_thin_line_of_less_contrast_has_its_own_color() -> None:
    picture = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" fill="none">
        <rect width="400" height="400" fill="white"/><g stroke-width="6">
        <path d="M40 60H360M40 100H360M40 140H360" stroke="black"/></g>
        <path d="M40 300Q200 200 360 320" stroke="#1f77b4" stroke-width="2"/></svg>"""
    blue = max(strokes(rendered(picture)), key=lambda path: path.subpaths[0][:, 1].mean())
    assert blue.fill[:3] * 255 == pytest.approx([31, 119, 180], abs=16)


def test_a_pale_line_of_one_pixel_is_no_hairline() -> None:
    picture = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">
        <rect width="400" height="400" fill="white"/><path d="M40 60H360V64H40Z"/>
        <path d="M40 300H360V301H40Z" fill="#ccc"/></svg>"""
    pale = max(strokes(rendered(picture)), key=lambda path: path.subpaths[0][:, 1].mean())
    assert pale.stroke is not None
    assert pale.stroke.widths == pytest.approx(1.0, abs=0.1)
    assert pale.fill[:3] * 255 == pytest.approx(204, abs=8)


@pytest.mark.parametrize("radius", [4.0, 6.0, 9.0])
def test_small_circles_are_round(radius: float) -> None:
    picture = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">
        <rect width="400" height="400" fill="white"/><g fill="none" stroke="black">
        <path d="M40 60H360" stroke-width="1.5"/>
        <circle cx="200.3" cy="200.2" r="{radius}" stroke-width="1.5"/></g></svg>"""
    circle = max(strokes(rendered(picture)), key=lambda path: path.subpaths[0][:, 1].mean())
    assert circle.stroke is not None
    points = flattened([circle])[0].points
    assert np.abs(np.hypot(*(points - [200.3, 200.2]).T) - radius).max() < 0.35


def test_lettering_is_outlined_and_looks_as_it_did() -> None:
    page = Pillow.new("RGBA", (1200, 1200), "white")
    pen = ImageDraw.Draw(page)
    pen.text((120, 900), "Rags & 8 quays", "black", ImageFont.load_default(40))
    pen.arc((120, -300, 1080, 600), 20, 160, "black", 9)
    pixels = np.array(page.resize((400, 400), Pillow.Resampling.BOX))
    paths = trace_lines(pixels, 64).paths
    assert sum(path.stroke is None for path in paths) == 2  # paper and letters
    assert len(paths) < 12
    shown = native.render(pack(paths), 400, 400)
    assert np.abs(shown - pixels[..., :3] / 255.0)[290:330].mean() < 0.01


def test_closed_lines_are_closed() -> None:
    assert all(path.stroke and path.stroke.closed for path in strokes(
        rendered(to_svg(drawings(3.0)["circles"]))
    ))  # fmt: skip


def test_a_filled_area_is_a_fill_and_the_lines_at_it_are_strokes() -> None:
    lines = [polyline([(60, 60), (340, 340)], 3.0), polyline([(340, 80), (260, 160)], 3.0)]
    heart = (
        '<path d="M120 300c-60-40-60-90-20-90 15 0 20 10 20 20 0-10 5-20 20-20 40 0 40 50-20 90z"/>'
    )
    paths = trace_lines(rendered(to_svg(lines, heart)), 128).paths
    fills = [path for path in paths if path.stroke is None]
    assert len(fills) == 1
    assert len(paths) == 3
    drawn = native.render(pack(fills), 400, 400, (1.0, 1.0, 1.0))[..., 0] < 0.5
    wanted = rendered(to_svg([], heart))[..., 3] > 127
    assert (drawn != wanted).sum() < 0.04 * wanted.sum()


def test_a_dot_is_a_stroke_without_a_length() -> None:
    (dot,) = strokes(rendered(to_svg([polyline([(200, 200), (200, 200.01)], 9.0)])))
    assert dot.stroke is not None
    assert np.ptp(dot.stroke.points, axis=0).max() < 0.5
    assert abs(dot.stroke.widths[0] - 9.0) < 0.5


def test_a_line_of_two_samples_is_a_straight_stroke() -> None:
    points = np.array([[37.0, 9.0], [38.0, 10.0]])
    chain = Chain(points, np.full(2, 1.5), np.ones(2, bool), np.zeros(2, int), False)
    shares = np.linspace(0.0, 1.0, 4)[:, None]
    straight = points[0] + shares * (points[1] - points[0])
    assert fit_stroke(chain).points == pytest.approx(straight)


def test_the_least_visible_strokes_are_left_out() -> None:
    lines = [polyline([(30, 40 + 30 * i), (60 + 30 * i, 40 + 30 * i)], 3.0) for i in range(10)]
    found = trace_lines(on_white(rendered(to_svg(lines))), 6)
    assert len(found.paths) == 6
    assert found.left_out == 5
    longest = agreement(lines[5:], flattened(found.paths[1:]))
    assert min(longest.recall, longest.precision) > 0.98


@pytest.mark.parametrize(
    "color", [(0, 0, 0, 0), (255, 255, 255, 255), (0, 0, 0, 255), (90, 20, 200, 90)]
)
def test_a_picture_of_one_color_has_no_strokes(color: tuple[int, ...]) -> None:
    pixels = np.broadcast_to(np.array(color, np.uint8), (40, 30, 4)).copy()
    assert strokes(pixels) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (40, 30)])
def test_one_pixel_of_ink_is_at_most_a_dot(size: tuple[int, int]) -> None:
    pixels = np.zeros((*size, 4), np.uint8)
    pixels[size[0] // 2, size[1] // 2] = (0, 0, 0, 255)
    assert len(trace_lines(pixels, 8).paths) <= 2


@given(arrays(np.uint8, (24, 20, 4), elements=st.sampled_from([0, 1, 90, 128, 254, 255])))
@settings(max_examples=40)
def test_noise_gives_finite_strokes_within_the_budget(pixels: np.ndarray) -> None:
    paths = trace_lines(pixels, 12).paths
    assert len(paths) <= 12
    for path in paths:
        assert all(np.isfinite(points).all() for points in path.subpaths)
        if path.stroke is not None:
            assert np.isfinite(path.stroke.points).all()
            assert (path.stroke.widths > 0).all()


@settings(max_examples=20, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(4))))
def test_noise_gives_finite_outlines_within_the_budget(pixels: np.ndarray) -> None:
    paths = trace_outlines(find_ink(pixels), 6, threads=1).paths
    assert len(paths) <= 6
    assert all(np.isfinite(points).all() for path in paths for points in path.subpaths)


def test_ink_that_is_fainter_than_its_noise_has_no_outlines() -> None:
    faint = np.full((8, 8), 0.05, np.float32)
    black, white = np.zeros((1, 3), np.float32), np.ones(3, np.float32)
    assert outlined_ink(Ink(faint, faint.astype(np.int8), black, white, 0.1)) == []


def test_outlines_of_ink_end_at_the_canvas() -> None:
    coverage = np.zeros((60, 80), np.float32)
    coverage[20:30], coverage[:, 40:46] = 1.0, 1.0
    ink = Ink(coverage, np.zeros((60, 80), np.int8), np.zeros((1, 3), np.float32), None, 0.0)
    points = np.concatenate([points for path in outlined_ink(ink) for points in path.subpaths])
    assert points.min(axis=0) == pytest.approx([0, 0], abs=0.05)
    assert points.max(axis=0) == pytest.approx([80, 60], abs=0.05)
