# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings as curves: where they stand, how they look, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector
from sample_drawings import BLUE, RED, assert_same, object_of, path, sample

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing
from semvec.operators.objects.collection import (
    add_drawing,
    find_drawings,
    read_drawing,
    remove_drawing,
)
from semvec.operators.objects.placement import Placement


def corners(items: Any) -> np.ndarray:
    """The corners of the bounding box of all objects in the world: lowest, highest."""
    bpy.context.view_layer.update()
    points = [item.matrix_world @ Vector(c) for item in items for c in item.bound_box]
    return np.array([np.min(points, axis=0), np.max(points, axis=0)])


def curves(collection: Any) -> list[Any]:
    return [item for item in collection.all_objects if item.type == "CURVE"]


def ids() -> Iterator[Any]:
    yield from (*bpy.data.objects, *bpy.data.curves, *bpy.data.collections)


def test_collections_and_names(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo.png")
    assert collection.name == "photo" and collection.name in scene.collection.children
    assert [layer.name for layer in collection.children] == ["Structural", "Detail"]
    structural, detail = collection.children
    assert {item.name for item in structural.objects} == {"Background", "Blue 02"}
    assert [item.name for item in detail.objects] == ["Red 01"]
    (root,) = collection.objects
    assert root.type == "EMPTY" and root.name == "photo"
    assert all(item.parent == root for item in curves(collection))


def test_objects_are_in_painting_order_whatever_their_names(scene: Any) -> None:
    """They are made in the order of names; materials of one color word, by copying the first."""
    fills = [(0.8, 0.02, 0.05, 1.0), (0.1, 0.3, 0.9, 1.0), (0.75, 0.0, 0.0, 1.0)] * 4
    shades = [(r - 0.004 * i, g, b, a) for i, (r, g, b, a) in enumerate(fills)]
    paths = [
        path([circle((10.0 + 8 * i, 50.0), 4.0)], shade, "detail", f"detail.{i:03d}")
        for i, shade in enumerate(shades)
    ]
    collection = add_drawing(scene, Drawing(128.0, 96.0, paths), "photo")
    objects = list(collection.children["Detail"].objects)
    assert [obj["semvec_name"] for obj in objects] == [path.name for path in paths]
    assert [obj.name for obj in objects] != sorted(obj.name for obj in objects)
    words = {obj.active_material.name.partition(".")[0] for obj in objects}
    assert len(words) < len({obj.active_material for obj in objects}) == len(paths)
    assert_same(read_drawing(collection), Drawing(128.0, 96.0, paths))


def test_curves_are_flat_filled_and_closed(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    for item in curves(collection):
        assert item.data.dimensions == "2D" and item.data.fill_mode != "NONE"
        for spline in item.data.splines:
            assert spline.type == "BEZIER" and spline.use_cyclic_u


@pytest.mark.parametrize(
    ("orientation", "axes", "towards"), [("UPRIGHT", (0, 2), (1, -1)), ("FLAT", (0, 1), (2, 1))]
)
def test_size_and_orientation(scene: Any, orientation: Any, axes: Any, towards: Any) -> None:
    """The picture fills its long side, upright; every path lies nearer than the one below."""
    collection = add_drawing(scene, sample(), "photo", Placement(size=3.0, orientation=orientation))
    box = corners(curves(collection))
    np.testing.assert_allclose(box[:, axes[0]], (-1.5, 1.5), atol=1e-5)
    np.testing.assert_allclose(box[:, axes[1]], (-0.75, 0.75), atol=1e-5)
    axis, sign = towards
    depths = [
        sign * object_of(name).matrix_world.translation[axis]
        for name in ("background", "structural.001", "detail.000")
    ]
    np.testing.assert_allclose(np.diff(depths), 5e-4 * 3.0, rtol=0.01)
    middle = corners([object_of("detail.000")]).mean(axis=0)
    np.testing.assert_allclose(middle[list(axes)], ((110 - 200) * 3 / 400, 0.0), atol=1e-5)


def test_up_in_the_picture_is_up_in_blender(scene: Any) -> None:
    drawing = Drawing(100, 100, [path([circle((50, 10), 5)], RED, "detail", "top")])
    box = corners(curves(add_drawing(scene, drawing, "photo")))
    assert box[0, 2] > 0.6


def test_holes_are_holes(scene: Any) -> None:
    """The filled area of the ring, as Blender tessellates it."""
    add_drawing(scene, sample(), "photo", Placement(size=400.0))
    mesh = object_of("structural.001").to_mesh()
    area = sum(polygon.area for polygon in mesh.polygons)
    assert area == pytest.approx(np.pi * (80**2 - 40**2), rel=0.01)
    assert all(polygon.normal.z > 0.99 for polygon in mesh.polygons)


def test_colors_are_linear_and_shared_by_shapes_of_one_color(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    material = object_of("structural.001").active_material
    shader = material.node_tree.nodes["Color"].inputs["Color"]
    expected = [((c + 0.055) / 1.055) ** 2.4 for c in BLUE[:3]]
    for color in (material.diffuse_color, shader.default_value):
        np.testing.assert_allclose(color, [*expected, 1.0], atol=1e-4)
    names = [item.active_material.name for item in curves(collection)]
    assert sorted(names) == ["Blue", "Red", "Red"]
    add_drawing(scene, sample(), "photo")
    assert len(bpy.data.materials) == 2, "those of the replaced drawing are gone"


def test_transparent_fills_have_a_material_that_lets_through(scene: Any) -> None:
    drawing = sample()
    drawing.paths[1].fill[3] = 0.5
    collection = add_drawing(scene, drawing, "photo")
    assert all("Opacity" in item.active_material.node_tree.nodes for item in curves(collection))
    assert_same(read_drawing(collection), drawing)


def test_an_empty_drawing_is_an_empty_collection(scene: Any) -> None:
    collection = add_drawing(scene, Drawing(10, 10), "photo")
    assert curves(collection) == [] and read_drawing(collection).paths == []


def test_replacing_leaves_nothing_of_the_old_drawing(scene: Any) -> None:
    add_drawing(scene, sample(), "photo")
    before = sorted(item.name for item in ids())
    other = add_drawing(scene, sample(), "other")
    collection = add_drawing(scene, sample(), "photo")
    assert find_drawings(scene, "photo") == [collection]
    remove_drawing(scene, other)
    assert sorted(item.name for item in ids()) == before


def test_adding_keeps_the_old_drawing(scene: Any) -> None:
    first = add_drawing(scene, sample(), "photo")
    second = add_drawing(scene, sample(), "photo", Placement(existing="ADD"))
    assert set(find_drawings(scene, "photo")) == {first, second}
    assert len(curves(first)) == len(curves(second)) == 3


def test_objects_put_there_by_hand_survive_a_replacement(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    lamp = bpy.data.objects.new("lamp", bpy.data.lights.new("lamp", "POINT"))
    collection.children[0].objects.link(lamp)
    add_drawing(scene, sample(), "photo")
    assert scene.collection.objects["lamp"].data.type == "POINT"


def test_there_and_back(scene: Any) -> None:
    for orientation in ("UPRIGHT", "FLAT"):
        collection = add_drawing(scene, sample(), "photo", Placement(7.0, orientation))  # type: ignore[arg-type]
        assert_same(read_drawing(collection), sample())


def test_there_and_back_through_a_file(scene: Any, tmp_path: Path) -> None:
    add_drawing(scene, sample(), "photo")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert_same(read_drawing(find_drawings(bpy.context.scene, "photo")[0]), sample())


def test_moving_the_whole_drawing_changes_nothing_in_it(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    collection.objects[0].location = (1, 2, 3)
    collection.objects[0].rotation_euler.z = 0.5
    collection.objects[0].scale = (2, 2, 2)
    bpy.context.view_layer.update()
    assert_same(read_drawing(collection), sample())


def test_hand_edits_are_read(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")  # 200 px are a unit
    disc = object_of("detail.000")
    disc.location.x += 0.5
    disc.scale = (2.0, 2.0, 2.0)
    disc.active_material = disc.active_material.copy()
    disc.active_material.node_tree.nodes["Color"].inputs["Color"].default_value = (0, 1, 0, 1)
    object_of("structural.001").location.y -= 1.0  # now on top
    bpy.data.objects.remove(object_of("background"))
    drawing = read_drawing(collection)
    assert [p.name for p in drawing.paths] == ["detail.000", "structural.001"]
    points = drawing.paths[0].subpaths[0]
    low, high = points.min(axis=0), points.max(axis=0)
    np.testing.assert_allclose(high - low, (120.0, 120.0), atol=0.1)
    np.testing.assert_allclose(drawing.paths[0].fill, (0, 1, 0, 1), atol=1e-4)
    # Scaled about its own middle, then moved by 100 px.
    np.testing.assert_allclose((low + high) / 2, (110 + 100, 100), atol=0.1)


def test_an_unparented_path_is_where_it_appears(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    disc = object_of("detail.000")
    bpy.context.view_layer.update()
    world = disc.matrix_world.copy()
    disc.parent = None
    disc.matrix_world = world
    bpy.context.view_layer.update()
    assert_same(read_drawing(collection), sample())


def test_straight_splines_become_straight_paths(scene: Any) -> None:
    collection = add_drawing(scene, Drawing(200, 200), "photo")
    curve = bpy.data.curves.new("triangle", "CURVE")
    spline = curve.splines.new("POLY")
    spline.points.add(2)
    spline.points.foreach_set("co", [0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1])
    triangle = bpy.data.objects.new("triangle", curve)
    triangle.parent = collection.objects[0]
    collection.children["Detail"].objects.link(triangle)
    (drawn,) = read_drawing(collection).paths
    anchors = drawn.subpaths[0][::3]
    np.testing.assert_allclose(anchors, [(100, 100), (200, 100), (100, 0)], atol=1e-3)
