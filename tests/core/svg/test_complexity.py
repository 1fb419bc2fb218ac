# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are small and hard: work and what Blender gets of them are bounded."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from foreign_svg import SVG

from semvec.core.bezier import outline_area
from semvec.core.errors import SvgError
from semvec.core.svg import crossings, css, from_svg, operations
from semvec.core.svg.effort import Effort
from semvec.core.svg.jobs import Job
from semvec.core.svg.segments import Segments

PLACES = np.random.default_rng(0).integers(0, 1000, (3000, 2)).tolist()
COMPLEX = {
    "scribble": "M5 5" + "".join(f"L{x} {y}" for x, y in PLACES),
    "loops through one point": "M50 50" + "C90 90 10 10 50 50" * 3000,
    "line back and forth": "M10 10" + "".join(f"L{x} 10" for x, _ in PLACES) + "L90 90",
    "overlapping triangles": "".join(f"M{x} {y}h300v300z" for x, y in PLACES),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_an_outline_of_very_many_crossings_is_left_out_with_a_note(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few pieces are ever looked at; Blender would fill such an outline in quadratic time."""
    pieces: list[int] = []

    def counting(found: Segments, *arguments: Any) -> Segments:
        result = split(found, *arguments)
        pieces.append(len(result.curve))
        return result

    split = crossings._split
    monkeypatch.setattr(crossings, "_split", counting)
    shapes = f'<path d="{COMPLEX[name]}"/><rect width="9" height="9"/>'
    drawing = from_svg(f'<svg {SVG} width="1000" height="1000">{shapes}</svg>')
    assert len(drawing.paths) == 1
    assert drawing.settings["notes"] == [
        "Left out: 1 x outline that is too complex; divide it in a drawing program"
    ]
    assert max(pieces, default=0) <= 300_000


def test_a_clip_path_of_many_parts_is_compared_with_what_is_near(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every shape meets one part of the clip path and is cut by that alone."""
    sizes: list[int] = []

    def counting(jobs: list[Job], effort: Effort) -> Any:
        cuts = [job for job in jobs if job.operation == "intersect"]
        sizes.extend(sum(len(each.outline) for each in job.operands[1:]) for job in cuts)
        return combine(jobs, effort)

    combine = operations.combine
    monkeypatch.setattr(operations, "combine", counting)
    corners = [(x, y) for x in range(0, 1000, 50) for y in range(0, 1000, 50)]
    parts = "".join(f"M{x} {y}h9v9h-9z" for x, y in corners)
    shapes = "".join(f'<rect x="{x + 5}" y="{y + 5}" width="9" height="9"/>' for x, y in corners)
    drawing = from_svg(
        f'<svg {SVG} width="1000" height="1000"><clipPath id="c"><path d="{parts}"/></clipPath>'
        f'<g clip-path="url(#c)">{shapes}</g></svg>'
    )
    assert sizes == [1] * 400
    found = np.array([path.subpaths[0].min(axis=0) for path in drawing.paths])
    np.testing.assert_allclose(found, np.array(corners) + 5, atol=1e-3)
    ends = np.array([path.subpaths[0].max(axis=0) for path in drawing.paths])
    np.testing.assert_allclose(ends, np.array(corners) + 9, atol=1e-3)


ABSURD = {
    "nested scales": '<g transform="scale(1e300)"><rect transform="scale(1e300)"{}/></g>',
    "matrix": '<rect transform="matrix(1e308 1e308 1e308 1e308 1e308 1e308)skewX(90)"{}/>',
    "CSS": '<rect style="transform:scale(1e200) scale(1e200) rotate(1e308deg)"{}/>',
    "path": '<path d="M1e308 1e308L-1e308 5C1e200 1e200 3 3 4 4" transform="scale(1e308)"/>',
    "stroke": '<path d="M0 0L9 9" stroke="red" stroke-width="1e300" transform="scale(1e200)"/>',
    "endless number": '<rect transform="rotate(1e400)"{0}/><rect transform="skewX(-1e400)"{0}/>',
    "endless CSS number": '<rect style="transform:rotate(1e400deg) scale(1e400)"{}/>',
    "inset": '<rect clip-path="inset(-1e308px)"{}/>',
    "box without a size": '<g clip-path="fill-box"><path d="M0 0L9 9" stroke="red"/></g>',
    "circle that clips": '<clipPath id="c"><circle r="1e308"/></clipPath><rect clip-path='
    '"circle(1e308px)"{0}/><rect clip-path="url(#c)"{0}/>',
    "gradient": '<linearGradient id="g" gradientTransform="scale(1e300) scale(1e300)"><stop/>'
    '<stop offset="1" stop-color="red"/></linearGradient><rect fill="url(#g)"{}/>',
    "clip": '<clipPath id="c" transform="scale(1e300) scale(1e300)"><rect{0}/></clipPath>'
    '<rect clip-path="url(#c)"{0}/>',
    "marker": '<marker id="m" markerWidth="1e300"><rect{}/></marker><path d="M0 0L5 5L9 0"'
    ' stroke="red" stroke-width="1e300" marker-end="url(#m)"/>',
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_transforms_give_no_warning_of_a_library(name: str) -> None:
    absurd = ABSURD[name].format(' width="5" height="5"')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing = from_svg(
            f'<svg {SVG} width="9" height="9">{absurd}<rect width="4" height="4"/></svg>'
        )
    assert drawing.paths[-1].nodes == 4
    assert all(np.isfinite(points).all() for path in drawing.paths for points in path.subpaths)


def test_a_clip_path_that_would_take_minutes_is_refused_with_a_note() -> None:
    corners = [(x, y) for x in range(0, 1000, 14) for y in range(0, 1000, 14)]
    parts = "".join(f'<circle cx="{x + 5}" cy="{y + 5}" r="5"/>' for x, y in corners)
    shapes = '<circle cx="500" cy="500" r="400"/>' * 40
    drawing = from_svg(
        f'<svg {SVG} width="1000" height="1000"><clipPath id="c">{parts}</clipPath>'
        f'<g clip-path="url(#c)">{shapes}</g><rect width="9" height="9"/></svg>'
    )
    assert 1 < len(drawing.paths) < 40
    (note,) = drawing.settings["notes"]
    assert note.startswith("Left out: ")
    assert note.endswith(" x shape under a clip path that is too complex")


def test_the_parts_of_a_clip_path_are_united_whichever_way_they_turn() -> None:
    """Parts that overlap are one region: clockwise and counterclockwise ones, one with a hole."""
    drawing = from_svg(
        f'<svg {SVG} width="90" height="90"><clipPath id="c"><path d="M0 0h40v40h-40z"/>'
        '<path d="M20 20v40h40v-40z"/><path clip-rule="evenodd" d="M50 50h30v30h-30zM60 60h9v9h-9z"'
        '/></clipPath><circle clip-path="url(#c)" cx="45" cy="45" r="200"/></svg>'
    )
    area = sum(outline_area(points) for path in drawing.paths for points in path.subpaths)
    assert abs(area) == pytest.approx(1600 + 1600 - 400 + 900 - 81 - 100, abs=0.1)


def test_a_shape_within_a_rectangular_clip_path_stays_as_it_is() -> None:
    """As design programs write it around a whole drawing: a stroke stays a stroke."""
    drawing = from_svg(
        f'<svg {SVG} width="24" height="24"><g clip-path="url(#a)">'
        '<path d="M4 4L20 20" stroke="red" stroke-width="2" fill="none"/><path d="M30 1h9v9z"/></g>'
        '<defs><clipPath id="a"><rect width="24" height="24" fill="white"/></clipPath></defs></svg>'
    )
    assert [path.stroke is not None for path in drawing.paths] == [True]
    assert "notes" not in drawing.settings


def test_style_sheets_that_are_too_long_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Embedded fonts and indentation don't count: programs write megabytes of them."""
    font = "@font-face{font-family:a;src:url('data:font/woff2;base64," + "AAAA" * 300_000 + "')}"
    shape = '<path class="a" d="M1 1h5v5z"/>'
    allowed = f"<style>{font}{' ' * 700_000}.a{{fill:#f00}}</style>"
    (path,) = from_svg(f"<svg {SVG}>{allowed}{shape}</svg>").paths
    np.testing.assert_allclose(path.fill, [1, 0, 0, 1])

    monkeypatch.setattr(css.Cascade, "_match", lambda *_arguments: pytest.fail("was matched"))
    with pytest.raises(SvgError, match="style sheets are longer than 600 kB"):
        from_svg(f"<svg {SVG}><style>{'.a{fill:red}' * 60_000}</style>{shape}</svg>")
