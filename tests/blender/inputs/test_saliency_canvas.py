# SPDX-License-Identifier: GPL-3.0-or-later
"""The saliency canvas, and its strokes in the pixels of the image."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing
from semvec.core.drawing import Path as DrawnPath
from semvec.core.errors import SaliencyError
from semvec.operators.inputs.canvas import add_canvas, find_canvases, reference_of
from semvec.operators.inputs.grease_pencil_strokes import strokes_of
from semvec.operators.inputs.painted_saliency import canvas_saliency
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.placement import Placement

Pixels = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 96, 64  # of the picture
UPRIGHT, FLAT = Placement(), Placement(size=5.0, orientation="FLAT")


@pytest.fixture
def canvas(scene: Any, picture: Any) -> Any:
    return add_canvas(scene, picture)


def world_point(reference: Any, column: float, row: float, away: float = 0.0) -> Vector:
    """Return the world position of a pixel of the picture, `away` from its plane."""
    unit = reference.empty_display_size / WIDTH
    across, up = (column - WIDTH / 2) * unit, (HEIGHT / 2 - row) * unit
    return reference.matrix_world @ Vector((across, up, away))


def draw(
    canvas: Any,
    pixels: Pixels,
    radius: float | None = 0.06,
    layer: Any = None,
    away: float = 0.0,
    opacity: float | None = None,
) -> Any:
    """Draw a stroke that passes over these pixels; returns its drawing."""
    bpy.context.view_layer.update()
    layer = layer or canvas.data.layers[0]
    drawing = layer.frames[0].drawing
    drawing.add_strokes([len(pixels)])
    inverse = (canvas.matrix_world @ layer.matrix_local).inverted()
    stroke = drawing.strokes[-1]
    for point, (column, row) in zip(stroke.points, pixels, strict=True):
        point.position = inverse @ world_point(reference_of(canvas), column, row, away)
        if radius is not None:
            point.radius = radius
        if opacity is not None:
            point.opacity = opacity
    return drawing


def painted(canvas: Any, softness: float = 0.0) -> np.ndarray:
    """The map of the canvas's image: [64, 96]."""
    image = reference_of(canvas).data
    saliency = canvas_saliency(image, bpy.context.scene, softness, 0.0)
    assert saliency is not None and saliency.shape == (HEIGHT, WIDTH)
    return saliency


