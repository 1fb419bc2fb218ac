# SPDX-License-Identifier: GPL-3.0-or-later
"""Locations of drawings: never inside other objects, and kept where the artist moves them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import bpy
import pytest
from mathutils import Matrix
from sample_drawings import sample

from semvec.operators.inputs.canvas import add_canvas, reference_of
from semvec.operators.objects.collection import add_drawing, read_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of

FRONT = Placement(size=2.0)


def place(collection: Any) -> tuple[float, ...]:
    bpy.context.view_layer.update()
    return tuple(root_of(collection).matrix_world.translation)


def add_cube(size: float, location: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Any:
    bpy.ops.mesh.primitive_cube_add(size=size, location=location)
    return bpy.context.object


def test_in_an_empty_scene_it_is_the_origin(scene: Any) -> None:
    assert place(add_drawing(scene, sample(), "photo", FRONT)) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("orientation", ["UPRIGHT", "FLAT"])
def test_in_front_of_a_cube(scene: Any, orientation: Any) -> None:
    add_cube(2.0)
    x, y, z = place(add_drawing(scene, sample(), "photo", Placement(2.0, orientation)))
    depth, other = (-y, z) if orientation == "UPRIGHT" else (z, y)
    assert x == 0.0 and other == pytest.approx(0.0, abs=1e-6)
    assert 1.0 < depth < 1.1, "just before the cube's surface"


def test_in_front_of_what_is_in_front(scene: Any) -> None:
    add_cube(1.0)
    add_cube(1.0, (0.3, -1.2, 0.0))
    _, y, _ = place(add_drawing(scene, sample(), "photo", FRONT))
    assert -1.8 < y < -1.7


def test_what_is_beside_behind_far_or_hidden_is_left_alone(scene: Any) -> None:
    add_cube(1.0, (3.0, 0.0, 0.0))
    add_cube(1.0, (0.0, 3.0, 0.0))
    add_cube(1.0, (0.0, -9.0, 0.0))
    add_cube(1.0).hide_set(True)
    bpy.ops.mesh.primitive_plane_add(size=50.0)  # a ground
    bpy.ops.mesh.primitive_uv_sphere_add(radius=100.0)  # a sky
    assert place(add_drawing(scene, sample(), "photo", FRONT)) == (0.0, 0.0, 0.0)


def test_added_drawings_stand_in_front_of_each_other(scene: Any) -> None:
    adding = replace(FRONT, existing="ADD")
    depths = [-place(add_drawing(scene, sample(), "photo", adding))[1] for _ in range(3)]
    assert depths[0] == 0.0 and depths[0] < depths[1] < depths[2] < 0.2


def test_a_replaced_drawing_stays_where_it_was_moved(scene: Any) -> None:
    parent = bpy.data.objects.new("rig", None)
    scene.collection.objects.link(parent)
    parent.location.x = 5.0
    collection = add_drawing(scene, sample(), "photo", FRONT)
    handle = root_of(collection)
    handle.parent = parent
    handle.location, handle.scale = (1.0, 2.0, 3.0), (2.0, 2.0, 2.0)
    handle.rotation_euler = (0.1, 0.2, 0.3)
    bpy.context.view_layer.update()
    before = handle.matrix_world.copy()
    again = add_drawing(scene, sample(), "photo", FRONT)
    bpy.context.view_layer.update()
    after = root_of(again).matrix_world
    assert (
        max(
            abs(a - b)
            for x, y in zip(before, after, strict=True)
            for a, b in zip(x, y, strict=True)
        )
        < 1e-6
    )
    assert root_of(again).parent == parent
    assert [item.name for item in (again, root_of(again))] == ["photo", "photo"]
    assert read_drawing(again).paths[0].name == "background"


def test_turning_the_drawing_by_the_setting_starts_anew(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", FRONT)
    root_of(collection).location.x = 4.0
    again = add_drawing(scene, sample(), "photo", replace(FRONT, orientation="FLAT"))
    assert root_of(again).matrix_basis == Matrix()


def test_a_canvas_is_in_front_of_a_cube_and_behind_the_drawing(scene: Any, picture: Any) -> None:
    add_cube(2.0)
    reference = reference_of(add_canvas(scene, picture, FRONT))
    collection = add_drawing(scene, sample(), "photo", FRONT)
    bpy.context.view_layer.update()
    assert place(collection)[1] < reference.matrix_world.translation.y < -1.0
    assert reference.matrix_world.to_euler().x == pytest.approx(math.pi / 2)
