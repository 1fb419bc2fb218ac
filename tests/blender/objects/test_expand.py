# SPDX-License-Identifier: GPL-3.0-or-later
"""Join and Expand: one object, or plain objects, that look as the drawing did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import (
    assert_same,
    in_blender,
    object_of,
    ramps,
    rendered,
    sample,
    without_point,
)

from semvec.operators.objects.active import active_drawing
from semvec.operators.objects.collection import add_drawing, find_drawings, read_drawing
from semvec.operators.objects.placement import Placement

SIZE = (128, 96)


def traces() -> list[str]:
    """All custom properties of ours in the file."""
    kinds = (bpy.data.objects, bpy.data.collections, bpy.data.materials, bpy.data.curves)
    return [key for kind in kinds for block in kind for key in block.keys()  # noqa: SIM118
            if key.startswith("semvec")]  # fmt: skip


@pytest.mark.parametrize("form", ["CURVES", "JOINED"])
@pytest.mark.parametrize("kind", ["CURVE", "MESH"])
def test_an_expanded_drawing_looks_the_same(
    scene: Any, tmp_path: Path, form: Any, kind: Any
) -> None:
    before = in_blender(scene, ramps(), *SIZE, tmp_path / "a.png", form)
    names = sorted(obj.name for obj in bpy.data.objects)
    assert bpy.ops.semvec.expand_drawing(type=kind) == {"FINISHED"}
    after = rendered(tmp_path / "b.png")
    assert np.abs(after - before).max() <= 2 / 255
    assert sorted(obj.name for obj in bpy.data.objects) == names
    kinds = {obj.type for obj in bpy.context.selected_objects}
    assert kinds == {kind}
    assert traces() == [] and active_drawing(bpy.context) is None


def test_expanded_grease_pencil_stays_what_it_is(scene: Any) -> None:
    add_drawing(scene, sample(), "photo", Placement(form="GREASE_PENCIL"))
    bpy.ops.semvec.expand_drawing(type="MESH")
    assert {obj.type for obj in bpy.data.objects} == {"EMPTY", "GREASEPENCIL"}
    assert traces() == []


def test_another_drawing_of_the_scene_stays_a_drawing(scene: Any) -> None:
    add_drawing(scene, sample(), "one")
    other = add_drawing(scene, sample(), "other")
    bpy.context.view_layer.objects.active = find_drawings(scene, "one")[0].all_objects[0]
    bpy.ops.semvec.expand_drawing(type="MESH")
    assert active_drawing(bpy.context) == other
    assert_same(read_drawing(other), sample())


@pytest.mark.parametrize("form", ["CURVES", "JOINED"])
def test_a_joined_drawing_is_one_object_and_looks_the_same(
    scene: Any, tmp_path: Path, form: Any
) -> None:
    before = in_blender(scene, ramps(), *SIZE, tmp_path / "a.png", form)
    assert bpy.ops.semvec.join_drawing() == {"FINISHED"}
    (obj,) = (obj for obj in bpy.data.objects if obj.type == "CURVE")
    assert obj.select_get() and len(obj.data.materials) == 5
    bpy.context.view_layer.update()
    assert np.abs(rendered(tmp_path / "b.png") - before).max() <= 2 / 255
    (collection,) = find_drawings(scene, "photo")
    assert_same(read_drawing(collection), ramps())
    collection.semvec_form = "GREASE_PENCIL"
    collection.semvec_form = "CURVES"
    assert_same(read_drawing(collection), without_point(ramps()))


def test_joined_and_expanded_it_is_one_mesh(scene: Any, tmp_path: Path) -> None:
    before = in_blender(scene, sample(), 200, 100, tmp_path / "a.png")
    bpy.ops.semvec.join_drawing()
    bpy.context.view_layer.update()
    bpy.ops.semvec.expand_drawing(type="MESH")
    (obj,) = (obj for obj in bpy.data.objects if obj.type == "MESH")
    assert len(obj.data.materials) == 3
    assert {polygon.material_index for polygon in obj.data.polygons} == {0, 1, 2}
    assert np.abs(rendered(tmp_path / "b.png") - before).max() <= 2 / 255
    assert not bpy.data.curves


def test_hidden_shapes_are_not_joined(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    object_of("structural.001").hide_set(True)
    bpy.ops.semvec.join_drawing()
    shown = [obj for obj in collection.all_objects if obj.type == "CURVE" and obj.visible_get()]
    assert len(shown) == 1 and len(shown[0].data.materials) == 2
    assert object_of("structural.001").hide_get()


def test_hidden_gradients_stay_hidden_when_joined(scene: Any) -> None:
    collection = add_drawing(scene, ramps(), "photo")
    collection.semvec_fills = "FLAT"
    before = read_drawing(collection)
    bpy.ops.semvec.join_drawing()
    assert_same(read_drawing(collection), before)
    collection.semvec_fills = "GRADIENT"
    assert_same(read_drawing(collection), ramps())