def middle(saliency: np.ndarray) -> np.ndarray:
    """The center of what is painted: column, row."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return np.array([(saliency * axis).sum() for axis in (columns, rows)]) / saliency.sum()


def radius_of_dot(saliency: np.ndarray) -> float:
    return math.sqrt(saliency.sum() / math.pi)


# ---- the canvas ----


def corners(item: Any) -> np.ndarray:
    bpy.context.view_layer.update()
    points = [item.matrix_world @ Vector(corner) for corner in item.bound_box]
    return np.array([np.min(points, axis=0), np.max(points, axis=0)])


@pytest.mark.parametrize("placement", [UPRIGHT, FLAT], ids=["upright", "flat"])
def test_the_image_lies_where_its_drawing_will_and_just_behind(
    scene: Any, picture: Any, placement: Placement
) -> None:
    canvas = add_canvas(scene, picture, placement)
    dot = DrawnPath([circle((70, 20), 8)], np.ones(4, np.float32), "detail", "dot")
    add_drawing(scene, Drawing(WIDTH, HEIGHT, [dot]), "photo", placement)
    place = corners(bpy.data.objects["dot"]).mean(axis=0)
    away = place - np.array(world_point(reference_of(canvas), 70, 20))
    towards_viewer = (0, -1, 0) if placement is UPRIGHT else (0, 0, 1)
    assert 0.0 < away @ towards_viewer < 0.01 * placement.size
    np.testing.assert_allclose(np.cross(away, towards_viewer), 0.0, atol=1e-5)


@pytest.mark.parametrize("placement", [UPRIGHT, FLAT], ids=["upright", "flat"])
def test_strokes_are_drawn_in_the_plane_of_the_drawing(
    scene: Any, picture: Any, placement: Placement
) -> None:
    """The canvas's front (its XZ plane), on which strokes are placed, is the drawing's."""
    canvas = add_canvas(scene, picture, placement)
    bpy.context.view_layer.update()
    axis = 1 if placement is UPRIGHT else 2
    for point in ((0, 0, 0), (1, 0, 0), (0, 0, 1), (-0.3, 0, 0.7)):
        assert (canvas.matrix_world @ Vector(point))[axis] == pytest.approx(0.0, abs=1e-6)


def test_names_links_and_a_layer_to_draw_on(scene: Any, picture: Any, canvas: Any) -> None:
    reference = reference_of(canvas)
    assert (canvas.name, reference.name) == ("photo canvas", "photo reference")
    assert canvas.type == "GREASEPENCIL" and canvas.parent == reference
    assert reference.empty_display_type == "IMAGE" and reference.data == picture
    assert find_canvases(scene, picture) == [canvas]
    (layer,) = canvas.data.layers
    assert len(layer.frames) == 1 and canvas.data.layers.active == layer
    look = canvas.data.materials[0].grease_pencil
    assert 0.0 < look.color[3] < 1.0
    assert canvas.show_in_front and canvas.hide_render


def test_links_survive_renaming_unparenting_and_a_file(
    scene: Any, picture: Any, canvas: Any, tmp_path: Path
) -> None:
    picture.name, canvas.name, canvas.parent.name = "a", "b", "c"
    canvas.parent = None
    picture.pack()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    (found,) = find_canvases(bpy.context.scene, bpy.data.images["a"])
    assert found.name == "b" and reference_of(found).name == "c"


def test_all_canvases_share_one_material(scene: Any, picture: Any) -> None:
    canvases = [add_canvas(scene, picture) for _ in range(2)]
    assert len({canvas.data.materials[0].name for canvas in canvases}) == 1


def test_the_operator_adds_a_canvas_and_selects_it(scene: Any, picture: Any) -> None:
    scene.semvec.image, scene.semvec.size, scene.semvec.orientation = picture, 3.0, "FLAT"
    assert bpy.ops.semvec.add_canvas() == {"FINISHED"}
    canvas = bpy.context.object
    assert canvas in find_canvases(scene, picture) and bpy.context.selected_objects == [canvas]
    assert reference_of(canvas).empty_display_size == 3.0
    assert reference_of(canvas).rotation_euler.x == 0.0
    assert scene.tool_settings.gpencil_stroke_placement_view3d == "ORIGIN"
    assert scene.tool_settings.gpencil_sculpt.lock_axis == "AXIS_Y"


def test_the_operator_returns_to_the_canvas_that_is_there(scene: Any, picture: Any) -> None:
    scene.semvec.image = picture
    bpy.ops.semvec.add_canvas()
    canvas = bpy.context.object
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.semvec.add_canvas()
    assert bpy.context.object == canvas and find_canvases(scene, picture) == [canvas]


def test_without_an_image_the_operator_is_disabled(scene: Any) -> None:
    with pytest.raises(RuntimeError, match="Choose or open an image first"):
        bpy.ops.semvec.add_canvas()
    scene.semvec.image = bpy.data.images.new("lost", 8, 8)
    scene.semvec.image.source = "FILE"
    scene.semvec.image.filepath = "/nowhere.png"
    with pytest.raises(RuntimeError, match="'lost' has no pixels"):
        bpy.ops.semvec.add_canvas()


def test_undo_takes_the_canvas_back(scene: Any, picture: Any) -> None:
    scene.semvec.image = picture
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.semvec.add_canvas()
    bpy.ops.ed.undo_push(message="canvas")
    bpy.ops.ed.undo()
    assert "photo canvas" not in bpy.context.scene.objects
    bpy.ops.ed.redo()
    (canvas,) = find_canvases(bpy.context.scene, bpy.data.images["photo"])
    assert reference_of(canvas) == bpy.data.objects["photo reference"]


# ---- strokes in pixels ----


def transforms() -> list[Any]:
    moved = Matrix.Translation((3, -2, 1))
    turned = Euler((0.4, -1.1, 2.0)).to_matrix().to_4x4()
    tripled, squeezed = Matrix.Scale(3, 4), Matrix.Diagonal((0.5, 2.0, 1.0, 1.0))
    return [
        pytest.param(Matrix(), id="at the origin"),
        pytest.param(moved, id="moved"),
        pytest.param(turned, id="turned"),
        pytest.param(tripled, id="scaled"),
        pytest.param(moved @ turned @ tripled, id="all three"),
        pytest.param(turned @ squeezed, id="squeezed"),
        pytest.param(Matrix.Diagonal((-1.0, 1.0, 1.0, 1.0)), id="mirrored"),
    ]


@pytest.mark.parametrize("reference_matrix", transforms())
def test_strokes_hit_their_pixels_wherever_the_canvas_is(
    canvas: Any, reference_matrix: Matrix
) -> None:
    reference = reference_of(canvas)
    reference.matrix_world = reference_matrix @ reference.matrix_world
    draw(canvas, [(70.5, 20.5)])
    saliency = painted(canvas)
    np.testing.assert_allclose(middle(saliency), (70.5, 20.5), atol=0.05)
    # The canvas follows its reference, so the radius is of the image's size: 0.06 of 2 units.
    assert radius_of_dot(saliency) == pytest.approx(0.06 * 96 / 2, abs=0.1)


@pytest.mark.parametrize("canvas_matrix", transforms())
@pytest.mark.parametrize("away", [0.0, 0.7])
def test_strokes_hit_their_pixels_wherever_they_were_drawn_from(
    canvas: Any, canvas_matrix: Matrix, away: float
) -> None:
    """The canvas has left its image, and the strokes float in front of it."""
    bpy.context.view_layer.update()
    canvas.matrix_world = canvas_matrix @ canvas.matrix_world
    draw(canvas, [(20.5, 40.5)], away=away)
    np.testing.assert_allclose(middle(painted(canvas)), (20.5, 40.5), atol=0.05)


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_a_scaled_canvas_has_wider_strokes(canvas: Any, scale: float) -> None:
    canvas.scale = (scale,) * 3
    draw(canvas, [(48, 32)], radius=0.05)
    assert radius_of_dot(painted(canvas)) == pytest.approx(0.05 * 48 * scale, abs=0.1)


def test_a_flattened_reference_still_works(canvas: Any) -> None:
    draw(canvas, [(70.5, 20.5)])
    reference_of(canvas).scale.z = 0.0
    np.testing.assert_allclose(middle(painted(canvas)), (70.5, 20.5), atol=0.05)


def test_the_offset_of_the_reference_counts(canvas: Any) -> None:
    draw(canvas, [(48, 32)])
    reference_of(canvas).empty_image_offset = (-0.25, -0.75)  # half an image right, a quarter down
    saliency = painted(canvas)
    np.testing.assert_allclose(middle(saliency), (48 - 24, 32 - 16), atol=0.05)


def test_a_parent_of_the_reference_counts(scene: Any, canvas: Any) -> None:
    rig = bpy.data.objects.new("rig", None)
    scene.collection.objects.link(rig)
    rig.location, rig.rotation_euler, rig.scale = (1, 2, 3), (0.3, 0.2, 0.1), (2, 2, 2)
    reference_of(canvas).parent = rig
    draw(canvas, [(10.5, 50.5)])
    np.testing.assert_allclose(middle(painted(canvas)), (10.5, 50.5), atol=0.05)


def test_layers_move_with_their_own_transform_and_parent(scene: Any, canvas: Any) -> None:
    unit = 2.0 / WIDTH
    (layer,) = canvas.data.layers
    draw(canvas, [(48, 32)])
    layer.translation = (10 * unit, 0, 5 * unit)  # the canvas's front is its XZ plane
    np.testing.assert_allclose(middle(painted(canvas)), (58, 27), atol=0.05)
    carrier = bpy.data.objects.new("carrier", None)
    scene.collection.objects.link(carrier)
    carrier.location = (-20 * unit, 0, 0)
    layer.parent = carrier
    np.testing.assert_allclose(middle(painted(canvas)), (38, 27), atol=0.05)


def test_a_line_covers_what_lies_between_its_points(canvas: Any) -> None:
    draw(canvas, [(20, 20), (60, 20), (60, 50)], radius=0.0625)  # 3 pixels
    saliency = painted(canvas)
    assert saliency[20, 40] == saliency[35, 60] == 1.0
    assert saliency[20, 15] == saliency[25, 40] == saliency[35, 40] == 0.0


def test_cyclic_strokes_are_closed(canvas: Any) -> None:
    triangle = [(20, 10), (70, 10), (70, 50)]
    drawing = draw(canvas, triangle)
    assert painted(canvas)[30, 45] == 0.0
    drawing.strokes[0].cyclic = True
    assert painted(canvas)[30, 45] == 1.0


def test_radius_and_opacity_follow_the_points(canvas: Any) -> None:
    drawing = draw(canvas, [(20, 32), (76, 32)], radius=0.02)
    drawing.strokes[0].points[1].radius = 0.2
    for point, opacity in zip(drawing.strokes[0].points, (1.0, 0.5), strict=True):
        point.opacity = opacity
    saliency = painted(canvas)
    widths = (saliency > 0.25).sum(axis=0)
    assert widths[24] < 5 and widths[74] > 15
    assert saliency[32, 21] == pytest.approx(0.98, abs=0.02)
    assert saliency[32, 75] == pytest.approx(0.5, abs=0.02)


def test_attributes_may_be_absent(canvas: Any) -> None:
    """A drawing without radius and opacity has Blender's defaults."""
    drawing = draw(canvas, [(30, 30.5), (60, 30.5)], radius=None)
    assert {"radius", "opacity", "cyclic"}.isdisjoint(a.name for a in drawing.attributes)
    saliency = painted(canvas)
    assert saliency[:, 45].sum() == pytest.approx(2 * 0.01 * 48, abs=0.05)
    assert saliency.max() > 0.9


