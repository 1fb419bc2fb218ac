# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished drawing in another form, thickness, shading, fill, size and place, without a run."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector
from sample_drawings import (
    assert_same,
    in_blender,
    object_of,
    ramps,
    rendered,
    sample,
    without_point,
)

from semvec.core.drawing import Drawing
from semvec.operators.objects.collection import (
    LEVEL,
    add_drawing,
    add_layer,
    find_drawings,
    read_drawing,
    show_paths,
)
from semvec.operators.objects.palette import palette_of
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of

FORMS = ("CURVES", "JOINED", "GREASE_PENCIL")
PAIRS = list(itertools.permutations(FORMS, 2))


def without_holes(drawing: Drawing) -> Drawing:
    """Grease Pencil may join holes to their outlines by slits."""
    for path in drawing.paths:
        path.subpaths = path.subpaths[:1]
    return drawing


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_another_form_shows_the_same_shapes(scene: Any, before: Any, after: Any) -> None:
    drawing = without_holes(sample())
    collection = add_drawing(scene, drawing, "photo", Placement(form=before))
    collection.semvec_form = after
    assert collection.semvec_form == after
    assert_same(read_drawing(collection), drawing)
    fresh = add_drawing(scene, drawing, "other", Placement(form=after))
    kinds = [[obj.type for obj in each.all_objects] for each in (collection, fresh)]
    assert kinds[0] == kinds[1]
    names = [sorted(layer.name.partition(".")[0] for layer in each.children)
             for each in (collection, fresh)]  # fmt: skip
    assert names[0] == names[1]


@pytest.mark.parametrize("form", FORMS[1:])
def test_a_detour_by_another_form_keeps_edits_by_hand(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, without_holes(sample()), "photo")
    disc = object_of("detail.000")
    disc.location.x += 0.2
    disc.name = "Sun"
    disc.data.splines[0].bezier_points[0].co.y += 0.05
    palette_of(collection)[0][0].semvec_color = (0.0, 1.0, 0.0)
    bpy.context.view_layer.update()
    edited = read_drawing(collection)
    collection.semvec_form = form
    assert_same(read_drawing(collection), edited)
    collection.semvec_form = "CURVES"
    assert_same(read_drawing(collection), edited)
    assert "Sun" in bpy.data.objects


