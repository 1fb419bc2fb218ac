# SPDX-License-Identifier: GPL-3.0-or-later
"""The note that a render will differ from the viewport."""

from __future__ import annotations

from typing import Any

import bpy

from semvec.core.drawing import Drawing
from semvec.core.models import MODELS
from semvec.core.settings import Settings
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.render_note import render_note
from semvec.panels import engine


def test_a_render_in_other_colors_is_announced_until_the_camera_is_set_up(scene: Any) -> None:
    drawing = add_drawing(scene, Drawing(30, 20, []), "photo", Placement())
    scene.view_settings.view_transform = "AgX"
    assert "view transform AgX" in render_note(scene, drawing)
    bpy.ops.semvec.set_up_camera()
    assert render_note(scene, drawing) == ""
    scene.view_settings.exposure = 1.0
    assert "exposure" in render_note(scene, drawing)


def test_a_lit_drawing_has_no_exact_colors_to_lose(scene: Any) -> None:
    drawing = add_drawing(scene, Drawing(30, 20, []), "photo", Placement(shading="LIT"))
    scene.view_settings.view_transform = "AgX"
    assert render_note(scene, drawing) == ""


def test_every_model_says_what_it_is_good_for() -> None:
    """Those that settings start with are recommended."""
    assert set(engine._PURPOSES) == set(MODELS)
    recommended = {name for name, text in engine._PURPOSES.items() if "recommended" in text}
    assert recommended == {Settings().sam_model, Settings().clip_model}
