# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as an artist edits it: origins, handles, names, deleting, and its location."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector
from sample_drawings import RED, assert_same, object_of, path, ramps, sample

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Drawing
from semvec.core.errors import SettingsError
from semvec.core.grouping.color_names import color_name
from semvec.operators.objects.collection import add_drawing, read_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of
from semvec.operators.vectorize import SEMVEC_OT_vectorize

FORMS = ("CURVES", "JOINED", "GREASE_PENCIL")


def shapes(collection: Any) -> list[Any]:
    return [obj for obj in collection.all_objects if obj.type != "EMPTY"]


def middle(obj: Any) -> Vector:
    return sum((obj.matrix_world @ Vector(corner) for corner in obj.bound_box), Vector()) / 8.0


def world_boxes(collection: Any) -> np.ndarray:
    bpy.context.view_layer.update()
    return np.array([middle(obj) for obj in shapes(collection)])


@pytest.mark.parametrize("orientation", ["UPRIGHT", "FLAT"])
def test_each_shape_turns_about_its_own_middle(scene: Any, orientation: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", Placement(3.0, orientation))
    bpy.context.view_layer.update()
    for obj in shapes(collection):
        assert (middle(obj) - obj.matrix_world.translation).length < 1e-4


@pytest.mark.parametrize("form", FORMS)
def test_deleting_the_empty_leaves_the_picture_in_place(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", Placement(form=form))
    before, drawing = world_boxes(collection), read_drawing(collection)
    bpy.context.view_layer.objects.active = root_of(collection)
    bpy.ops.object.select_all(action="DESELECT")
    root_of(collection).select_set(True)
    bpy.ops.object.delete()
    assert root_of(collection) is None
    np.testing.assert_allclose(world_boxes(collection), before, atol=1e-5)
    assert_same(read_drawing(collection), drawing)


@pytest.mark.parametrize("deleted", ["photo", "Structural", "Detail"])
def test_deleting_a_collection_leaves_the_picture_in_place(scene: Any, deleted: str) -> None:
    """With the objects that lie directly in it: the empty, or some of the shapes."""
    collection = add_drawing(scene, sample(), "photo")
    chosen = {each.name: each for each in (collection, *collection.children)}[deleted]
    kept = [obj for obj in shapes(collection) if obj not in chosen.objects[:]]
    bpy.context.view_layer.update()
    before = [middle(obj) for obj in kept]
    assert kept and len(chosen.objects)
    for child in chosen.children:  # as the Outliner does
        scene.collection.children.link(child)
    bpy.data.batch_remove([*chosen.objects, chosen])
    bpy.context.view_layer.update()
    np.testing.assert_allclose([middle(obj) for obj in kept], before, atol=1e-6)


def test_dragging_a_smooth_node_keeps_it_smooth(scene: Any) -> None:
    drawing = Drawing(
        100,
        100,
        [
            path([circle((50, 50), 20)], RED, "detail", "disc"),
            path([rectangle(10, 10, 90, 90)], RED, "detail", "box"),
        ],
    )
    collection = add_drawing(scene, drawing, "photo")
    kinds = {
        obj.name: {point.handle_left_type for point in obj.data.splines[0].bezier_points}
        for obj in shapes(collection)
    }
    assert kinds == {"disc": {"ALIGNED"}, "box": {"FREE"}}
    bpy.context.view_layer.objects.active = bpy.data.objects["disc"]
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.object.mode_set(mode="OBJECT")
    assert_same(read_drawing(collection), drawing)


def test_names_say_the_color_unless_there_is_a_better_one(scene: Any) -> None:
    drawing = sample()
    drawing.paths[2].name = "sun"
    names = [obj.name for obj in shapes(add_drawing(scene, drawing, "photo"))]
    assert sorted(names) == ["Background", "Blue 02", "sun"]


def test_a_name_by_the_artist_is_that_of_the_path(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    assert [p.name for p in read_drawing(collection).paths][1] == "structural.001"
    object_of("structural.001").name = "lake"
    assert [p.name for p in read_drawing(collection).paths][1] == "lake"


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "Black"), ((1, 1, 1), "White"), ((0.5, 0.5, 0.5), "Gray"),
        ((0.2, 0.2, 0.2), "Dark Gray"), ((1, 0, 0), "Red"), ((0.4, 0, 0), "Dark Red"),
        ((0, 0.6, 0), "Dark Green"), ((0.6, 0.8, 1), "Light Blue"), ((1, 1, 0), "Yellow"),
        ((0.4, 0.25, 0.15), "Brown"), ((1, 0.5, 0), "Orange"), ((2, -1, 0), "Red"),
    ],
)  # fmt: skip
def test_colors_have_plain_names(rgb: Any, name: str) -> None:
    assert color_name(rgb) == name


