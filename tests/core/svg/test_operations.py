# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on shapes run side by side, within a limit that is an amount of work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from foreign_svg import SVG, looks_the_same

from semvec.core.bezier import circle, outline_area, rectangle
from semvec.core.errors import SvgError
from semvec.core.svg import boolean, crossings, from_svg, operations, work
from semvec.core.svg.boolean import combine
from semvec.core.svg.effort import Effort
from semvec.core.svg.jobs import Job, Operand

PARTS = {
    "clip paths": '<g clip-path="url(#c)" transform="translate({x} 9)"><path d="M0 0h8v8z"/></g>',
    "masks": '<g mask="url(#m)" transform="translate({x} 9)"><path d="M0 0h8v8z"/></g>',
    "translucent groups": '<g opacity=".5" transform="translate({x} 9)"><path d="M0 0h8v8z"/>'
    '<circle cx="4" cy="4" r="3" fill="red"/></g>',
    "gradients": '<path d="M{x} 9h8v8z" fill="url(#g)"/>',
    "symbols": '<use href="#s" x="{x}" y="9" width="8" height="8"/>',
    "patterns": '<rect x="{x}" y="9" width="8" height="8" fill="url(#p)"/>',
}
DEFINITIONS = (
    '<clipPath id="c"><circle cx="4" cy="4" r="3"/></clipPath>'
    '<mask id="m"><circle cx="4" cy="4" r="3" fill="#fff"/></mask>'
    '<linearGradient id="g"><stop/><stop offset=".3" stop-color="red"/>'
    '<stop offset="1" stop-color="#00f"/></linearGradient>'
    '<symbol id="s" viewBox="0 0 8 8"><circle cx="8" cy="4" r="3"/></symbol>'
    '<pattern id="p" width=".5" height=".5"><circle cx="4" cy="2" r="1.5"/></pattern>'
)


def document(part: str, count: int) -> str:
    content = "".join(part.format(x=10 * i) for i in range(count))
    return f'<svg {SVG} width="100" height="100"><defs>{DEFINITIONS}</defs>{content}</svg>'


@pytest.mark.parametrize("name", PARTS)
def test_the_jobs_of_many_elements_are_one_batch(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    def counting(jobs: list[Job], effort: Effort) -> Any:
        batches.append(len(jobs))
        return combine(jobs, effort)

    monkeypatch.setattr(operations, "combine", counting)
    calls, jobs = [], []
    for count in (2, 8):
        batches.clear()
        looks_the_same(document(PARTS[name], count), 1.0)
        calls.append(len(batches))
        jobs.append(sum(batches))
    assert calls[0] == calls[1]
    assert jobs[1] >= 3 * jobs[0]


@pytest.mark.parametrize("name", PARTS)
def test_a_file_of_too_much_work_is_refused_with_advice(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MOST_WORK", 400)
    assert from_svg(document(PARTS[name], 1)).paths
    with pytest.raises(SvgError, match="too many shapes, strokes") as refused:
        from_svg(document(PARTS[name], 60))
    assert "Divide it" in refused.value.hint


def test_arcs_count_for_more_than_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_WORK", 600)
    shape = '<path d="M{x} 9{segments}z"/>'
    for segments, fits in (("h4v4l4 1", True), ("a4 5 0 0 1 8 0", False), ("A4 5 0 018 0", False)):
        parts = "".join(shape.format(x=x, segments=segments) for x in range(40))
        text = f'<svg {SVG} viewBox="0 0 99 99">{parts}</svg>'
        if fits:
            assert len(from_svg(text).paths) == 40
        else:
            with pytest.raises(SvgError, match="too many shapes"):
                from_svg(text)


def test_effort_ends_with_outlines_missing_and_changes_none_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(boolean, "_MOST_SEGMENTS", 1000)
    discs = [circle((10.0 * i, 0.0), 8.0).astype(np.float64) for i in range(9)]
    jobs = [Job([Operand([disc, disc + 3.0])]) for disc in discs for _ in range(4)]
    whole, part = combine(jobs), combine(jobs, Effort(2000))
    done = [outline for outline in part if outline is not None]
    assert 0 < len(done) < len(jobs)
    assert part[len(done) :] == [None] * (len(jobs) - len(done))
    for one, other in zip(done, whole, strict=False):
        assert other is not None
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_parts_of_an_outline_that_do_not_meet_the_complex_ones_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crossings, "_MOST_SPLITS", 30)
    places = np.random.default_rng(0).integers(0, 40, (30, 2)).tolist()
    scribble = "M0 0" + "".join(f"L{x} {y}" for x, y in places) + "z"
    drawing = from_svg(
        f'<svg {SVG} width="100" height="100"><path d="{scribble}M60 60h20v20h-20z'
        'M70 70h20v20h-20z"/></svg>'
    )
    area = sum(outline_area(points) for path in drawing.paths for points in path.subpaths)
    assert abs(area) == pytest.approx(700.0, rel=1e-4)
    (note,) = drawing.settings["notes"]
    assert note == "Left out: 1 x outline that is too complex; divide it in a drawing program"


def test_thousands_of_sub_paths_that_overlap_are_drawn() -> None:
    """Squares in a grid, each over the next ones: even-odd, a third of each direction is left."""
    corners = [(x, y) for x in range(50) for y in range(50)]
    data = "".join(f"M{10 * x} {10 * y}h12v12h-12z" for x, y in corners)
    drawing = from_svg(
        f'<svg {SVG} width="502" height="502"><path fill-rule="evenodd" d="{data}"/></svg>'
    )
    area = sum(outline_area(points) for path in drawing.paths for points in path.subpaths)
    row = np.zeros(502, int)
    for x in range(50):
        row[10 * x : 10 * x + 12] += 1
    assert abs(area) == pytest.approx((np.outer(row, row) % 2).sum(), rel=1e-6)
    assert "notes" not in drawing.settings


def test_a_stroke_in_a_pattern_moves_with_its_tile() -> None:
    drawing = from_svg(
        f'<svg {SVG} width="40" height="20"><pattern id="p" width=".5" height="1">'
        '<path d="M5 5V15" stroke="red" stroke-width="2"/></pattern>'
        '<rect width="40" height="20" fill="url(#p)"/></svg>'
    )
    lines = [path.stroke.points[:, 0] for path in drawing.paths if path.stroke is not None]
    np.testing.assert_allclose(lines, [[5.0] * 4, [25.0] * 4])


def test_paint_order_keeps_the_order_of_the_bands_of_a_gradient() -> None:
    looks_the_same(
        f'<svg {SVG} width="100" height="100"><radialGradient id="g"><stop stop-color="red"/>'
        '<stop offset=".4" stop-color="#00f"/><stop offset="1" stop-color="#0f0"/></radialGradient>'
        '<circle cx="50" cy="50" r="40" fill="url(#g)" stroke="#000" stroke-width="9"'
        ' paint-order="stroke"/></svg>',
        2.0,
    )


def test_large_rectangles_need_no_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """As programs write them: every group within a clip path that is as large as the canvas."""
    monkeypatch.setattr(operations, "combine", lambda jobs, _: pytest.fail() if jobs else [])
    square = rectangle(10, 10, 20, 20)
    drawing = from_svg(
        f'<svg {SVG} width="100" height="100"><clipPath id="c"><path d="M0 0h100v100h-100z"/>'
        '</clipPath><g clip-path="url(#c)"><rect x="10" y="10" width="10" height="10"/></g></svg>'
    )
    assert abs(outline_area(drawing.paths[0].subpaths[0])) == abs(outline_area(square))
