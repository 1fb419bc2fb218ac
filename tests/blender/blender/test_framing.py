# SPDX-License-Identifier: GPL-3.0-or-later
"""Selection by framing; tests/gui has the views themselves."""

from __future__ import annotations

from typing import Any

import bpy
from sample_drawings import sample

from semvec.operators.blender.framing import select_only
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.root import root_of
from semvec.operators.objects.view import frame_drawing


def test_the_empty_alone_is_selected(scene: Any) -> None:
    top = add_drawing(scene, sample(), "photo")
    bpy.data.objects["Background"].select_set(True)
    select_only(bpy.context.view_layer, root_of(top))
    assert bpy.context.view_layer.objects.selected[:] == [root_of(top)]
    assert bpy.context.view_layer.objects.active == root_of(top)


def test_what_is_in_another_scene_is_not_selected(scene: Any) -> None:
    top = add_drawing(bpy.data.scenes.new("other"), sample(), "photo")
    select_only(scene.view_layers[0], root_of(top))
    assert scene.view_layers[0].objects.active is None


def test_without_a_window_nothing_is_framed(scene: Any) -> None:
    frame_drawing(bpy.context, add_drawing(scene, sample(), "photo"))
    assert not bpy.ops.semvec.frame_drawing.poll()
