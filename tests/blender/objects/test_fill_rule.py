# SPDX-License-Identifier: GPL-3.0-or-later
"""Filled areas of imported files, against resvg; fill rule and solver of curves."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import PIL.Image
import pytest
from sample_drawings import sample

from semvec.core.bezier import polygon
from semvec.core.drawing import Drawing
from semvec.core.drawing import Path as DrawnPath
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.touching import pulled_apart

HAS_RULES = "fill_rule" in bpy.types.Curve.bl_rna.properties

STAR = "M50 5 L79 95 L3 39 L97 39 L21 95 Z"
EIGHT = "M10 10 C95 10 5 90 90 90 C60 60 95 20 90 10 C5 60 60 95 10 10 Z"
NESTED = "M10 10H90V90H10ZM30 30H70V70H30Z"
LOOPS = "M20 50a30 30 0 1 1 60 0a30 30 0 1 1 -60 0ZM35 60a30 30 0 1 1 60 0a30 30 0 1 1 -60 0Z"


def area(scene: Any) -> float:
    """The filled part of a canvas of 1 x 1."""
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    total = 0.0
    for obj in scene.objects:
        if obj.type == "CURVE":
            mesh = obj.evaluated_get(depsgraph).to_mesh()
            mesh.calc_loop_triangles()
            total += sum(triangle.area for triangle in mesh.loop_triangles)
    return total


def area_by_resvg(text: str) -> float:
    resvg = pytest.importorskip("resvg_py")
    png = resvg.svg_to_bytes(svg_string=text, width=1000, height=1000)
    pixels = np.asarray(PIL.Image.open(io.BytesIO(bytes(png))).convert("RGBA"))
    return float(pixels[..., 3].mean() / 255.0)


@pytest.mark.parametrize("form", ["CURVES", "JOINED"])
@pytest.mark.parametrize("rule", ["nonzero", "evenodd"])
@pytest.mark.parametrize("outline", [STAR, EIGHT, NESTED, LOOPS])
def test_blender_fills_what_the_file_says(
    scene: Any, tmp_path: Path, outline: str, rule: str, form: Any
) -> None:
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">'
        f'<path fill-rule="{rule}" d="{outline}"/></svg>'
    )
    (tmp_path / "a.svg").write_text(text, encoding="utf-8")
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"), size=1.0, form=form)
    for curve in bpy.data.curves:
        curve.resolution_u = 64  # chords are not what is compared
    assert area(scene) == pytest.approx(area_by_resvg(text), rel=0.005)


def test_touching_nodes_are_pulled_apart_and_no_others() -> None:
    square = polygon(np.array([[0, 0], [4, 0], [4, 4], [0, 4]], float))
    corner = polygon(np.array([[4, 4], [6, 4], [6, 6]], float))
    hole = polygon(np.array([[4, 4], [2, 3], [3, 2]], float))
    first, second, third = pulled_apart([square, corner, hole], 0.01)
    assert (first[::3][:2] == square[::3][:2]).all() and (second[3:] != corner[3:]).sum() <= 4
    assert first[6:8].max() < 4.0 < second[0].max() and third[0].max() < first[6].min()
    nodes = np.concatenate([first[::3], second[::3], third[::3]])
    apart = np.hypot(*(nodes[:, None] - nodes[None]).transpose(2, 0, 1))
    assert np.sort(apart, axis=1)[:, 1].min() > 0.005
    for points, before in zip((first, second, third), (square, corner, hole), strict=True):
        assert np.abs(points - before).max() < 0.04
    assert pulled_apart([square], 0.01)[0] is square


def star() -> DrawnPath:
    angles = np.arange(5) * 4.0 * np.pi / 5.0
    corners = 50.0 + 40.0 * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return DrawnPath([polygon(corners)], np.array([1, 0, 0, 1], np.float32))


@pytest.mark.skipif(not HAS_RULES, reason="Blender before 5.2 knows no fill rules")
@pytest.mark.parametrize("form", ["CURVES", "JOINED"])
def test_crossing_outlines_are_filled_non_zero(scene: Any, form: Any) -> None:
    """A pentagram and its middle: ten triangles around the center."""
    placement = Placement(1.0, form=form)
    add_drawing(scene, Drawing(100, 100, [star()]), "photo", placement)
    outer, inner = 0.4, 0.4 * np.sin(np.radians(18)) / np.sin(np.radians(54))
    expected = 5.0 * outer * inner * np.sin(np.radians(36))
    assert area(scene) == pytest.approx(expected, rel=1e-3)


@pytest.mark.skipif(not HAS_RULES, reason="Blender before 5.2 knows no fill rules")
def test_our_own_outlines_keep_the_faster_solver(scene: Any) -> None:
    add_drawing(scene, sample(), "ours")
    assert {curve.fill_solver for curve in bpy.data.curves} == {"SWEEP_LINE"}
    assert {curve.fill_rule for curve in bpy.data.curves} == {"EVEN_ODD"}
    add_drawing(scene, Drawing(100, 100, [star()]), "foreign")
    assert [curve.fill_rule for curve in bpy.data.curves].count("NONZERO") == 1
