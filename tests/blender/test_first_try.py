# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that tripped artists who tried the extension for the first time."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import path, sample

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing
from semvec.core.worker.job import Finished
from semvec.operators.objects.change_form import change_form
from semvec.operators.objects.collection import add_drawing, read_drawing
from semvec.operators.objects.form import REGION
from semvec.operators.objects.palette import shapes_of
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of
from semvec.operators.objects.splines import fill_of
from semvec.operators.vectorize import place_result

QUICK = {"budget": 16, "iterations": 30, "arrange_view": False}
JARGON = {"budget", "rounds", "ward", "psnr", "schedule", "ablation", "iou", "dbscan", "torch"}


def vectorized(image: Any) -> Any:
    """The newest drawing, of this image."""
    assert bpy.ops.semvec.vectorize(image=image.name, **QUICK) == {"FINISHED"}
    return bpy.data.collections[image.name]


def fills_of(drawing: Any) -> np.ndarray:
    """The colors of all shapes, sRGB and opacity: [N, 4]."""
    return np.array([fill_of(obj.active_material.diffuse_color) for obj in shapes_of(drawing)])


def test_a_half_transparent_disc_keeps_its_color_and_nothing_is_black(new_image: Any) -> None:
    """An opaque red disc and a half transparent blue one, on nothing."""
    x, y = np.meshgrid(np.arange(60) + 0.5, np.arange(40) + 0.5)
    pixels = np.zeros((40, 60, 4), np.float32)
    pixels[np.hypot(x - 16, y - 20) < 12] = (1.0, 0.0, 0.0, 1.0)
    pixels[np.hypot(x - 44, y - 20) < 12] = (0.1, 0.3, 0.9, 0.5)
    fills = fills_of(vectorized(new_image("discs", pixels)))
    assert (fills[:, :3].max(axis=1) > 0.5).all(), "none is black"
    blue = fills[fills[:, 2] > 0.5]
    assert np.abs(blue - (0.1, 0.3, 0.9, 0.5)).max() < 0.03


def test_a_stopped_run_leaves_nothing_that_sticks_out(scene: Any, new_image: Any) -> None:
    image = new_image("half", np.full((20, 30, 4), 0.5))
    disc = path([circle((0.0, 10.0), 8.0)], (1.0, 0.0, 0.0, 1.0), "detail", "disc")
    found = {}
    for stopped in (False, True):
        finished = Finished(Drawing(30, 20, [disc]), {"stopped": stopped}, {})
        drawing = read_drawing(place_result(scene, image, finished))
        found[stopped] = np.concatenate(drawing.paths[0].subpaths)[:, 0].min()
    assert found[False] == pytest.approx(-8.0, abs=0.1), "a finished drawing is left as it is"
    assert found[True] >= -1e-3


def test_a_plain_image_is_one_shape(new_image: Any) -> None:
    fills = fills_of(vectorized(new_image("plain", np.full((30, 40, 4), (0.2, 0.4, 0.6, 1.0)))))
    assert fills == pytest.approx(np.array([(0.2, 0.4, 0.6, 1.0)]), abs=0.01)


def test_labels_have_no_research_words(scene: Any) -> None:
    operators = [getattr(bpy.ops.semvec, name).get_rna_type().name for name in dir(bpy.ops.semvec)]
    properties = [each.name for each in scene.semvec.bl_rna.properties]
    words = {word.lower() for label in (*operators, *properties) for word in label.split()}
    assert len(words) > 60 and not words & JARGON


def test_other_forms_leave_no_materials_and_node_groups_behind(scene: Any) -> None:
    drawing = add_drawing(scene, sample(), "photo", Placement())
    before = len(bpy.data.materials), len(bpy.data.node_groups)
    for form in ("JOINED", "GREASE_PENCIL", "CURVES"):
        change_form(drawing, form)
    assert (len(bpy.data.materials), len(bpy.data.node_groups)) == before
    assert all(each.users for each in bpy.data.materials if REGION in each)


def test_drawings_of_different_images_stand_where_the_3d_cursor_is(scene: Any) -> None:
    """And not one before the other at the origin."""
    places = [(1.0, 2.0, 3.0), (-4.0, 0.0, 1.0)]
    for name, place in zip(("one", "two"), places, strict=True):
        scene.cursor.location = place
        collection = add_drawing(scene, Drawing(30, 20, []), name, Placement(location="CURSOR"))
        assert tuple(root_of(collection).location) == place