def test_layer_opacity_weakens_all_strokes(canvas: Any) -> None:
    draw(canvas, [(48, 32)], opacity=0.5)
    canvas.data.layers[0].opacity = 0.5
    assert painted(canvas).max() == pytest.approx(0.25, abs=1e-3)


def add_layer(canvas: Any, name: str) -> Any:
    layer = canvas.data.layers.new(name)
    layer.frames.new(1)
    return layer


def test_hidden_layers_groups_and_materials_are_left_out(canvas: Any) -> None:
    groups = canvas.data.layer_groups
    outer = groups.new("outer")
    inner = groups.new("inner", parent_group=outer)
    second = add_layer(canvas, "second")
    canvas.data.layers.move_to_layer_group(second, inner)
    draw(canvas, [(20, 32)])
    draw(canvas, [(80, 32)], layer=second)
    assert painted(canvas)[32, 20] == painted(canvas)[32, 80] == 1.0
    for hidden in (second, inner, outer):
        hidden.hide = True
        assert painted(canvas)[32, 20] == 1.0 and painted(canvas)[32, 80] == 0.0
        hidden.hide = False
    canvas.data.materials[0].grease_pencil.hide = True
    assert canvas_saliency(reference_of(canvas).data, bpy.context.scene, 0.0, 0.0) is None


