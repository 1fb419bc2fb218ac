# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of a drawing: curves, joined curves, Grease Pencil; thick, lit, stacked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_drawings import assert_same, in_blender, random_drawing, sample

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Drawing, pack
from semvec.core.drawing import Path as DrawnPath
from semvec.core.rendering.native import render
from semvec.operators.objects.collection import add_drawing, read_drawing, remove_drawing
from semvec.operators.objects.depth_order import (
    DEEPEST,
    HAIR,
    STACKING_STEP,
    sheets,
    stacking_depths,
)
from semvec.operators.objects.grease_pencil import one_outline, polygon
from semvec.operators.objects.placement import Placement

GRAY = np.array([0.5, 0.5, 0.5, 1.0], np.float32)


def discs(circles: Any) -> list[DrawnPath]:
    return [DrawnPath([circle((x, y), radius)], GRAY) for x, y, radius in circles]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(0.1, 30)), min_size=1, max_size=30
    )
)
def test_paths_that_overlap_are_a_step_apart(circles: Any) -> None:
    paths = discs(circles)
    depths = stacking_depths(paths)
    assert depths[0] == 0.0 and (np.diff(depths) > 0.0).all()
    assert depths[-1] <= DEEPEST + HAIR * len(paths)
    step = min(STACKING_STEP, DEEPEST / len(sheets(paths)))
    for i, (x, y, radius) in enumerate(circles):
        for j, (u, v, other) in enumerate(circles[:i]):
            if np.hypot(x - u, y - v) < 0.99 * (radius + other):
                assert depths[i] - depths[j] >= step


def test_a_thousand_paths_on_each_other_are_not_deep() -> None:
    depths = stacking_depths(discs([(50, 50, 20)] * 1000))
    assert depths[-1] <= 0.03


def test_six_hundred_overlapping_shapes_are_stacked_right(scene: Any, tmp_path: Path) -> None:
    drawing = random_drawing(600, opacity=1.0)
    shown = in_blender(scene, drawing, 256, 192, tmp_path / "a.png")
    error = np.abs(shown[..., :3] - render(pack(drawing.paths), 256, 192))
    assert error.mean() <= 2 / 255
    assert np.median(error) <= 0.5 / 255


def test_grease_pencil_fills_keep_beziers_and_colors(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", Placement(form="GREASE_PENCIL"))
    assert [item.type for item in collection.all_objects] == ["EMPTY", "GREASEPENCIL"]
    drawn, expected = read_drawing(collection), sample()
    assert [path.name for path in drawn.paths] == [path.name for path in expected.paths]
    np.testing.assert_allclose(
        render(pack(drawn.paths), 400, 200), render(pack(expected.paths), 400, 200), atol=0.03
    )
    remove_drawing(scene, collection)
    assert not bpy.data.objects


def test_polygons_stand_for_beziers_where_there_are_none() -> None:
    outline = circle((10, 20), 5)
    corners = polygon(outline)
    assert len(corners) == 8 * len(outline) // 3
    np.testing.assert_allclose(corners[::8], outline[::3], atol=1e-5)
    np.testing.assert_allclose(np.hypot(*(corners - (10, 20)).T), 5.0, rtol=1e-3)


def test_slits_change_nothing_that_can_be_seen() -> None:
    holes = [circle(middle, 15)[::-1] for middle in ((30, 50), (70, 50), (50, 80))]
    ring = [circle((50, 50), 48), *(np.roll(hole, 1, axis=0) for hole in holes)]
    joined = [DrawnPath([one_outline(ring)], GRAY)]
    apart = [DrawnPath(ring, GRAY)]
    difference = render(pack(joined), 100, 100) - render(pack(apart), 100, 100)
    assert np.abs(difference).max() < 0.02


def test_thick_curves(scene: Any) -> None:
    placement = Placement(thickness=0.2, orientation="FLAT")
    collection = add_drawing(scene, sample(), "photo", placement)
    bpy.context.view_layer.update()
    (background,) = (
        item for item in collection.children["Structural"].objects if item.location.z == 0
    )
    heights = [corner[2] for corner in background.bound_box]
    assert max(heights) - min(heights) == pytest.approx(0.2)
    assert_same(read_drawing(collection), sample())


def test_lit_shading_reacts_to_light(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo", Placement(shading="LIT"))
    material = collection.children["Detail"].objects[0].active_material
    kinds = {node.bl_idname for node in material.node_tree.nodes}
    assert "ShaderNodeBsdfPrincipled" in kinds and "ShaderNodeEmission" not in kinds
    assert_same(read_drawing(collection), sample())


def test_what_is_disabled_is_left_out(scene: Any) -> None:
    collection = add_drawing(scene, sample(), "photo")
    collection.children["Detail"].hide_viewport = True
    bpy.data.objects["Background"].hide_viewport = True
    assert [path.name for path in read_drawing(collection).paths] == ["structural.001"]


def test_an_empty_drawing_has_no_objects_in_any_form(scene: Any) -> None:
    for form in ("CURVES", "JOINED", "GREASE_PENCIL"):
        collection = add_drawing(scene, Drawing(10, 10), "photo", Placement(form=form))
        assert len(collection.all_objects) == 1


def test_a_background_alone_is_a_sheet() -> None:
    (sheet,) = sheets([DrawnPath([rectangle(0, 0, 9, 9)], GRAY)])
    assert len(sheet) == 1
