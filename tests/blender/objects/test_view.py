# SPDX-License-Identifier: GPL-3.0-or-later
"""Viewport shading of a drawing: solid colors, or materials where it has gradients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest
from sample_drawings import ramps, sample

from semvec.core.drawing import Drawing
from semvec.core.svg import save_svg
from semvec.operators.objects import view as arranged_view
from semvec.operators.objects.collection import Placement, add_drawing
from semvec.operators.objects.view import ArrangedView


@pytest.fixture
def shading(scene: Any) -> Any:
    """That of the only viewport; colors are seen as Blender has them at first, and punchy."""
    scene.view_settings.look = "AgX - Punchy"
    (area,) = (
        area
        for window in bpy.context.window_manager.windows
        for area in window.screen.areas
        if area.type == "VIEW_3D"
    )
    return area.spaces.active.shading


def state(shading: Any) -> tuple[str, ...]:
    settings = bpy.context.scene.view_settings
    return shading.type, shading.color_type, settings.view_transform, settings.look


BEFORE = ("SOLID", "MATERIAL", "AgX", "AgX - Punchy")


@pytest.mark.parametrize(
    ("drawing", "placement", "expected"),
    [
        (sample(), Placement(), ("SOLID", "OBJECT", "AgX", "AgX - Punchy")),
        (ramps(), Placement(), ("MATERIAL", "OBJECT", "Standard", "None")),
        (ramps(), Placement(form="JOINED"), ("MATERIAL", "MATERIAL", "Standard", "None")),
        (ramps(), Placement(shading="LIT"), ("MATERIAL", "OBJECT", "AgX", "AgX - Punchy")),
        (ramps(), Placement(form="GREASE_PENCIL"), ("SOLID", "VERTEX", "AgX", "AgX - Punchy")),
    ],
)
def test_ramps_are_seen_and_all_is_put_back(
    scene: Any, shading: Any, drawing: Drawing, placement: Placement, expected: Any
) -> None:
    assert state(shading) == BEFORE
    arranged = ArrangedView(bpy.context, add_drawing(scene, drawing, "photo", placement))
    assert state(shading) == expected
    assert bool(arranged.note) == (expected[2] == "Standard")
    arranged.put_back()
    assert state(shading) == BEFORE


def test_a_result_with_ramps_is_seen_after_its_preview(scene: Any, shading: Any) -> None:
    """The preview has none at first, and consists of curves for every form of the result."""
    preview = add_drawing(scene, Drawing(9, 9), "photo")
    arranged = ArrangedView(bpy.context, preview)
    assert state(shading)[:3] == ("SOLID", "OBJECT", "AgX") and not arranged.note
    arranged.show(add_drawing(scene, ramps(), "photo", Placement(form="JOINED")))
    assert state(shading)[:3] == ("MATERIAL", "MATERIAL", "Standard")


def test_solid_shading_stays_where_blender_draws_in_software(
    scene: Any, shading: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arranged_view, "draws_in_software", lambda: True)
    flat = ArrangedView(bpy.context, add_drawing(scene, sample(), "flat"))
    assert not flat.note
    arranged = ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert (
        state(shading) == ("SOLID", "OBJECT", *BEFORE[2:]) and "Material Preview" in arranged.note
    )
    shading.type = "MATERIAL"  # who looks at materials all the same sees them exactly
    arranged = ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert state(shading)[::2] == ("MATERIAL", "Standard") and "Standard" in arranged.note


def test_ramps_instead_of_a_flat_drawing_are_seen(scene: Any, shading: Any) -> None:
    shading.color_type = "OBJECT"
    collection = add_drawing(scene, ramps(), "photo")
    ArrangedView(bpy.context, collection, replaced_form="CURVES")
    assert state(shading)[:3] == ("MATERIAL", "OBJECT", "Standard")


def test_shading_that_is_not_solid_is_left_alone(scene: Any, shading: Any) -> None:
    shading.type = "WIREFRAME"
    before = state(shading)
    ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert state(shading) == before


def test_colors_are_exact_where_materials_are_seen_already(scene: Any, shading: Any) -> None:
    """As they are after a step back, which leaves viewports as they are."""
    shading.type = "MATERIAL"
    ArrangedView(bpy.context, add_drawing(scene, sample(), "photo"))
    assert state(shading)[::2] == ("MATERIAL", "AgX"), "these have nothing to do with ramps"
    ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert state(shading)[::2] == ("MATERIAL", "Standard")


def test_what_somebody_has_changed_since_stays(scene: Any, shading: Any) -> None:
    arranged = ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    shading.type = "WIREFRAME"
    scene.view_settings.view_transform = "Filmic"
    arranged.put_back()
    assert state(shading)[::2] == ("WIREFRAME", "Filmic")


def test_without_a_window_an_import_changes_no_view(
    scene: Any, shading: Any, tmp_path: Path
) -> None:
    save_svg(ramps(), tmp_path / "a.svg")
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"))
    assert state(shading) == BEFORE
