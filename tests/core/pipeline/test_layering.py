# SPDX-License-Identifier: GPL-3.0-or-later
"""Layering of drawings of all kinds of pictures."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from outlines import sampled
from shapely.geometry import Polygon
from shapely.ops import unary_union

from semvec.core.drawing import Path, pack
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.rendering.native import render
from semvec.core.settings import Settings
from semvec.core.svg import from_svg, to_svg


def picture(kind: str) -> Image:
    rows, columns = np.mgrid[:48, :64]
    rgb = np.full((48, 64, 3), 0.9, np.float32)
    rgb[(rows - 20) ** 2 + (columns - 24) ** 2 < 200] = (0.8, 0.1, 0.1)
    rgb[(rows - 28) ** 2 + (columns - 38) ** 2 < 120] = (0.1, 0.2, 0.7)
    if kind == "photo":
        rgb += 0.1 * np.sin(columns / 9.0)[..., None].astype(np.float32)
    return Image(rgb.clip(0, 1))


def region(path: Path) -> Polygon:
    """The area of a path with holes, of which no sub-path crosses another."""
    rings = [Polygon(sampled(points, 64)).buffer(0) for points in path.subpaths]
    area = Polygon()
    for ring in rings:
        area = area.symmetric_difference(ring)
    return area


def test_cut_out_shapes_of_one_color_are_one_path_without_borders_inside():
    options = {"kind": "photo", "budget": 24, "iterations": 30, "threads": 1, "colors": 4}
    drawn = {
        group_by: vectorize(
            picture("photo"),
            Settings.from_dict({**options, "layering": "cut-out", "group_by": group_by}),
        ).drawing
        for group_by in ("region", "color")
    }
    assert len(drawn["color"].paths) == 4 < len(drawn["region"].paths)
    assert sum(path.nodes for path in drawn["color"].paths) < sum(
        path.nodes for path in drawn["region"].paths
    )
    for path in drawn["color"].paths:
        same = [other for other in drawn["region"].paths if (other.fill == path.fill).all()]
        whole = unary_union([region(other) for other in same])
        assert region(path).symmetric_difference(whole).area < 0.5


@pytest.mark.parametrize("kind", ["photo", "flat", "pixel"])
def test_cut_out_drawings_have_no_overlaps_and_no_gaps(kind):
    settings = Settings(kind=kind, budget=12, iterations=30, threads=1, layering="cut-out")
    result = vectorize(picture(kind), settings)
    drawing = from_svg(to_svg(result.drawing))
    assert 2 <= len(drawing.paths) <= 12
    areas = [region(path) for path in drawing.paths]
    for one, other in itertools.combinations(areas, 2):
        assert one.intersection(other).area < 0.02
    union = unary_union(areas)
    assert union.area == pytest.approx(sum(area.area for area in areas), rel=1e-4)
    assert union.area == pytest.approx(64 * 48, rel=0.03)
    stacked = vectorize(picture(kind), Settings(kind=kind, budget=12, iterations=30, threads=1))
    below, above = (render(pack(d.paths), 64, 48, (1, 1, 1)) for d in (stacked.drawing, drawing))
    assert np.abs(below - above).mean() < 0.02
