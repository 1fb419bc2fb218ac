# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG files in and out of Blender, through the operators of the File menu."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector
from sample_drawings import RED, assert_same, object_of, path, sample

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing
from semvec.core.svg import load_svg, quantized, save_svg, to_svg
from semvec.operators.objects.collection import add_drawing, find_drawings, read_drawing

FOREIGN = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">
<rect x="10" y="5" width="20" height="10" fill="#f00"/>
<g transform="translate(50 0)"><circle cx="20" cy="20" r="5" stroke="blue"/></g></svg>"""


def test_exporting_and_importing_gives_the_same_drawing(scene: Any, tmp_path: Path) -> None:
    file = str(tmp_path / "a.svg")
    add_drawing(scene, sample(), "photo")
    assert bpy.ops.semvec.export_svg(filepath=file) == {"FINISHED"}
    assert to_svg(load_svg(file)) == to_svg(sample())
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert bpy.ops.semvec.import_svg(filepath=file) == {"FINISHED"}
    (collection,) = find_drawings(bpy.context.scene, "a")
    assert_same(read_drawing(collection), quantized(sample()))


def test_edits_by_hand_are_exported(scene: Any, tmp_path: Path) -> None:
    """200 px are a unit: the disc is moved, turned, scaled, colored, and loses a node's place."""
    collection = add_drawing(scene, sample(), "photo")
    disc = object_of("detail.000")
    disc.location.x += 0.25
    disc.active_material = disc.active_material.copy()
    disc.active_material.node_tree.nodes["Color"].inputs[0].default_value = (0, 0, 1, 1)
    disc.data.splines[0].bezier_points[0].co.y += 0.05
    collection.objects[0].scale = (3.0, 3.0, 3.0)
    object_of("structural.001").name = "ring"
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"), drawing=collection.name)
    drawing = load_svg(tmp_path / "a.svg")
    assert [p.name for p in drawing.paths] == ["background", "ring", "detail.000"]
    before, after = sample().paths[2].subpaths[0], drawing.paths[2].subpaths[0]
    expected = before + np.array([50.0, 0.0])
    expected[0, 1] -= 10.0
    np.testing.assert_allclose(after, expected, atol=0.01)
    np.testing.assert_allclose(drawing.paths[2].fill, (0, 0, 1, 1), atol=1 / 255)


def test_a_drawing_of_another_program(scene: Any, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(FOREIGN)
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "logo.svg"), size=4.0, orientation="FLAT")
    (collection,) = find_drawings(scene, "logo")
    square, disc, *_ = read_drawing(collection).paths
    np.testing.assert_allclose(square.fill, (1, 0, 0, 1), atol=1e-3)
    np.testing.assert_allclose(disc.subpaths[0][::3].mean(axis=0), (70, 20), atol=1e-3)
    bpy.context.view_layer.update()
    shapes = [item for item in collection.all_objects if item.type == "CURVE"]
    corners = [item.matrix_world @ Vector(c) for item in shapes for c in item.bound_box]
    assert max(c[0] for c in corners) == pytest.approx((75.5 - 50) * 4.0 / 100, abs=1e-4)


def test_without_svgpathtools_the_error_says_so(
    scene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "svgpathtools", None)
    (tmp_path / "logo.svg").write_text(
        FOREIGN.replace("</svg>", '<path d="M0 0A9 9 0 0 1 9 9"/></svg>')
    )
    with pytest.raises(RuntimeError, match="need svgpathtools"):
        bpy.ops.semvec.import_svg(filepath=str(tmp_path / "logo.svg"))
    save_svg(sample(), tmp_path / "own.svg")
    assert bpy.ops.semvec.import_svg(filepath=str(tmp_path / "own.svg")) == {"FINISHED"}


@pytest.mark.parametrize("content", ["no SVG at all", "<html/>", ""])
def test_what_is_no_drawing_is_an_error_and_changes_nothing(
    scene: Any, tmp_path: Path, content: str
) -> None:
    (tmp_path / "a.svg").write_text(content)
    with pytest.raises(RuntimeError, match="Error"):
        bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"))
    with pytest.raises(RuntimeError, match="Error"):
        bpy.ops.semvec.import_svg(filepath=str(tmp_path / "missing.svg"))
    assert not bpy.data.objects and not bpy.data.collections


def test_exporting_without_a_drawing_is_disabled(scene: Any, tmp_path: Path) -> None:
    assert not bpy.ops.semvec.export_svg.poll()
    add_drawing(scene, sample(), "photo")
    assert bpy.ops.semvec.export_svg.poll()
    with pytest.raises(RuntimeError, match="no drawing 'other'"):
        bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"), drawing="other")
    with pytest.raises(RuntimeError, match="can't be written"):
        bpy.ops.semvec.export_svg(filepath=str(tmp_path / "no" / "folder" / "a.svg"))


