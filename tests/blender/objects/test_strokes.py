# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes in Blender: curves with a width, or outlines; shown as resvg shows them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_drawings import rendered

from semvec import demo
from semvec.core.bezier import rectangle
from semvec.core.drawing import Drawing, Stroke
from semvec.core.drawing import Path as DrawnPath
from semvec.core.strokes.outline import stroke_outline
from semvec.core.svg import from_svg, load_svg, to_svg
from semvec.operators.objects.collection import add_drawing, read_drawing
from semvec.operators.objects.placement import Placement

SIZE = 256
WAVE = [(30, 60), (80, 10), (120, 190), (220, 60)]
CORNER = [(40, 230), (60, 200), (70, 180), (90, 150), (100, 180), (110, 200), (120, 235)]
RING = [(150, 130), (200, 90), (240, 150), (190, 190), (160, 210), (120, 180), (150, 130)]


def stroke_path(
    points: Any, widths: Any, color: Any = (0.2, 0.4, 0.8, 1), **options: Any
) -> DrawnPath:
    stroke = Stroke(np.array(points, np.float32), np.array(widths, np.float32), **options)
    fill = np.array(color, np.float32)
    return DrawnPath(stroke_outline(stroke), fill, "detail", f"stroke {points[0]}", stroke=stroke)


def strokes() -> Drawing:
    """Even and tapered strokes, open and closed, on paper, and a shape that covers part of them."""
    paper = DrawnPath([rectangle(0, 0, SIZE, SIZE)], np.array([1, 0.9, 0.6, 1], np.float32))
    cover = DrawnPath([rectangle(100, 100, 130, 240)], np.array([0, 0.6, 0.2, 1], np.float32))
    paper.name, cover.name, cover.kind = "paper", "cover", "detail"
    return Drawing(SIZE, SIZE, [
        paper,
        stroke_path(WAVE, [18, 18], (0.8, 0.2, 0.2, 1)),
        stroke_path(CORNER, [14, 14, 14], join="miter", cap="butt"),
        stroke_path(RING, [4, 12, 4], closed=True),
        cover,
        stroke_path([(200, 230)] * 4, [16, 16], (0, 0, 0, 1)),
        stroke_path([(20, 20), (30, 30), (40, 20), (240, 24)], [2, 9], (0, 0, 0, 1)),
    ], {"budget": 6})  # fmt: skip


def by_resvg(svg: str, side: int = SIZE) -> np.ndarray:
    resvg = pytest.importorskip("resvg_py")
    png = resvg.svg_to_bytes(svg_string=svg, width=side, height=side)
    return np.asarray(PIL.Image.open(io.BytesIO(bytes(png))).convert("RGBA")) / 255.0