def test_only_the_frame_that_is_shown_counts(scene: Any, canvas: Any) -> None:
    scene.frame_set(1)
    draw(canvas, [(20, 32)])
    later = canvas.data.layers[0].frames.new(10)
    later.drawing.add_strokes([1])
    later.drawing.strokes[0].points[0].radius = 0.06
    for frame, column in ((1, 20), (9, 20), (10, 48), (99, 48)):
        scene.frame_set(frame)
        assert middle(painted(canvas))[0] == pytest.approx(column, abs=0.05)


def fill_only(canvas: Any, drawing: Any) -> None:
    """Have the first stroke drawn as a filled shape without a line."""
    stroke = drawing.strokes[0]
    if hasattr(stroke, "fill_id"):  # since Blender 5.1
        stroke.fill_id, stroke.hide_stroke = 1, True
        return
    material = canvas.data.materials[0].copy()
    material.grease_pencil.show_fill, material.grease_pencil.show_stroke = True, False
    canvas.data.materials.append(material)
    stroke.material_index = 1


def test_filled_shapes_are_filled(canvas: Any) -> None:
    drawing = draw(canvas, [(30, 20), (30, 40), (60, 40), (60, 20)])
    draw(canvas, [(80, 5)])
    assert painted(canvas)[30, 45] == 0.0
    fill_only(canvas, drawing)
    saliency = painted(canvas)
    expected = np.zeros((HEIGHT, WIDTH))
    expected[20:40, 30:60] = 1.0
    np.testing.assert_allclose(saliency[15:], expected[15:], atol=1e-3)
    assert saliency[5, 80] == 1.0  # the other stroke is a line still
    for stroke in drawing.strokes:
        stroke.fill_opacity = 0.25
    np.testing.assert_allclose(painted(canvas)[15:], expected[15:] * 0.25, atol=1e-3)


