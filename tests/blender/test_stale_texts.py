# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of the panel follow what they are about."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import pytest

from semvec.core.errors import SaliencyError
from semvec.operators.inputs.canvas import add_canvas
from semvec.operators.run.session import show_failure
from semvec.operators.saliency_mask import add_mask
from semvec.panels import presets, sidebar

OWN = Path(presets.__file__).parents[1] / "presets" / "semvec"


def labels() -> str:
    """Return the texts of the main panel, in one line."""
    layout = MagicMock()
    shown = SimpleNamespace(
        scene=bpy.context.scene,
        object=None,
        space_data=None,
        window_manager=bpy.context.window_manager,
    )
    sidebar._Main.draw(SimpleNamespace(layout=layout), shown)
    calls = (call for call in layout.mock_calls if call[0].endswith(".label"))
    return " ".join(call.kwargs.get("text", "") for call in calls)


@pytest.fixture
def canvas(scene: Any, picture: Any) -> Any:
    """A canvas and a mask without a stroke, and the failure of a run that was to use them."""
    scene.semvec.image = picture
    canvas = add_canvas(scene, picture)
    add_mask(picture)
    error = SaliencyError("Nothing is painted for 'photo'.", "Draw on a saliency canvas.")
    show_failure(bpy.context.window_manager.semvec, error)
    assert "Nothing is painted" in labels() and "Draw on a saliency" in labels()
    return canvas


def test_nothing_is_painted_goes_away_with_a_stroke_on_the_canvas(canvas: Any) -> None:
    canvas.data.layers[0].frames[0].drawing.add_strokes([3])
    assert "Nothing is painted" not in labels()


def test_nothing_is_painted_goes_away_with_a_stroke_on_the_mask(canvas: Any, picture: Any) -> None:
    mask = add_mask(picture)
    mask.pixels[0] = 1.0
    assert mask.is_dirty and "Nothing is painted" not in labels()


def test_nothing_is_painted_goes_away_where_nothing_needs_to_be(canvas: Any) -> None:
    guidance = set(bpy.context.scene.semvec.guidance)
    bpy.context.scene.semvec.guidance = guidance ^ {"PAINTED"}
    assert "Nothing is painted" not in labels()
    bpy.context.scene.semvec.guidance = guidance
    assert "Nothing is painted" in labels(), "as it is still true"


def test_the_name_of_the_preset_follows_edits_and_new_files(scene: Any) -> None:
    scene.semvec.kind, scene.semvec.budget = "flat", 99
    assert presets.active_preset(scene.semvec) == ""
    for name in ("Poster", "Logo"):
        file = str(OWN / f"{name}.py")
        menu = presets.SEMVEC_MT_presets.__name__
        bpy.ops.script.execute_preset(filepath=file, menu_idname=menu)
        assert presets.active_preset(scene.semvec) == name
    scene.semvec.budget += 1
    assert presets.active_preset(scene.semvec) == ""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    before = presets.active_preset(bpy.context.scene.semvec)
    assert before == "Illustration", "whose settings are the default ones"