# Location


def reference(image: Any, matrix: Matrix, size: float = 5.0) -> Any:
    """An image empty at that place."""
    empty = bpy.data.objects.new("ref", None)
    empty.empty_display_type, empty.empty_display_size, empty.data = "IMAGE", size, image
    empty.matrix_world = matrix
    bpy.context.scene.collection.objects.link(empty)
    bpy.context.view_layer.update()
    return empty


PLACE = Matrix.Translation((3.0, -4.0, 1.0)) @ Matrix.Rotation(0.7, 4, "Y") @ Matrix.Scale(2.0, 4)


def test_a_drawing_stands_on_its_reference(scene: Any, picture: Any) -> None:
    reference(picture, PLACE)
    drawing = Drawing(96, 64, [path([rectangle(0, 0, 96, 64)], RED, "structural", "all")])
    collection = add_drawing(scene, drawing, "photo", Placement(reference="ref"))
    bpy.context.view_layer.update()
    (obj,) = shapes(collection)
    corners = np.array([obj.matrix_world @ Vector(corner) for corner in obj.bound_box])
    expected = [PLACE @ Vector((x, y, 0.0)) for x in (-2.5, 2.5) for y in (-5 / 3, 5 / 3)]
    for point in expected:
        assert np.linalg.norm(corners - np.array(point), axis=1).min() < 0.03, "just in front"
    assert_same(read_drawing(collection), drawing)


def test_a_moved_image_offset_counts(scene: Any, picture: Any) -> None:
    empty = reference(picture, Matrix())
    empty.empty_image_offset = (0.0, 0.0)  # the origin is the image's lower left
    collection = add_drawing(scene, sample(), "photo", Placement(reference="ref"))
    expected = (2.5, 5.0 * 64 / 96 / 2)
    np.testing.assert_allclose(root_of(collection).location.xy, expected, atol=1e-5)


def test_a_drawing_lies_on_a_plane(scene: Any) -> None:
    bpy.ops.mesh.primitive_plane_add(size=4.0, location=(1, 2, 3), rotation=(0.3, 0, 0))
    bpy.context.view_layer.update()
    name = bpy.context.object.name
    collection = add_drawing(scene, sample(), "photo", Placement(reference=name))
    bpy.context.view_layer.update()
    root = root_of(collection)
    assert (root.matrix_world.translation - Vector((1, 2, 3))).length < 0.02, "just in front"
    assert root.rotation_euler.x == pytest.approx(0.3)
    assert root.empty_display_size == pytest.approx(0.4)


@pytest.mark.parametrize("thin", [0, 1, 2])
def test_a_drawing_fits_onto_a_plane_of_another_shape(scene: Any, thin: int) -> None:
    """Along any two axes of the mesh: the picture, 2 : 1, is as large as the plane, 3 x 1, lets."""
    corners = np.insert(np.array([[-1.5, -0.5], [1.5, -0.5], [1.5, 0.5], [-1.5, 0.5]]), thin, 0, 1)
    mesh = bpy.data.meshes.new("plane")
    mesh.from_pydata(corners.tolist(), [], [(0, 1, 2, 3)])
    plane = bpy.data.objects.new("plane", mesh)
    scene.collection.objects.link(plane)
    plane.location, plane.scale = (1.0, 2.0, 3.0), (2.0, 2.0, 2.0)
    bpy.context.view_layer.update()
    collection = add_drawing(scene, sample(), "photo", Placement(reference="plane"))
    bpy.context.view_layer.update()
    seen = np.array(
        [
            obj.matrix_world @ Vector(corner)
            for obj in shapes(collection)
            for corner in obj.bound_box
        ]
    )
    extent = seen.max(axis=0) - seen.min(axis=0)
    np.testing.assert_allclose(np.delete(extent, thin), (4.0, 2.0), atol=0.02)
    assert extent[thin] < 0.1
    assert collection.semvec_size == pytest.approx(4.0)