def test_strokes_in_pixels_of_any_map(scene: Any, canvas: Any) -> None:
    draw(canvas, [(24, 16), (72, 48)])
    bpy.context.view_layer.update()
    (stroke,) = strokes_of(canvas, reference_of(canvas), 1, 960, 640)
    np.testing.assert_allclose(stroke.points, [(240, 160), (720, 480)], atol=0.01)
    np.testing.assert_allclose(stroke.radii, 0.06 * 480, rtol=1e-4)


# ---- the map ----


def test_nothing_painted_is_no_map(scene: Any, picture: Any) -> None:
    assert canvas_saliency(picture, scene, 0.5, 0.5) is None
    canvas = add_canvas(scene, picture)
    assert canvas_saliency(picture, scene, 0.5, 0.5) is None
    draw(canvas, [(500, 500)])  # beside the image
    assert canvas_saliency(picture, scene, 0.5, 0.5) is None


def test_softness_and_background(scene: Any, picture: Any, canvas: Any) -> None:
    draw(canvas, [(48, 32)], radius=0.25)  # 12 pixels
    soft = canvas_saliency(picture, scene, 1.0, 0.2)
    assert soft[0, 0] == pytest.approx(0.2) and soft[32, 48] > 0.9
    assert soft[32, 54] == pytest.approx(0.2 + 0.8 * 0.5, abs=0.06)


def test_all_canvases_of_the_image_and_no_other_count(
    scene: Any, picture: Any, new_image: Any
) -> None:
    other = new_image("other", np.ones((HEIGHT, WIDTH, 4)))
    for image, column in ((picture, 20), (picture, 40), (other, 80)):
        draw(add_canvas(scene, image), [(column, 32)])
    saliency = canvas_saliency(picture, scene, 0.0, 0.0)
    assert saliency[32, 20] == saliency[32, 40] == 1.0 and saliency[32, 80] == 0.0
    disabled = find_canvases(scene, picture)[0]
    disabled.hide_viewport = True
    assert len(find_canvases(scene, picture)) == 1


def test_a_canvas_hidden_from_view_still_counts(scene: Any, picture: Any, canvas: Any) -> None:
    """One hides it to see the drawing; running again must give the same."""
    draw(canvas, [(48, 32)])
    before = painted(canvas)
    canvas.hide_set(True)
    assert np.array_equal(painted(canvas), before)


def test_a_canvas_without_its_reference_is_ignored(scene: Any, picture: Any, canvas: Any) -> None:
    draw(canvas, [(48, 32)])
    bpy.data.objects.remove(reference_of(canvas))
    assert reference_of(canvas) is None
    assert canvas_saliency(picture, scene, 0.0, 0.0) is None


def test_maps_of_large_images_are_smaller(scene: Any) -> None:
    image = bpy.data.images.new("large", 4000, 1000)
    canvas = add_canvas(scene, image)
    drawing = canvas.data.layers[0].frames[0].drawing
    drawing.add_strokes([1])
    drawing.strokes[0].points[0].radius = 0.1
    saliency = canvas_saliency(image, scene, 0.0, 0.0)
    assert saliency.shape == (512, 2048) and saliency[256, 1024] == 1.0


def test_an_image_without_pixels_is_refused(scene: Any) -> None:
    image = bpy.data.images.new("lost", 8, 8)
    image.source, image.filepath = "FILE", "/nowhere.png"
    with pytest.raises(SaliencyError, match="'lost' has no pixels") as caught:
        canvas_saliency(image, scene, 0.0, 0.0)
    assert caught.value.hint


def test_a_long_scribble(scene: Any, picture: Any, canvas: Any) -> None:
    """40,000 points in 400 strokes, against the same points painted one stroke at a time."""
    rng = np.random.default_rng(0)
    drawing = canvas.data.layers[0].frames[0].drawing
    drawing.add_strokes([100] * 400)
    points = np.zeros((40000, 3), np.float32)
    points[:, 0], points[:, 2] = rng.uniform(-1, 1, 40000), rng.uniform(-0.6, 0.6, 40000)
    drawing.attributes["position"].data.foreach_set("vector", points.ravel())
    bpy.context.view_layer.update()
    strokes = strokes_of(canvas, reference_of(canvas), 1, WIDTH, HEIGHT)
    assert [len(stroke.points) for stroke in strokes] == [100] * 400
    expected = np.array([48, 32]) + points[:, [0, 2]] * (48, -48)
    found = np.concatenate([stroke.points for stroke in strokes])
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert all(np.all(s.radii == t.radii) for s, t in itertools.pairwise(strokes))
