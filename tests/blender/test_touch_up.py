# SPDX-License-Identifier: GPL-3.0-or-later
"""Touch-up of drawings in Blender: what changes, what stays, and what is in the way."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector
from sample_drawings import object_of, sample

from semvec.core.bezier import bounds
from semvec.core.drawing import Drawing, pack
from semvec.core.errors import SaliencyError
from semvec.core.rendering.native import render
from semvec.operators.editing.touch_up import SEMVEC_OT_add_detail, why_no_touch_up
from semvec.operators.inputs.view_box import BoxDrag, box_on_drawing, region_of
from semvec.operators.objects.collection import add_drawing, read_drawing, read_shapes
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of
from semvec.operators.properties.report import REPORT
from semvec.operators.run.drawing_session import DrawingSession
from semvec.operators.run.session import current_session

FRONT = Matrix.Rotation(-math.pi / 2, 4, "X")  # the drawing stands in the XZ plane


def shapes() -> Drawing:
    """The sample with a green disc, which can be seen on the ring: 400 x 200 pixels."""
    drawing = sample()
    drawing.paths[2].fill = np.array([0.1, 0.8, 0.1, 1.0], np.float32)
    return drawing


@pytest.fixture
def drawing(scene: Any, new_image: Callable[..., Any]) -> Any:
    """A drawing of an image that it fits exactly, but for a bright dot at the lower right."""
    pixels = np.ones((200, 400, 4), np.float32)
    pixels[..., :3] = render(pack(shapes().paths), 400, 200)
    pixels[130:170, 300:340, :3] = (1.0, 1.0, 0.0)
    new_image("photo", pixels)
    return add_drawing(scene, shapes(), "photo")


def state_of(obj: Any) -> tuple[Any, ...]:
    """All that shows of an object."""
    points = [point for spline in obj.data.splines for point in spline.bezier_points]
    places = [tuple(each) for point in points for each in (point.co, point.handle_left)]
    matrix = tuple(map(tuple, obj.matrix_basis))
    return obj.name, obj.as_pointer(), obj.active_material, matrix, *places


def shape_objects(collection: Any) -> list[Any]:
    return [obj for obj, _ in read_shapes(collection)]


def middle(collection: Any, name: str) -> np.ndarray:
    """The middle of a path on the canvas."""
    paths = {path.name: path for path in read_drawing(collection).paths}
    return bounds(paths[name].subpaths).mean(axis=0)


# What the operators do


def test_detail_is_added_in_the_box_and_the_rest_is_not_touched(drawing: Any) -> None:
    objects = shape_objects(drawing)
    before = [state_of(obj) for obj in objects]
    box = (280, 110, 360, 110, 360, 190, 280, 190)
    assert bpy.ops.semvec.add_detail(count=2, box=box) == {"FINISHED"}
    now = shape_objects(drawing)
    assert now[:3] == objects and [state_of(obj) for obj in objects] == before
    assert len(now) == 5 and all(obj.parent == root_of(drawing) for obj in now)
    assert set(now[3:]) <= set(drawing.children["Detail"].objects)
    for path in read_drawing(drawing).paths[3:]:
        assert np.allclose(bounds(path.subpaths).mean(axis=0), [320, 150], atol=25)
    assert np.allclose(read_drawing(drawing).paths[3].fill[:3], [1, 1, 0], atol=0.1)
    report = json.loads(drawing[REPORT])
    assert (report["paths"], report["added"], report["changed"]) == (5, 2, 0)


def test_new_shapes_are_in_the_collection_of_the_object_they_lie_on(
    scene: Any, drawing: Any
) -> None:
    paths = [replace(path, group="Sky") for path in shapes().paths]
    grouped = add_drawing(scene, replace(shapes(), paths=paths), "photo")
    old = shape_objects(grouped)
    box = (280, 110, 360, 110, 360, 190, 280, 190)
    assert bpy.ops.semvec.add_detail(count=1, box=box) == {"FINISHED"}
    (new,) = set(shape_objects(grouped)) - set(old)
    (owner,) = new.users_collection
    assert owner.name.startswith("Sky") and owner in list(grouped.children_recursive)
    assert {path.group for path in read_drawing(grouped).paths} == {"Sky"}


def test_a_shape_moved_by_hand_goes_back_and_keeps_its_name_and_material(drawing: Any) -> None:
    disc = object_of("detail.000")
    disc.name = "Sun"
    material, where = disc.active_material, list(drawing.children["Detail"].objects)
    disc.location.x += 0.015  # 3 pixels
    bpy.context.view_layer.update()
    assert np.allclose(middle(drawing, "Sun"), [113, 100], atol=0.1)
    assert bpy.ops.semvec.refine_drawing() == {"FINISHED"}
    assert np.allclose(middle(drawing, "Sun"), [110, 100], atol=0.3)
    assert bpy.data.objects["Sun"] == disc and disc.active_material == material
    assert list(drawing.children["Detail"].objects) == where


def test_a_turned_and_stretched_shape_is_refined_where_it_is_seen(drawing: Any) -> None:
    disc = object_of("detail.000")
    disc.rotation_euler.y += 0.5
    disc.scale = (1.1, 1.0, 0.95)
    bpy.context.view_layer.update()
    wrong = np.ptp(bounds(read_drawing(drawing).paths[2].subpaths), axis=0)
    bpy.ops.semvec.refine_drawing()
    assert not np.allclose(wrong, 60, atol=1)
    assert np.allclose(np.ptp(bounds(read_drawing(drawing).paths[2].subpaths), axis=0), 60, atol=1)


def test_shapes_that_cannot_be_selected_are_locked(drawing: Any) -> None:
    disc, ring = object_of("detail.000"), object_of("structural.001")
    for obj in (disc, ring):
        obj.location.x += 0.015
    disc.hide_select = True
    bpy.context.view_layer.update()
    before = state_of(disc)
    bpy.ops.semvec.refine_drawing()
    assert state_of(disc) == before
    assert np.allclose(middle(drawing, "structural.001"), [100, 100], atol=0.5)


def test_only_selected_shapes_change_on_request(drawing: Any) -> None:
    disc, ring = object_of("detail.000"), object_of("structural.001")
    for obj in (disc, ring):
        obj.location.x += 0.015
        obj.select_set(obj == disc)
    bpy.context.view_layer.update()
    before = state_of(ring)
    bpy.ops.semvec.refine_drawing(selected=True)
    assert state_of(ring) == before
    assert middle(drawing, "detail.000")[0] < 112.5


def test_the_least_useful_shapes_go(drawing: Any) -> None:
    box = (280, 110, 360, 110, 360, 190, 280, 190)
    bpy.ops.semvec.add_detail(count=3, box=box)
    kept = {obj.name for obj in shape_objects(drawing)[:3]}
    assert bpy.ops.semvec.remove_least_useful(count=2) == {"FINISHED"}
    names = {obj.name for obj in shape_objects(drawing)}
    assert len(names) == 4 and kept < names
    assert json.loads(drawing[REPORT])["removed"] == 2


def test_the_painted_mask_says_where(scene: Any, drawing: Any, new_image: Any) -> None:
    mask = np.zeros((50, 100, 4), np.float32)
    mask[..., 3] = 1
    mask[25:, 60:, :3] = 1
    scene.semvec.saliency_image = new_image("mask", mask)
    assert bpy.ops.semvec.add_detail(count=1, where="PAINTED") == {"FINISHED"}
    new = read_drawing(drawing).paths[3]
    assert np.allclose(bounds(new.subpaths).mean(axis=0), [320, 150], atol=25)


def test_one_undo_step_brings_everything_back(drawing: Any) -> None:
    bpy.ops.ed.undo_push(message="before")
    before = read_drawing(drawing)
    bpy.ops.semvec.add_detail(count=2, where="PICTURE")
    bpy.ops.ed.undo_push(message="after")
    assert len(read_drawing(bpy.data.collections["photo"]).paths) == 5
    bpy.ops.ed.undo()
    after = read_drawing(bpy.data.collections["photo"])
    assert [path.name for path in after.paths] == [path.name for path in before.paths]


# In the background


def ticked(session: DrawingSession, condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < deadline, session.status
        session.tick()
        time.sleep(0.01)


def started(drawing: Any, **options: Any) -> DrawingSession:
    """A session as the operator starts it, without a window."""
    operator = SimpleNamespace(
        count=2, where="PICTURE", adjust=True, selected=False, box=(0.0,) * 8, **options
    )
    for name in ("_changes", "_region", "_is_locked"):
        setattr(operator, name, getattr(SEMVEC_OT_add_detail, name).__get__(operator))
    job, place = SEMVEC_OT_add_detail._job(operator, bpy.context, drawing, previews=True)
    image = bpy.data.images["photo"]
    return DrawingSession(bpy.context.scene, image, job, place, Placement(), drawing=drawing)


def test_the_drawing_is_hidden_behind_a_preview_while_it_is_worked_on(drawing: Any) -> None:
    session = started(drawing)
    ticked(session, lambda: drawing.hide_viewport or session.over)
    assert current_session() is session and not session.over
    assert len(bpy.data.collections) > 3
    ticked(session, lambda: session.over)
    assert session.error is None and session.result == drawing
    assert not drawing.hide_viewport and len(read_drawing(drawing).paths) == 5
    assert [each.name for each in bpy.context.scene.collection.children] == ["photo"]


def test_an_aborted_run_leaves_the_drawing_as_it_was(drawing: Any) -> None:
    before = [state_of(obj) for obj in shape_objects(drawing)]
    session = started(drawing)
    ticked(session, lambda: drawing.hide_viewport or session.over)
    session.abort()
    assert not drawing.hide_viewport and current_session() is None
    assert [state_of(obj) for obj in shape_objects(drawing)] == before


def test_a_drawing_that_is_deleted_meanwhile_ends_the_run(drawing: Any) -> None:
    session = started(drawing)
    bpy.ops.semvec.delete_drawing()
    ticked(session, lambda: session.over)
    assert session.result is None and session.error is not None


# The box


@pytest.mark.parametrize("turned", [0.0, 0.4])
def test_a_box_in_the_viewport_is_a_box_on_the_drawing(drawing: Any, turned: float) -> None:
    """The corners, projected to the viewport again by hand, are those of the box."""
    root = root_of(drawing)
    bpy.context.view_layer.update()
    view = Matrix.Rotation(turned, 4, "Y") @ FRONT
    perspective = Matrix.Diagonal((0.5, 0.8, -0.1, 1.0)) @ view
    box = ((100.0, 80.0), (220.0, 160.0))
    corners = box_on_drawing(drawing, perspective, (400, 300), box)
    for pixel, expected in zip(
        corners, [(100, 80), (220, 80), (220, 160), (100, 160)], strict=True
    ):
        scale = drawing["semvec_canvas"][2]
        below = ((pixel[0] - 200) * scale, (100 - pixel[1]) * scale, 0.0, 1.0)
        clip = perspective @ root.matrix_world @ Vector(below)
        seen = ((clip.x / clip.w + 1) * 200, (clip.y / clip.w + 1) * 150)
        assert np.allclose(seen, expected, atol=0.01)


def test_a_box_is_dragged_with_the_left_button(drawing: Any) -> None:
    region = SimpleNamespace(
        type="WINDOW", x=100, y=50, width=400, height=300, tag_redraw=lambda: None
    )
    sidebar = SimpleNamespace(type="UI", x=400, y=50, width=100, height=300)
    area = SimpleNamespace(type="VIEW_3D", regions=[region, sidebar])
    cursors: list[str] = []
    window = SimpleNamespace(
        cursor_modal_set=cursors.append, cursor_modal_restore=lambda: cursors.append("")
    )
    context = SimpleNamespace(screen=SimpleNamespace(areas=[area]), window=window)

    def event(kind: str, value: str, x: int, y: int) -> Any:
        return SimpleNamespace(type=kind, value=value, mouse_x=x, mouse_y=y)

    drag = BoxDrag(context)
    assert not drag.handle(context, event("MOUSEMOVE", "NOTHING", 200, 200))
    assert not drag.handle(context, event("LEFTMOUSE", "PRESS", 450, 200)), "over the sidebar"
    assert drag.handle(context, event("LEFTMOUSE", "PRESS", 300, 250))
    assert drag.handle(context, event("MOUSEMOVE", "NOTHING", 200, 200))
    assert drag.handle(context, event("LEFTMOUSE", "RELEASE", 150, 100)) and drag.done
    drag.close(context)
    assert drag.corners == ((50.0, 50.0), (200.0, 200.0)) and drag.region is region
    assert cursors == ["CROSSHAIR", ""]


def test_the_region_is_what_the_box_covers(drawing: Any) -> None:
    region = region_of(drawing, np.array([[100, 50], [300, 50], [300, 150], [100, 150.0]]))
    assert region.shape == (512, 1024)
    assert region.mean() == pytest.approx(0.25, abs=0.01)
    assert region[256, 512] and not region[100, 512] and not region[256, 200]


def test_a_click_is_a_box_of_no_part_of_the_drawing(drawing: Any) -> None:
    with pytest.raises(SaliencyError, match="no part of the drawing"):
        region_of(drawing, np.full((4, 2), 100.0))


def test_a_box_beside_the_drawing_is_an_error(drawing: Any) -> None:
    with pytest.raises(RuntimeError, match="no part of the drawing"):
        bpy.ops.semvec.add_detail(box=(-90, -90, -10, -90, -10, -10, -90, -10))
    with pytest.raises(RuntimeError, match="There is no box"):
        bpy.ops.semvec.add_detail()


# What is in the way


def test_the_reason_is_said_where_nothing_can_be_touched_up(scene: Any, drawing: Any) -> None:
    assert why_no_touch_up(bpy.context) == ""
    bpy.data.images["photo"].scale(300, 300)
    assert "has another shape" in why_no_touch_up(bpy.context)
    bpy.data.images.remove(bpy.data.images["photo"])
    assert "Choose the image" in why_no_touch_up(bpy.context)
    assert not bpy.ops.semvec.refine_drawing.poll()
    bpy.data.objects.remove(root_of(drawing))
    assert "empty" in why_no_touch_up(bpy.context)
    bpy.ops.semvec.delete_drawing()
    assert "no drawing" in why_no_touch_up(bpy.context)


def test_joined_shapes_have_to_be_separate_first(scene: Any, drawing: Any) -> None:
    joined = add_drawing(scene, shapes(), "photo", Placement(form="JOINED"))
    bpy.context.view_layer.objects.active = root_of(joined)
    assert "Form to Curves" in why_no_touch_up(bpy.context)
    joined.semvec_form = "CURVES"
    assert why_no_touch_up(bpy.context) == ""


def test_too_many_shapes_to_remove_is_an_error_with_a_hint(drawing: Any) -> None:
    with pytest.raises(RuntimeError, match="2 shapes can be removed, not 9"):
        bpy.ops.semvec.remove_least_useful(count=9)
    assert len(read_drawing(drawing).paths) == 3


def test_an_imported_drawing_is_compared_with_the_active_image(scene: Any, drawing: Any) -> None:
    other = add_drawing(scene, Drawing(200, 100, shapes().scaled(200, 100).paths), "icon.svg")
    bpy.context.view_layer.objects.active = root_of(other)
    scene.semvec.image = bpy.data.images["photo"]
    assert bpy.ops.semvec.add_detail(count=1, where="PICTURE") == {"FINISHED"}
    new = read_drawing(other).paths[3]
    assert np.allclose(bounds(new.subpaths).mean(axis=0), [160, 75], atol=12)
