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
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.view import ArrangedView
from semvec.operators.run.arranged_views import follow_undo, forget_views, remember_view

BEFORE = ("SOLID", "MATERIAL", "STUDIO", "AgX", "AgX - Punchy")
LOOK = ("AgX", "AgX - Punchy")


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
    return (
        shading.type, shading.color_type, shading.light, settings.view_transform, settings.look,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("drawing", "placement", "expected"),
    [
        (sample(), Placement(), ("SOLID", "MATERIAL", "FLAT", *LOOK)),
        (sample(), Placement(shading="LIT"), ("SOLID", "MATERIAL", "STUDIO", *LOOK)),
        (sample(), Placement(thickness=0.1), ("SOLID", "MATERIAL", "STUDIO", *LOOK)),
        (ramps(), Placement(), ("MATERIAL", "MATERIAL", "FLAT", "Standard", "None")),
        (ramps(), Placement(form="JOINED"), ("MATERIAL", "MATERIAL", "FLAT", "Standard", "None")),
        (ramps(), Placement(shading="LIT"), ("MATERIAL", "MATERIAL", "STUDIO", *LOOK)),
        (
            ramps(),
            Placement(form="GREASE_PENCIL"),
            ("MATERIAL", "VERTEX", "FLAT", "Standard", "None"),
        ),
    ],
)
def test_the_exact_colors_are_seen_and_all_is_put_back(
    scene: Any, shading: Any, drawing: Drawing, placement: Placement, expected: Any
) -> None:
    assert state(shading) == BEFORE
    arranged = ArrangedView(bpy.context, add_drawing(scene, drawing, "photo", placement))
    assert state(shading) == expected
    assert bool(arranged.note) == (expected[3] == "Standard")
    arranged.put_back()
    assert state(shading) == BEFORE


def test_no_lines_lead_from_the_empty_to_the_shapes(scene: Any, shading: Any) -> None:
    (area,) = (area for area in bpy.context.screen.areas if area.type == "VIEW_3D")
    overlay = area.spaces.active.overlay
    assert overlay.show_relationship_lines
    arranged = ArrangedView(bpy.context, add_drawing(scene, sample(), "photo"))
    assert not overlay.show_relationship_lines
    arranged.put_back()
    assert overlay.show_relationship_lines


@pytest.mark.parametrize("drawing", [sample(), ramps()])
def test_other_objects_never_change_their_look(scene: Any, shading: Any, drawing: Drawing) -> None:
    bpy.ops.mesh.primitive_cube_add()
    arranged = ArrangedView(bpy.context, add_drawing(scene, drawing, "photo"))
    assert state(shading) == BEFORE
    assert "Solid shading" in arranged.note


def test_hidden_objects_do_not_count(scene: Any, shading: Any) -> None:
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.hide_set(True)
    ArrangedView(bpy.context, add_drawing(scene, sample(), "photo"))
    assert state(shading)[2] == "FLAT"


def test_a_result_with_ramps_is_seen_after_its_preview(scene: Any, shading: Any) -> None:
    """The preview has none at first, and consists of curves for every form of the result."""
    preview = add_drawing(scene, Drawing(9, 9), "photo")
    arranged = ArrangedView(bpy.context, preview)
    assert state(shading)[:4] == ("SOLID", "MATERIAL", "FLAT", "AgX") and not arranged.note
    arranged.show(add_drawing(scene, ramps(), "photo", Placement(form="JOINED")))
    assert state(shading)[:4] == ("MATERIAL", "MATERIAL", "FLAT", "Standard")


def test_solid_shading_stays_where_blender_draws_in_software(
    scene: Any, shading: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arranged_view, "draws_in_software", lambda: True)
    flat = ArrangedView(bpy.context, add_drawing(scene, sample(), "flat"))
    assert not flat.note
    arranged = ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert state(shading)[::3] == ("SOLID", "AgX") and "Material Preview" in arranged.note
    shading.type = "MATERIAL"  # who looks at materials all the same sees them exactly
    arranged = ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert state(shading)[::3] == ("MATERIAL", "Standard") and "Standard" in arranged.note


def test_light_is_seen_on_a_lit_drawing_that_replaces_a_flat_one(scene: Any, shading: Any) -> None:
    ArrangedView(bpy.context, add_drawing(scene, sample(), "photo"))
    assert shading.light == "FLAT"
    lit = add_drawing(scene, sample(), "photo", Placement(shading="LIT", thickness=0.05))
    ArrangedView(bpy.context, lit, replaced=Placement())
    assert shading.light == "STUDIO"


def test_a_drawing_that_replaces_its_like_changes_nothing(scene: Any, shading: Any) -> None:
    shading.light = "MATCAP"
    ArrangedView(bpy.context, add_drawing(scene, sample(), "photo"), replaced=Placement())
    assert state(shading)[:3] == ("SOLID", "MATERIAL", "MATCAP")


def test_shading_that_is_not_solid_is_left_alone(scene: Any, shading: Any) -> None:
    shading.type = "WIREFRAME"
    before = state(shading)
    ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert state(shading) == before


def test_colors_are_exact_where_materials_are_seen_already(scene: Any, shading: Any) -> None:
    shading.type = "MATERIAL"
    ArrangedView(bpy.context, add_drawing(scene, sample(), "photo"))
    assert state(shading)[::3] == ("MATERIAL", "AgX"), "these have nothing to do with gradients"
    ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    assert state(shading)[::3] == ("MATERIAL", "Standard")


def test_changes_by_the_artist_since_stay(scene: Any, shading: Any) -> None:
    arranged = ArrangedView(bpy.context, add_drawing(scene, ramps(), "photo"))
    shading.type = "WIREFRAME"
    scene.view_settings.view_transform = "Filmic"
    arranged.put_back()
    assert state(shading)[:4] == ("WIREFRAME", "MATERIAL", "STUDIO", "Filmic")


def test_undo_puts_the_view_back_and_redo_arranges_it_again(scene: Any, shading: Any) -> None:
    forget_views()
    bpy.ops.ed.undo_push(message="before")
    collection = add_drawing(scene, sample(), "photo")
    remember_view(collection, ArrangedView(bpy.context, collection))
    bpy.ops.ed.undo_push(message="after")
    follow_undo()
    assert shading.light == "FLAT", "nothing was undone"
    bpy.ops.ed.undo()
    follow_undo()
    assert state(shading)[:3] == BEFORE[:3]
    bpy.ops.ed.redo()
    follow_undo()
    assert state(shading)[:3] == ("SOLID", "MATERIAL", "FLAT")


def test_without_a_window_an_import_changes_no_view(
    scene: Any, shading: Any, tmp_path: Path
) -> None:
    save_svg(ramps(), tmp_path / "a.svg")
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"))
    assert state(shading) == BEFORE