def test_locked_and_hidden_shapes_come_back_locked_and_hidden(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    locked, hidden, disabled = (
        object_of(name) for name in ("background", "structural.001", "detail.000")
    )
    locked.hide_select, locked.lock_location = True, (True, False, True)
    hidden.hide_set(True)
    disabled.hide_viewport = True
    collection.semvec_form = "JOINED"
    assert [obj.type for obj in collection.all_objects if obj.visible_get()] == ["EMPTY", "CURVE"]
    collection.semvec_form = "GREASE_PENCIL"
    collection.semvec_form = "CURVES"
    locked, hidden, disabled = (
        object_of(name) for name in ("background", "structural.001", "detail.000")
    )
    assert locked.hide_select and tuple(locked.lock_location) == (True, False, True)
    assert not locked.hide_get() and not hidden.hide_select
    assert hidden.hide_get() and disabled.hide_viewport
    disabled.hide_viewport = False
    assert_same(read_drawing(collection), sample())


@pytest.mark.parametrize(("form", "other"), PAIRS)
def test_gradients_survive_another_form(scene: Any, form: Any, other: Any) -> None:
    collection = add_drawing(scene, ramps(), "photo")
    collection.semvec_form = form
    collection.semvec_form = other
    collection.semvec_form = "CURVES"
    expected = without_point(ramps()) if "GREASE_PENCIL" in (form, other) else ramps()
    assert_same(read_drawing(collection), expected)


@pytest.mark.parametrize("form", FORMS[:2])
def test_flat_fills_are_means_and_gradients_come_back(
    scene: Any, tmp_path: Path, form: Any
) -> None:
    shown = in_blender(scene, ramps(), 128, 96, tmp_path / "a.png", form)
    (collection,) = find_drawings(scene, "photo")
    collection.semvec_fills = "FLAT"
    assert all(path.ramp is None for path in read_drawing(collection).paths)
    flat = rendered(tmp_path / "b.png")
    assert np.abs(flat - shown).mean() > 0.05
    assert len(np.unique((flat[..., :3] * 255).round().reshape(-1, 3), axis=0)) < 300
    assert len(palette_of(collection)) == 5, "swatches of all colors"
    collection.semvec_fills = "GRADIENT"
    assert_same(read_drawing(collection), ramps())
    np.testing.assert_array_equal(rendered(tmp_path / "c.png"), shown)


@pytest.mark.parametrize("form", FORMS[:2])
def test_hidden_gradients_stay_hidden_in_another_form(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, ramps(), "photo", Placement(form=form))
    collection.semvec_fills = "FLAT"
    palette_of(collection)[0][0].semvec_color = (0.0, 1.0, 0.0)
    before = read_drawing(collection)
    collection.semvec_form = "CURVES" if form == "JOINED" else "JOINED"
    assert_same(read_drawing(collection), before)
    collection.semvec_fills = "GRADIENT"
    changed = [a.name for a, b in zip(read_drawing(collection).paths, ramps().paths, strict=True)
               if (a.ramp is None) != (b.ramp is None)]  # fmt: skip
    assert changed == []


@pytest.mark.parametrize("form", FORMS[:2])
def test_thickness_is_seen_at_once(scene: Any, form: Any) -> None:
    placement = Placement(form=form, orientation="FLAT")
    collection = add_drawing(scene, sample(), "photo", placement)
    for thickness in (0.2, 0.05, 0.0):
        collection.semvec_thickness = thickness
        assert collection.semvec_thickness == pytest.approx(thickness)
        (obj, *_) = (obj for obj in collection.all_objects if obj.type == "CURVE")
        mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
        z = np.array([vertex.co.z for vertex in mesh.vertices])
        levels = np.unique(z.round(3))
        reach = levels[-1] - levels[0]
        assert reach == pytest.approx(thickness, abs=0.02)
    assert_same(read_drawing(collection), sample())


@pytest.mark.parametrize("form", FORMS)
def test_lit_shading_and_back(scene: Any, tmp_path: Path, form: Any) -> None:
    in_blender(scene, ramps(), 128, 96, tmp_path / "a.png", form)
    (collection,) = find_drawings(scene, "photo")
    before = read_drawing(collection)
    collection.semvec_shading = "LIT"
    assert_same(read_drawing(collection), before)
    if form == "GREASE_PENCIL":
        grease = [obj.data for obj in collection.all_objects if obj.type == "GREASEPENCIL"]
        assert all(layer.use_lights for data in grease for layer in data.layers)
    else:
        assert rendered(tmp_path / "b.png")[..., :3].max() < 0.1, "it is dark here"
        collection.semvec_shading = "FLAT"
        exact = rendered(tmp_path / "c.png")
        np.testing.assert_array_equal(exact, rendered(tmp_path / "a.png"))


@pytest.mark.parametrize("form", FORMS)
def test_the_size_is_that_of_the_long_side(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", Placement(form=form))
    root = root_of(collection)
    root.location, root.rotation_euler.z = (1.0, 2.0, 3.0), 0.5
    assert collection.semvec_size == pytest.approx(2.0)
    collection.semvec_size = 5.0
    bpy.context.view_layer.update()
    corners = [
        obj.matrix_world @ Vector(corner)
        for obj in collection.all_objects
        if obj.type != "EMPTY"
        for corner in obj.bound_box
    ]
    extent = max((a - b).length for a, b in itertools.combinations(corners, 2))
    assert extent == pytest.approx(np.hypot(5.0, 2.5), rel=0.02)
    assert tuple(root.location) == (1.0, 2.0, 3.0)
    assert_same(read_drawing(collection).scaled(400, 200), read_drawing(collection))


def test_a_drawing_lies_down_and_moves_to_the_cursor(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    collection.semvec_size = 3.0
    collection.semvec_orientation = "FLAT"
    scene.cursor.location = (1.0, 2.0, 3.0)
    assert bpy.ops.semvec.place_drawing(target="CURSOR") == {"FINISHED"}
    bpy.context.view_layer.update()
    matrix = root_of(collection).matrix_world
    assert tuple(matrix.translation) == pytest.approx((1.0, 2.0, 3.0))
    assert tuple(matrix.col[2].to_3d().normalized()) == pytest.approx((0.0, 0.0, 1.0))
    assert collection.semvec_size == pytest.approx(3.0)
    assert_same(read_drawing(collection), sample())


def test_without_its_reference_a_drawing_stays_in_place(scene: Any) -> None:
    add_drawing(scene, sample(), "photo")
    assert bpy.ops.semvec.place_drawing(target="REFERENCE") == {"CANCELLED"}
    empty = bpy.data.objects.new("ref", None)
    empty.empty_display_type = "IMAGE"
    empty.data = bpy.data.images.new("photo", 40, 20)
    empty.location = (4.0, 0.0, 0.0)
    scene.collection.objects.link(empty)
    bpy.context.view_layer.update()
    assert bpy.ops.semvec.place_drawing(target="REFERENCE") == {"FINISHED"}
    (collection,) = find_drawings(scene, "photo")
    assert root_of(collection).location.x == pytest.approx(4.0)


def test_another_level_of_detail_changes_its_form_as_well(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    level = add_layer(collection, "Level of Detail", "structural")
    level[LEVEL] = True
    show_paths(collection, sample(), {"structural": level})
    for layer in collection.children:
        layer.hide_viewport = layer != level
    collection.semvec_form = "JOINED"
    assert [obj.type for obj in collection.all_objects] == ["EMPTY", "CURVE", "CURVE"]
    assert len(level.objects) == 1 and len(read_drawing(collection).paths) == 2
    collection.semvec_form = "CURVES"
    assert len(level.objects) == 2, "levels have structural shapes only"
    assert len(collection.all_objects) == 1 + 2 + 3


def test_curves_drawn_by_hand_stay_what_they_are(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    bpy.ops.curve.primitive_bezier_circle_add(radius=0.1)
    own = bpy.context.object
    for owner in own.users_collection:
        owner.objects.unlink(own)
    collection.children["Detail"].objects.link(own)
    collection.semvec_form = "JOINED"
    assert own.name in collection.all_objects and len(read_drawing(collection).paths) == 4
    collection.semvec_form = "GREASE_PENCIL"
    collection.semvec_form = "CURVES"
    assert len(read_drawing(collection).paths) == 4


def test_the_active_object_stays_within_the_drawing(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    add_drawing(scene, sample(), "newer")
    bpy.context.view_layer.objects.active = object_of("detail.000")
    active = bpy.context.view_layer.objects.active
    owner = next(each for each in (collection, *find_drawings(scene, "newer"))
                 if active in each.all_objects[:])  # fmt: skip
    owner.semvec_form = "JOINED"
    assert bpy.context.view_layer.objects.active == root_of(owner)
