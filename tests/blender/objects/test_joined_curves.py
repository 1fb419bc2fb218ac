# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings joined by region: objects with several splines that lie on each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import assert_same, in_blender, random_drawing, rendered, sample

from semvec.core.drawing import Drawing, pack
from semvec.core.rendering.native import render
from semvec.operators.objects.collection import add_drawing, read_drawing, remove_drawing
from semvec.operators.objects.placement import Placement

JOINED = Placement(form="JOINED", orientation="FLAT")
REGIONS = 7


def drawing_of_regions(count: int = 60) -> Drawing:
    """Rings across each other, the first of them structural; each has detail all over."""
    drawing = random_drawing(count, opacity=1.0)
    for number, path in enumerate(drawing.paths):
        path.name, path.region = f"path {number}", (number * 3) % REGIONS
        path.kind = "structural" if number < REGIONS else "detail"
    return drawing


def evaluated(item: bpy.types.Object) -> bpy.types.Mesh:
    """Return the evaluated object."""
    return item.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()


def difference(drawing: Drawing, shown: np.ndarray) -> np.ndarray:
    height, width = shown.shape[:2]
    return np.abs(shown[..., :3] - render(pack(drawing.paths), width, height))


def test_each_region_is_an_object_with_its_detail(scene: Any) -> None:
    collection = add_drawing(scene, drawing_of_regions(), "photo", JOINED)
    items = collection.children["Regions"].objects
    assert [item.name for item in items] == [f"path {number}" for number in range(REGIONS)]
    assert [len(item.material_slots) for item in items] == [9, 9, 9, 9, 8, 8, 8]
    assert_same(read_drawing(collection), drawing_of_regions())
    remove_drawing(scene, collection)
    assert not bpy.data.materials and not bpy.data.curves and not bpy.data.node_groups


def test_detail_without_a_region_lies_on_the_background(scene: Any) -> None:
    drawing = drawing_of_regions()
    drawing.paths[-1].region = 99
    collection = add_drawing(scene, drawing, "photo", JOINED)
    background = collection.children["Regions"].objects[0]
    assert [slot.name for slot in background.material_slots][-1] == "path 59"
    assert_same(read_drawing(collection), drawing)


def test_paths_of_different_regions_are_stacked_right(scene: Any, tmp_path: Path) -> None:
    drawing = drawing_of_regions(300)
    shown = in_blender(scene, drawing, 256, 192, tmp_path / "a.png", form="JOINED")
    error = difference(drawing, shown)
    assert error.mean() <= 2 / 255
    assert np.median(error) <= 0.5 / 255, "flat areas are exact"


def test_a_saved_file_shows_the_same(scene: Any, tmp_path: Path) -> None:
    drawing, file = drawing_of_regions(), str(tmp_path / "a.blend")
    add_drawing(scene, drawing, "photo", JOINED)
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    collection = bpy.context.scene.collection.children["photo"]
    assert_same(read_drawing(collection), drawing)
    assert {
        face.material_index
        for face in evaluated(collection.children["Regions"].objects[0]).polygons
    }


def test_edits_are_seen_and_come_back(scene: Any, tmp_path: Path) -> None:
    """A spline is moved, one deleted, one brought to the front, a color changed."""
    drawing = drawing_of_regions(30)
    shown = in_blender(scene, drawing, 256, 192, tmp_path / "a.png", form="JOINED")
    collection = scene.collection.children["photo"]
    item = collection.children["Regions"].objects["path 2"]
    splines = item.data.splines
    outer, hole = splines[2], splines[3]  # of its first detail
    for point in (*outer.bezier_points, *hole.bezier_points):
        point.handle_left_type = point.handle_right_type = "FREE"  # one by one they may move
        for vector in (point.co, point.handle_left, point.handle_right):
            vector.x += 0.3
            vector.z = 0.5
    splines.remove(splines[5])  # the hole of the second
    nodes = item.material_slots[0].material.node_tree.nodes
    nodes["Color"].inputs["Color"].default_value = (0.0, 1.0, 0.0, 1.0)
    edited = read_drawing(collection)
    assert edited.paths[-1].name == item.material_slots[1].name, "now it lies in front"
    moved = edited.paths[-1].subpaths[0] - named(drawing, edited.paths[-1].name).subpaths[0]
    np.testing.assert_allclose(moved, np.full_like(moved, (0.3 * 128, 0)) * (1, 0), atol=1e-3)
    assert len(named(edited, item.material_slots[2].name).subpaths) == 1
    np.testing.assert_allclose(named(edited, "path 2").fill, (0, 1, 0, 1), atol=1e-4)
    assert difference(edited, rendered(tmp_path / "b.png")).mean() <= 2 / 255
    assert difference(edited, shown).mean() > 3 / 255, "that was another picture"


def named(drawing: Drawing, name: str) -> Any:
    return next(path for path in drawing.paths if path.name == name)


@pytest.mark.parametrize("thickness", [0.0, 0.2])
def test_thickness(scene: Any, thickness: float) -> None:
    collection = add_drawing(scene, sample(), "photo", replace(JOINED, thickness=thickness))
    heights = [
        vertex.co.z for vertex in evaluated(collection.children["Regions"].objects[0]).vertices
    ]
    depth = max(heights) - min(heights)
    assert depth == pytest.approx(thickness + 0.002, abs=1e-3)
    assert min(heights) == pytest.approx(-thickness / 2)
    assert_same(read_drawing(collection), sample())


@pytest.mark.skipif(bpy.app.version < (4, 4, 0), reason="Blender 4.3 has one for each object")
def test_all_objects_share_one_node_group(scene: Any) -> None:
    for name in ("one", "two"):
        add_drawing(scene, sample(), name, JOINED)
    assert [tree.name for tree in bpy.data.node_groups] == ["Semvec Stack"]
    assert bpy.data.node_groups[0].users == 2
