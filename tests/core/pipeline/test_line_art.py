# SPDX-License-Identifier: GPL-3.0-or-later
"""Line art through the whole pipeline: recognized, within its budget, and as strokes in the SVG."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from line_drawings import (
    agreement,
    arc,
    drawings,
    flattened,
    on_white,
    polyline,
    rendered,
    scanned,
    to_svg,
)

from semvec.core.image import Image
from semvec.core.pipeline.vectorize import Result, vectorize
from semvec.core.settings import Settings
from semvec.core.svg import from_svg
from semvec.core.svg import to_svg as svg_of

LINES = drawings(3.0)["curves"]


def drawn(pixels: np.ndarray, **settings: object) -> Result:
    values = pixels.astype(np.float32) / 255.0
    alpha = values[..., 3] if (values[..., 3] < 1.0).any() else None
    return vectorize(Image(values[..., :3], alpha), Settings(**settings))  # type: ignore[arg-type]


def test_a_drawing_is_recognized_and_its_strokes_come_back_from_the_svg() -> None:
    result = drawn(on_white(rendered(to_svg(LINES))))
    assert result.report["kind"] == result.drawing.settings["kind"] == "line"
    assert result.report["budget_used"] == "5 of 128 paths were enough"
    assert result.drawing.paths[0].name == "background"
    found = agreement(LINES, flattened(from_svg(svg_of(result.drawing)).paths))
    assert min(found.recall, found.precision) > 0.98


def test_the_report_says_how_many_strokes_are_left_out() -> None:
    result = drawn(rendered(to_svg(LINES)), budget=3)
    assert len(result.drawing.paths) == 3
    assert any("the 1 least visible stroke" in note for note in result.report["notes"])


def test_what_most_strokes_would_be_left_out_of_is_drawn_as_flat_art() -> None:
    rows = [(x, y) for y in range(30, 380, 25) for x in range(30, 370, 40)]
    lines = [polyline([(x, y), (x + 20, y + 9)], 2.0) for x, y in rows]
    page = on_white(rendered(to_svg(lines)))
    whole, lost = drawn(page, budget=16), drawn(page, budget=16, kind="line")
    assert (whole.report["kind"], lost.report["kind"]) == ("flat", "line")
    assert whole.report["psnr"] > lost.report["psnr"] + 6.0
    assert len(whole.drawing.paths) <= 16


def test_a_scanned_page_of_letters_becomes_outlines_that_share_a_path() -> None:
    letters = []
    for y in range(20, 390, 28):
        for x in range(20, 380, 24):
            letters += [polyline([(x, y - 9), (x, y + 9)], 2.4), arc(x + 6, y + 4, 5, 5, width=2.4)]
    truth = rendered(to_svg(letters))
    result = drawn(scanned(truth), budget=16)
    assert result.report["kind"] == "line"
    assert len(result.drawing.paths) <= 3
    ink = rendered(svg_of(replace(result.drawing, paths=result.drawing.paths[1:])))[..., 3] / 255.0
    share = truth[..., 3] / 255.0
    assert np.minimum(ink, share).sum() > 0.9 * np.maximum(ink, share).sum()
    assert ink.sum() == pytest.approx(share.sum(), rel=0.06)


def test_the_paper_is_left_out_on_request() -> None:
    result = drawn(on_white(rendered(to_svg(LINES))), leave_out="background")
    assert all(path.stroke is not None for path in result.drawing.paths)


def test_a_larger_picture_is_traced_at_its_own_size() -> None:
    pixels = rendered(to_svg(drawings(1.0)["curves"]), 2.0)
    found = flattened(drawn(pixels, resolution=256).drawing.paths)
    doubled = [line._replace(points=line.points * 2, widths=line.widths * 2)
               for line in drawings(1.0)["curves"]]  # fmt: skip
    agreed = agreement(doubled, found)
    assert min(agreed.recall, agreed.precision) > 0.98
    assert agreed.width < 0.3


def test_the_same_drawing_gives_the_same_svg() -> None:
    pixels = rendered(to_svg(LINES))
    assert svg_of(drawn(pixels).drawing) == svg_of(drawn(pixels).drawing)
