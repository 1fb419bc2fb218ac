# SPDX-License-Identifier: GPL-3.0-or-later
"""Simplify Drawing: fewer nodes and fewer shapes of what stands in the scene."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import object_of

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Drawing, Ramp, pack
from semvec.core.drawing import Path as DrawnPath
from semvec.core.rendering.native import render
from semvec.operators.objects.collection import add_drawing, read_drawing
from semvec.operators.objects.placement import Placement

FORMS = ("CURVES", "JOINED", "GREASE_PENCIL")


def discs() -> Drawing:
    """Discs of 16 nodes, one with a gradient, one too small to be seen: 200 x 100 pixels."""
    fills = np.array([[1, 0, 0, 1], [0, 0, 1, 1], [0.9, 0.9, 0, 1], [1, 0.1, 0, 1]], np.float32)
    outlines = [circle((50, 50), 30, 16), circle((120, 50), 40, 16),
                circle((160, 50), 20, 16), circle((50, 50), 1, 16)]  # fmt: skip
    paths = [DrawnPath([rectangle(0, 0, 200, 100)], np.ones(4, np.float32), name="background")]
    for number, (outline, fill) in enumerate(zip(outlines, fills, strict=True)):
        kind: Any = "structural" if number < 2 else "detail"
        paths.append(DrawnPath([outline], fill, kind, f"{kind}.{number:03d}", number))
    color = np.array([0, 1, 0], np.float32)
    start, end = np.array([[90, 50], [150, 50]], np.float32)
    paths[2].ramp = Ramp("linear", start, end, color)
    return Drawing(200, 100, paths, {"budget": 5})


@pytest.mark.parametrize("form", FORMS)
def test_nodes_get_fewer_and_the_picture_stays(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, discs(), "photo", Placement(form=form))
    before = read_drawing(collection)
    assert bpy.ops.semvec.simplify_drawing(tolerance=1.0) == {"FINISHED"}
    bpy.context.view_layer.update()
    after = read_drawing(collection)
    assert [(p.name, p.kind, p.region) for p in after.paths] == [
        (p.name, p.kind, p.region) for p in before.paths
    ]
    assert sum(p.nodes for p in after.paths) < 0.5 * sum(p.nodes for p in before.paths)
    shown, expected = (render(pack(each.paths), 200, 100) for each in (after, before))
    assert np.abs(shown - expected).mean() < 0.01


@pytest.mark.parametrize("form", FORMS)
def test_the_least_useful_shapes_go(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, discs(), "photo", Placement(form=form))
    bpy.ops.semvec.simplify_drawing(tolerance=0.0, shapes=4)
    names = [path.name for path in read_drawing(collection).paths]
    assert names == ["background", "structural.000", "structural.001", "detail.002"]


@pytest.mark.parametrize("form", FORMS)
def test_gradients_stay(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, discs(), "photo", Placement(form=form))
    bpy.ops.semvec.simplify_drawing(tolerance=1.0)
    collection.semvec_form = "CURVES"
    (path,) = (path for path in read_drawing(collection).paths if path.ramp is not None)
    np.testing.assert_allclose([path.ramp.start, path.ramp.end], [(90, 50), (150, 50)], atol=1.0)


def test_edits_by_hand_are_what_is_simplified(scene: Any) -> None:
    collection = add_drawing(scene, discs(), "photo")
    disc = object_of("structural.000")
    disc.location.x += 0.1
    disc.scale = (1.5, 1.5, 1.5)
    bpy.context.view_layer.update()
    expected = read_drawing(collection)
    bpy.ops.semvec.simplify_drawing(tolerance=1.0)
    bpy.context.view_layer.update()
    simple = read_drawing(collection)
    assert simple.paths[1].nodes < 8
    shown, wanted = (render(pack(each.paths), 200, 100) for each in (simple, expected))
    assert np.abs(shown - wanted).mean() < 0.01


def test_locked_and_hidden_shapes_stay_as_they_are(scene: Any) -> None:
    add_drawing(scene, discs(), "photo")
    locked, hidden = object_of("detail.003"), object_of("structural.001")
    locked.hide_select = True
    hidden.hide_set(True)
    bpy.ops.semvec.simplify_drawing(tolerance=5.0, shapes=2)
    for name in ("detail.003", "structural.001"):
        assert len(object_of(name).data.splines[0].bezier_points) == 16
    assert len(bpy.data.curves) == 3


def test_names_and_materials_of_curves_stay(scene: Any) -> None:
    collection = add_drawing(scene, discs(), "photo")
    before = {obj.name: obj.active_material for obj in collection.all_objects if obj.data}
    bpy.ops.semvec.simplify_drawing(tolerance=1.0)
    after = {obj.name: obj.active_material for obj in collection.all_objects if obj.data}
    assert after == before


def test_in_edit_mode_simplify_waits(scene: Any) -> None:
    add_drawing(scene, discs(), "photo")
    bpy.context.view_layer.objects.active = object_of("structural.000")
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.semvec.simplify_drawing.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.semvec.simplify_drawing.poll()
