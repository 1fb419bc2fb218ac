# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for finished drawings: colors, copies, deleting, camera, guidance."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import PIL.Image
import pytest
from sample_drawings import BLUE, RED, assert_same, object_of, ramps, random_drawing, sample

from semvec import demo
from semvec.core.drawing import Drawing, Stroke, pack
from semvec.core.drawing import Path as DrawnPath
from semvec.core.rendering.native import render
from semvec.core.strokes.outline import stroke_outline
from semvec.operators.inputs.active_image import active_choice, active_image
from semvec.operators.inputs.canvas import add_canvas
from semvec.operators.objects.collection import add_drawing, find_drawings, read_drawing
from semvec.operators.objects.palette import palette_of
from semvec.operators.objects.pencil_palette import pencil_swatches
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of
from semvec.operators.objects.splines import linear_color

FORMS = ("CURVES", "JOINED", "GREASE_PENCIL")
PENCIL: Any = Placement(form="GREASE_PENCIL")


def fills(collection: Any) -> list[Any]:
    return [path.fill for path in read_drawing(collection).paths]


def colors_in_palette(collection: Any) -> int:
    return len(palette_of(collection)) + len(pencil_swatches(collection))


def plain_lines() -> Drawing:
    """Three lines: red, blue, and half-transparent red."""
    colors = ((1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 0.0, 0.5))
    paths = []
    for i, color in enumerate(colors):
        points = np.linspace((20, 20 + 30 * i), (100, 20 + 30 * i), 4).astype(np.float32)
        stroke = Stroke(points, np.full(2, 6.0, np.float32), False)
        paths.append(
            DrawnPath(stroke_outline(stroke), np.array(color, np.float32), "detail", stroke=stroke)
        )
    return Drawing(128.0, 128.0, paths)


# Palette