def differing(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pixels that are clearly another color; smoothed edges may differ a little."""
    return float((np.abs(one - other)[..., :3].max(axis=2) > 0.3).mean())


@pytest.mark.parametrize("choice", ["CURVES", "OUTLINES"])
def test_cycles_shows_strokes_as_resvg_does(scene: Any, tmp_path: Path, choice: Any) -> None:
    collection = add_drawing(scene, strokes(), "photo", Placement(strokes=choice))
    assert len([obj for obj in collection.all_objects if obj.modifiers]) == 5 * (choice == "CURVES")
    demo.look_at_drawing(SIZE, SIZE)
    shown = rendered(tmp_path / "a.png")
    assert differing(shown, by_resvg(to_svg(strokes()))) < 0.005
    exported = to_svg(read_drawing(collection))
    assert exported.count("stroke-width") == 3 and exported.count("data-widths") == 2
    assert differing(by_resvg(exported), by_resvg(to_svg(strokes()))) < 0.001


def test_appearance_changes_strokes_in_place(scene: Any) -> None:
    collection: Any = add_drawing(scene, strokes(), "photo")
    before, names = to_svg(read_drawing(collection)), sorted(bpy.data.objects.keys())
    collection.semvec_strokes = "OUTLINES"
    assert not any(obj.modifiers for obj in collection.all_objects)
    assert {obj.data.dimensions for obj in collection.all_objects if obj.type == "CURVE"} == {"2D"}
    assert to_svg(read_drawing(collection)) == before
    collection.semvec_strokes = "CURVES"
    assert to_svg(read_drawing(collection)) == before
    assert sorted(bpy.data.objects.keys()) == names
    collection.semvec_thickness = 0.1
    bpy.context.view_layer.update()
    depth = {round(obj.dimensions.z, 4) for obj in collection.all_objects if obj.type == "CURVE"}
    assert depth == {0.1}


def test_grease_pencil_has_strokes_with_a_radius_for_each_point(scene: Any) -> None:
    """256 pixels are 2 units."""
    drawing = strokes()
    drawing.paths[1].fill[3] = 0.5
    collection: Any = add_drawing(scene, drawing, "photo", Placement(form="GREASE_PENCIL"))
    before = to_svg(drawing)
    (obj,) = (obj for obj in collection.all_objects if obj.type == "GREASEPENCIL")
    lines = [
        stroke
        for layer in obj.data.layers
        for stroke in layer.frames[0].drawing.strokes
        if stroke.material_index == 1
    ]
    assert [line.cyclic for line in lines] == [False, False, True, False, False]
    assert [line.start_cap for line in lines] == [0, 1, 0, 0, 0]
    radii = [[point.radius for point in line.points] for line in lines]
    np.testing.assert_allclose(radii[0], 9.0 * 2 / SIZE, rtol=1e-4)
    np.testing.assert_allclose(radii[4][0], 1.0 * 2 / SIZE, rtol=1e-4)
    np.testing.assert_allclose(radii[4][-1], 4.5 * 2 / SIZE, rtol=1e-4)
    assert lines[0].points[0].opacity == pytest.approx(0.5)
    assert to_svg(read_drawing(collection)) == before
    collection.semvec_strokes = "OUTLINES"
    (obj,) = (obj for obj in collection.all_objects if obj.type == "GREASEPENCIL")
    assert len(obj.data.materials) == 1


def test_other_forms_keep_the_strokes_of_grease_pencil(scene: Any) -> None:
    collection: Any = add_drawing(scene, strokes(), "photo", Placement(form="GREASE_PENCIL"))
    collection.semvec_form = "CURVES"
    assert len([obj for obj in collection.all_objects if obj.modifiers]) == 5
    assert to_svg(read_drawing(collection)) == to_svg(strokes())


def test_an_outline_edited_by_hand_is_no_stroke_any_more(scene: Any) -> None:
    collection = add_drawing(scene, strokes(), "photo", Placement(strokes="OUTLINES"))
    obj = next(obj for obj in collection.all_objects if "semvec_stroke" in obj)
    obj.data.splines[0].bezier_points[0].co.x += 0.1
    found = next(path for path in read_drawing(collection).paths if path.name == obj["semvec_name"])
    assert found.stroke is None and found.subpaths


def test_edits_of_a_curve_are_edits_of_the_stroke(scene: Any) -> None:
    """256 pixels are 2 units."""
    collection = add_drawing(scene, strokes(), "photo")
    obj = next(obj for obj in collection.all_objects if obj.get("semvec_name") == "stroke (30, 60)")
    for point in obj.data.splines[0].bezier_points:
        point.radius *= 2.0
    obj.location.x += 0.25
    stroke = next(p.stroke for p in read_drawing(collection).paths if p.name == "stroke (30, 60)")
    assert stroke is not None
    np.testing.assert_allclose(stroke.widths, 36.0, rtol=1e-5)
    np.testing.assert_allclose(stroke.points, np.array(WAVE) + np.array([32, 0]), atol=1e-3)


def test_translucent_strokes_are_outlines_and_come_back_as_strokes(scene: Any) -> None:
    drawing = strokes()
    drawing.paths[1].fill[3] = 0.5
    collection = add_drawing(scene, drawing, "photo")
    assert len([obj for obj in collection.all_objects if obj.modifiers]) == 4
    assert to_svg(read_drawing(collection)).count('stroke-opacity="0.502"') == 1


numbers = st.floats(0, 100, width=32)


@given(
    st.lists(st.tuples(numbers, numbers), min_size=4, max_size=10),
    st.lists(st.sampled_from([0.0, 1e-6, 3.0, 500.0]), min_size=4, max_size=4),
    st.booleans(), st.integers(0, 10), st.sampled_from(["round", "butt"]),
    st.sampled_from(["round", "miter"]),
)  # fmt: skip
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_degenerate_strokes_come_back(
    scene: Any, points: Any, widths: Any, closed: bool, same: int, cap: Any, join: Any
) -> None:
    """Points in one place, no width, closed on itself: shown, read and written without an error."""
    count = (len(points) - 1) // 3
    line = np.array(points[: 3 * count + 1], np.float32)
    line[:same] = line[0]
    if closed:
        line[-1] = line[0]
    path = stroke_path(line, widths[: count + 1], closed=closed, cap=cap, join=join)
    collection = add_drawing(scene, Drawing(100, 100, [path], {"budget": 1}), "photo")
    bpy.context.view_layer.update()
    (obj,) = (obj for obj in collection.all_objects if obj.type == "CURVE")
    mesh: Any = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    places = np.array([vertex.co[:] for vertex in mesh.vertices]).reshape(-1, 3)
    assert np.isfinite(places).all()
    (found,) = read_drawing(collection).paths
    assert found.stroke is not None and found.stroke.cap == cap and found.stroke.join == join
    assert from_svg(to_svg(Drawing(100, 100, [found], {"budget": 1}))).paths[0].stroke is not None


def test_our_own_file_of_strokes_is_imported_and_exported(scene: Any, tmp_path: Path) -> None:
    file = tmp_path / "lines.svg"
    file.write_text(to_svg(strokes()), encoding="utf-8")
    bpy.ops.semvec.import_svg(filepath=str(file))
    again = tmp_path / "again.svg"
    bpy.ops.semvec.export_svg(filepath=str(again))
    assert to_svg(load_svg(again)) == file.read_text(encoding="utf-8")


ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#224"
stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M3 9l9-7 9 7v11a2 2 0 0 1-2
 2H5a2 2 0 0 1-2-2z"/><path d="M9 22V12h6v10"/></svg>"""


@pytest.mark.parametrize("choice", ["CURVES", "OUTLINES"])
def test_an_icon_of_another_program_keeps_its_strokes(
    scene: Any, tmp_path: Path, choice: Any
) -> None:
    file, again = tmp_path / "icon.svg", tmp_path / "again.svg"
    file.write_text(ICON, encoding="utf-8")
    bpy.ops.semvec.import_svg(filepath=str(file), strokes=choice)
    assert len([obj for obj in bpy.data.objects if obj.modifiers]) == 2 * (choice == "CURVES")
    demo.look_at_drawing(SIZE, SIZE)
    shown = rendered(tmp_path / "a.png")
    wanted = by_resvg(ICON)
    on_clear = [image[..., :3] * image[..., 3:] for image in (shown, wanted)]
    assert float((np.abs(shown[..., 3] - wanted[..., 3]) > 0.3).mean()) < 0.005
    assert differing(*on_clear) < 0.005
    bpy.ops.semvec.export_svg(filepath=str(again))
    text = again.read_text(encoding="utf-8")
    assert text.count("stroke-width") == 2
    assert float((np.abs(by_resvg(text)[..., 3] - wanted[..., 3]) > 0.3).mean()) < 0.005