def test_the_active_objects_drawing_is_exported(scene: Any, tmp_path: Path) -> None:
    add_drawing(scene, sample(), "photo")
    only = path([circle((5, 5), 3)], RED, "detail", "dot")
    add_drawing(scene, Drawing(10, 10, [only]), "other")
    bpy.context.view_layer.objects.active = bpy.data.objects["Background"]
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"))
    assert load_svg(tmp_path / "a.svg").width == 400
    bpy.context.view_layer.objects.active = bpy.data.objects["dot"]
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"))
    assert load_svg(tmp_path / "a.svg").width == 10


def test_several_files_are_imported_together(scene: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_svg(sample(), tmp_path / f"{name}.svg")
    files = [{"name": "a.svg"}, {"name": "b.svg"}]
    bpy.ops.semvec.import_svg(directory=str(tmp_path), files=files)
    assert {collection.name for collection in scene.collection.children} == {"a", "b"}


def test_svg_files_can_be_dropped(scene: Any) -> None:
    assert bpy.types.SEMVEC_FH_svg.bl_import_operator == "semvec.import_svg"
    assert bpy.types.SEMVEC_FH_svg.bl_file_extensions == ".svg;.svgz"


def test_of_several_files_the_good_ones_come_in(scene: Any, tmp_path: Path) -> None:
    (tmp_path / "good.svg").write_text(FOREIGN)
    (tmp_path / "bad.svg").write_text("no SVG at all")
    save_svg(sample(), tmp_path / "own.svg")
    files = [{"name": name} for name in ("good.svg", "bad.svg", "missing.svg", "own.svg")]
    assert bpy.ops.semvec.import_svg(directory=str(tmp_path), files=files) == {"FINISHED"}
    assert {each.name for each in scene.collection.children} == {"good", "own"}


AREAS = {
    '<path d="M10 10h80v80h-80zM30 30h40v40h-40z"/>': 0.64,
    '<path d="M10 10h50v50h-50zM40 40h50v50h-50z"/>': 0.46,
    '<path d="M50 5L79 95L4 39H96L21 95Z"/>': 0.272121,
    '<path fill-rule="evenodd" d="M10 10h80v80h-80zM30 30h40v40h-40z"/>': 0.48,
    '<path fill-rule="evenodd" d="M10 10h50v50h-50zM40 40h50v50h-50z"/>': 0.42,
    '<path d="M10 50H50V80" fill="none" stroke="#000" stroke-width="10" stroke-linejoin="bevel"/>':
    0.06875,
    '<rect x="20" y="20" width="60" height="60" clip-path="inset(10px 20px) fill-box"/>': 0.08,
}  # fmt: skip


@pytest.mark.parametrize("content", AREAS)
def test_blender_fills_what_the_file_says(scene: Any, tmp_path: Path, content: str) -> None:
    (tmp_path / "a.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{content}</svg>'
    )
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"), size=1.0)
    bpy.context.view_layer.update()
    (curve,) = [each for each in bpy.data.objects if each.type == "CURVE"]
    mesh = curve.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    mesh.calc_loop_triangles()
    area = sum(triangle.area for triangle in mesh.loop_triangles)
    assert area == pytest.approx(AREAS[content], rel=0.005)


def test_a_path_of_very_many_pieces_becomes_several_objects(scene: Any, tmp_path: Path) -> None:
    dots = "".join(f"M{i % 40 * 10} {i // 40 * 10}h8v8h-8zm2 2v4h4v-4z" for i in range(600))
    (tmp_path / "a.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 150"><path d="{dots}"/></svg>'
    )
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"))
    counts = [len(each.data.splines) for each in bpy.data.objects if each.type == "CURVE"]
    assert sum(counts) == 1200 and max(counts) <= 250


def test_a_long_path_whose_nodes_all_coincide_is_left_out(scene: Any, tmp_path: Path) -> None:
    """Blender takes more than quadratic time to fill one: a minute for this path."""
    file = tmp_path / "a.svg"
    file.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        f'<path d="M3 3{"C3 3 3 3 3 3" * 16_000}z"/><path d="M0 0h5v5z"/></svg>'
    )
    assert bpy.ops.semvec.import_svg(filepath=str(file)) == {"FINISHED"}
    assert [len(each.splines[0].bezier_points) for each in bpy.data.curves] == [3]