def test_a_drawing_faces_the_camera(scene: Any) -> None:
    """At the 3D cursor, and once it is finished; without a camera it is upright."""
    placement = Placement(orientation="CAMERA", location="CURSOR")
    upright = root_of(add_drawing(scene, sample(), "before", placement))
    assert upright.rotation_euler.x == pytest.approx(math.pi / 2)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    camera.rotation_euler, camera.scale = (1.1, 0.2, 0.7), (3.0, 3.0, 3.0)
    scene.camera = camera
    scene.cursor.location = (3.0, 1.0, 2.0)
    other = add_drawing(scene, sample(), "other")
    bpy.context.view_layer.update()
    other.semvec_orientation = "CAMERA"
    root = root_of(add_drawing(scene, sample(), "photo", placement))
    bpy.context.view_layer.update()
    assert tuple(root.location) == (3.0, 1.0, 2.0)
    towards_camera = camera.matrix_world.to_3x3() @ Vector((0.0, 0.0, 1.0))
    up = camera.matrix_world.to_3x3() @ Vector((0.0, 1.0, 0.0))
    for each in (root, root_of(other)):
        matrix = each.matrix_world.to_3x3()
        assert (matrix.col[2] - towards_camera.normalized()).length < 1e-5
        assert (matrix.col[1] - up.normalized()).length < 1e-5


def test_a_finished_drawing_moves_onto_the_active_plane(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    bpy.ops.mesh.primitive_cube_add()
    assert bpy.ops.semvec.place_drawing(target="ACTIVE") == {"CANCELLED"}
    bpy.ops.mesh.primitive_plane_add(location=(1, 2, 3), rotation=(0.3, 0, 0))
    bpy.context.view_layer.update()
    plane = bpy.context.object
    assert bpy.ops.semvec.place_drawing(target="ACTIVE") == {"FINISHED"}
    bpy.context.view_layer.update()
    matrix = root_of(collection).matrix_world
    np.testing.assert_allclose(np.array(matrix), np.array(plane.matrix_world), atol=1e-5)


def test_the_button_takes_the_active_plane_where_that_is_chosen(scene: Any, picture: Any) -> None:
    """Whatever it shows; with nothing to draw on, a sentence says so before the run."""
    scene.semvec.image, scene.semvec.location = picture, "ACTIVE"
    taken = SimpleNamespace(image="", properties=MagicMock())
    taken.properties.is_property_set.return_value = False
    bpy.ops.mesh.primitive_cube_add()
    for expected in ("", "Plane"):
        shown = SimpleNamespace(scene=scene, object=bpy.context.object, space_data=None)
        SEMVEC_OT_vectorize._take_from_panel(taken, shown)
        assert taken.reference == expected
        if not expected:
            with pytest.raises(SettingsError, match="nothing to draw on"):
                SEMVEC_OT_vectorize._check_place(taken, scene, picture)
        bpy.ops.mesh.primitive_plane_add()
    SEMVEC_OT_vectorize._check_place(taken, scene, picture)


def test_a_solid_is_no_reference(scene: Any) -> None:
    bpy.ops.mesh.primitive_cube_add(location=(5, 0, 0))
    name = bpy.context.object.name
    collection = add_drawing(scene, sample(), "photo", Placement(reference=name))
    assert root_of(collection).location.x == 0.0


@pytest.mark.parametrize(("orientation", "angle"), [("UPRIGHT", math.pi / 2), ("FLAT", 0.0)])
def test_a_drawing_stands_at_the_3d_cursor(scene: Any, orientation: Any, angle: float) -> None:
    scene.cursor.location = (3.0, 1.0, 2.0)
    placement = Placement(orientation=orientation, location="CURSOR")
    root = root_of(add_drawing(scene, sample(), "photo", placement))
    assert tuple(root.location) == (3.0, 1.0, 2.0)
    assert root.rotation_euler.x == pytest.approx(angle)


def test_gradients_stay_on_their_shapes_on_a_reference(scene: Any, picture: Any) -> None:
    reference(picture, PLACE)
    collection = add_drawing(scene, ramps(), "photo", Placement(reference="ref"))
    assert_same(read_drawing(collection), ramps())