def test_a_swatch_recolors_all_shapes_of_its_color(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    palette = palette_of(collection)
    assert [len(group) for group in palette] == [1, 1], "red and blue"
    red = palette[0][0]
    red.semvec_color = (0.0, 1.0, 0.0)
    for path, expected in zip(fills(collection), ((0, 1, 0), None, (0, 1, 0)), strict=True):
        if expected:
            np.testing.assert_allclose(path[:3], expected, atol=1e-3)
    assert tuple(red.diffuse_color) == (0.0, 1.0, 0.0, 1.0), "solid viewports show it as well"


def test_a_swatch_leaves_other_drawings_alone(scene: Any) -> None:
    one, other = (add_drawing(scene, sample(), name) for name in ("one", "other"))
    palette_of(one)[0][0].semvec_color = (0.0, 1.0, 0.0)
    assert_same(read_drawing(other), sample())


def test_shapes_of_one_color_are_selected_together(scene: Any) -> None:
    add_drawing(scene, sample(), "photo")
    bpy.context.view_layer.objects.active = object_of("detail.000")
    assert bpy.ops.semvec.select_same_color() == {"FINISHED"}
    selected = {obj["semvec_name"] for obj in bpy.context.selected_objects}
    assert selected == {"background", "detail.000"}


@pytest.mark.parametrize("form", FORMS)
def test_merging_leaves_a_small_palette(scene: Any, form: Any) -> None:
    drawing = random_drawing(40, 1.0)
    collection = add_drawing(scene, drawing, "photo", Placement(form=form))
    assert colors_in_palette(collection) == 40
    assert bpy.ops.semvec.merge_colors(colors=5) == {"FINISHED"}
    merged = read_drawing(collection)
    colors = np.array([path.fill[:3] for path in merged.paths])
    assert len(np.unique(colors.round(3), axis=0)) == colors_in_palette(collection) == 5
    before = np.array([path.fill[:3] for path in drawing.paths])
    spread = np.abs(before - before.mean(axis=0)).mean()
    assert np.abs(colors - before).mean() < 0.7 * spread, "to similar ones"


def test_a_swatch_recolors_all_strokes_of_its_color(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", PENCIL)
    before = read_drawing(collection)
    red, blue = (linear_color(np.array(color)) for color in (RED, BLUE))
    np.testing.assert_allclose(collection.semvec_swatches.color_0, red[:3], atol=1e-6)
    np.testing.assert_allclose(collection.semvec_swatches.color_1, blue[:3], atol=1e-6)
    collection.semvec_swatches.color_0 = (0.0, 1.0, 0.0)
    for path in before.paths:
        if path.fill[0] > 0.9:
            path.fill = np.array([0.0, 1.0, 0.0, 1.0], np.float32)
    assert_same(read_drawing(collection), before)


def test_a_color_that_meets_another_on_the_way_leaves_it_alone(scene: Any) -> None:
    """Dragged through black, a swatch does not take along what is black."""
    collection = add_drawing(scene, sample(), "photo", PENCIL)
    blue = tuple(collection.semvec_swatches.color_1)
    collection.semvec_swatches.color_0 = blue
    collection.semvec_swatches.color_0 = (0.0, 1.0, 0.0)
    np.testing.assert_allclose(collection.semvec_swatches.color_1, blue, atol=1e-6)
    assert len(pencil_swatches(collection)) == 2
    collection.semvec_swatches.color_0 = blue
    assert bpy.ops.semvec.merge_colors(colors=2) == {"FINISHED"}
    assert len(pencil_swatches(collection)) == 1, "of one color now"


def test_lines_are_in_the_palette_and_gradients_are_not(scene: Any) -> None:
    collection = add_drawing(scene, ramps(), "photo", PENCIL)
    assert len(pencil_swatches(collection)) == 2, "flat, and the one without a length"
    lines = add_drawing(scene, plain_lines(), "lines", PENCIL)
    assert [swatch.uses for swatch in pencil_swatches(lines)] == [2, 1]
    lines.semvec_swatches.color_0 = (0.0, 1.0, 0.0)
    colors = [tuple(path.fill.round(2)) for path in read_drawing(lines).paths]
    assert colors == [(0.0, 1.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0), (0.0, 1.0, 0.0, 0.5)]


def test_strokes_of_one_color_are_selected_together(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", PENCIL)
    (pencil,) = (item for item in collection.all_objects if item.type == "GREASEPENCIL")
    strokes = [stroke for layer in pencil.data.layers for stroke in layer.frames[0].drawing.strokes]
    bpy.context.view_layer.objects.active = pencil
    assert bpy.ops.semvec.select_same_color() == {"CANCELLED"}, "in Object Mode"
    bpy.ops.object.mode_set(mode="EDIT")
    for stroke in strokes:
        stroke.select = stroke == strokes[0]
    assert bpy.ops.semvec.select_same_color() == {"FINISHED"}
    first = tuple(strokes[0].fill_color)
    assert [stroke.select for stroke in strokes] == [
        tuple(stroke.fill_color) == first for stroke in strokes
    ]
    assert any(stroke.select for stroke in strokes[1:])


def test_other_frames_follow_a_swatch(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", PENCIL)
    (pencil,) = (item for item in collection.all_objects if item.type == "GREASEPENCIL")
    layer = pencil.data.layers["Detail"]
    layer.frames.copy(scene.frame_start, scene.frame_start + 5)
    collection.semvec_swatches.color_0 = (0.0, 1.0, 0.0)
    later = layer.frames[1].drawing.strokes[0]
    assert tuple(later.fill_color) == (0.0, 1.0, 0.0, 1.0)


def test_gradients_are_not_in_the_palette(scene: Any) -> None:
    assert len(palette_of(add_drawing(scene, ramps(), "photo"))) == 1


# Whole drawings


@pytest.mark.parametrize("form", FORMS)
def test_deleting_leaves_nothing(scene: Any, form: Any) -> None:
    add_drawing(scene, sample(), "photo", Placement(form=form))
    assert bpy.ops.semvec.delete_drawing() == {"FINISHED"}
    assert not scene.objects and not bpy.data.materials and not bpy.data.curves
    assert not bpy.ops.semvec.delete_drawing.poll()


@pytest.mark.parametrize("form", FORMS)
def test_a_duplicate_is_a_drawing_of_its_own(scene: Any, form: Any) -> None:
    first = add_drawing(scene, sample(), "photo", Placement(form=form))
    before = read_drawing(first)
    assert bpy.ops.semvec.duplicate_drawing() == {"FINISHED"}
    (copy,) = (each for each in find_drawings(scene, "photo") if each != first)
    bpy.context.view_layer.update()
    assert_same(read_drawing(copy), before)
    assert root_of(copy).location.x > 2.0 and root_of(first).location.x == 0.0
    if form == "GREASE_PENCIL":
        copy.semvec_swatches.color_0 = (0.0, 1.0, 0.0)
    else:
        palette_of(copy)[0][0].semvec_color = (0.0, 1.0, 0.0)
    assert_same(read_drawing(first), before)


def test_all_shapes_are_selected(scene: Any) -> None:
    bpy.ops.mesh.primitive_cube_add()
    collection = add_drawing(scene, sample(), "photo")
    bpy.ops.semvec.select_shapes()
    assert len(bpy.context.selected_objects) == 3
    assert all(obj in collection.all_objects[:] for obj in bpy.context.selected_objects)


@pytest.mark.parametrize("orientation", ["UPRIGHT", "FLAT"])
def test_the_camera_renders_exactly_the_picture(
    scene: Any, tmp_path: Path, orientation: Any
) -> None:
    """Moved, turned and scaled; against our own renderer."""
    drawing = random_drawing(20, 1.0)
    collection = add_drawing(scene, drawing, "photo", Placement(3.0, orientation))
    root = root_of(collection)
    root.location, root.rotation_euler.z, root.scale = (1, 2, 3), 0.4, (2, 2, 2)
    assert bpy.ops.semvec.set_up_camera() == {"FINISHED"}
    assert (scene.render.resolution_x, scene.render.resolution_y) == (256, 192)
    assert scene.render.film_transparent and scene.view_settings.view_transform == "Standard"
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 16, False
    scene.render.dither_intensity = 0.0
    demo.render(tmp_path / "a.png")
    shown = np.asarray(PIL.Image.open(tmp_path / "a.png").convert("RGB")) / 255.0
    expected = render(pack(drawing.paths), 256, 192)
    assert np.median(np.abs(shown - expected)) <= 0.5 / 255
    assert np.abs(shown - expected).mean() <= 3 / 255
    bpy.ops.semvec.set_up_camera()
    assert len(bpy.data.cameras) == 1, "the same again"


# The picture that is meant, and its guidance


def context(scene: Any, obj: Any = None, editor: Any = None) -> Any:
    return SimpleNamespace(scene=scene, object=obj, space_data=editor)


def reference(scene: Any, image: Any) -> Any:
    empty = bpy.data.objects.new("ref", None)
    empty.empty_display_type, empty.data = "IMAGE", image
    scene.collection.objects.link(empty)
    return empty


def test_a_selected_reference_wins_over_a_remembered_image(
    scene: Any, picture: Any, new_image: Any
) -> None:
    scene.semvec.image = new_image("remembered", np.ones((4, 4, 4)))
    choice = active_choice(context(scene, reference(scene, picture)))
    assert choice is not None and choice.image == picture
    assert choice.reference is not None and choice.source == "ref"


def test_the_image_that_was_chosen_last_wins(scene: Any, picture: Any, new_image: Any) -> None:
    empty = reference(scene, picture)
    bpy.context.view_layer.objects.active = empty
    scene.semvec.image = chosen = new_image("chosen", np.ones((4, 4, 4)))
    assert active_image(bpy.context) == chosen
    bpy.context.view_layer.objects.active = None
    bpy.ops.object.camera_add()
    bpy.context.view_layer.objects.active = empty
    assert active_image(bpy.context) == chosen, "the same object is active as then"


def test_an_image_in_a_node_group_is_found(scene: Any, picture: Any) -> None:
    tree = bpy.data.node_groups.new("inner", "ShaderNodeTree")
    tree.nodes.new("ShaderNodeTexImage").image = picture
    material = bpy.data.materials.new("m")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    material.node_tree.nodes.new("ShaderNodeGroup").node_tree = tree
    mesh = bpy.data.meshes.new("m")
    mesh.materials.append(material)
    assert active_image(context(scene, bpy.data.objects.new("m", mesh))) == picture


SMALL = {"budget": 6, "iterations": 5, "mask_count": 8, "threads": 1}


def test_guidance_does_not_cover_the_result(scene: Any, picture: Any) -> None:
    canvas = add_canvas(scene, picture)
    ref = canvas.parent
    bpy.ops.semvec.vectorize(image="photo", **SMALL)
    assert canvas.hide_get() and ref.hide_get()
    assert bpy.ops.semvec.toggle_guidance() == {"FINISHED"}
    assert not canvas.hide_get() and not ref.hide_get()
    bpy.ops.semvec.toggle_guidance()
    assert canvas.hide_get()
    bpy.ops.semvec.delete_drawing()
    assert not canvas.hide_get(), "nothing is left to be covered"


def test_a_run_from_a_reference_lies_on_it(scene: Any, picture: Any) -> None:
    empty = reference(scene, picture)
    empty.location = (5.0, 1.0, 2.0)
    bpy.context.view_layer.update()
    bpy.ops.semvec.vectorize(image="photo", reference="ref", **SMALL)
    (collection,) = find_drawings(scene, "photo")
    assert root_of(collection).location.x == pytest.approx(5.0, abs=1e-3)


def test_a_plane_is_not_seen_through_its_drawing_from_afar(scene: Any) -> None:
    """At ten sizes from it, where a viewport's depths, of 24 bits, have this step."""
    bpy.ops.mesh.primitive_plane_add(size=2.0, location=(0, 0, 3))
    plane = bpy.context.object
    placement = Placement(location="ACTIVE", reference=plane.name)
    root = root_of(add_drawing(scene, Drawing(30, 20), "photo", placement))
    nearest, distance = 0.01, 20.0  # of the viewport's clipping, and of the drawing
    step = distance**2 / nearest / 2**24
    assert 2 * step < root.location.z - plane.location.z < 0.01


def test_a_drawing_without_colors_has_no_palette(scene: Any) -> None:
    collection = add_drawing(scene, Drawing(10, 10), "photo")
    assert palette_of(collection) == []
    assert bpy.ops.semvec.merge_colors() == {"FINISHED"}
