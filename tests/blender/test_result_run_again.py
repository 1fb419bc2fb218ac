# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a drawing, which stay with it for Run Again."""

from __future__ import annotations

from typing import Any

import bpy
import pytest
from sample_drawings import sample

from semvec.core.settings import Settings
from semvec.core.svg import to_svg
from semvec.operators.objects.collection import add_drawing, find_drawings, read_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.properties.settings import placement_from, settings_from

SMALL = {"kind": "photo", "budget": 10, "iterations": 20, "mask_count": 12, "threads": 1}


@pytest.mark.parametrize("form", ["CURVES", "JOINED"])
def test_running_again_restores_and_replaces(scene: Any, picture: Any, form: Any) -> None:
    placement = Placement(size=3.0, orientation="FLAT", form=form)
    bpy.ops.semvec.vectorize(image="photo", **SMALL, structural_ratio=0.7, **placement.to_dict())
    (first,) = find_drawings(scene, "photo")
    drawing = to_svg(read_drawing(first))
    assert settings_from(scene.semvec) == Settings()
    assert bpy.ops.semvec.run_again() == {"FINISHED"}
    (second,) = find_drawings(scene, "photo")
    assert to_svg(read_drawing(second)) == drawing
    assert settings_from(scene.semvec) == Settings(**SMALL, structural_ratio=0.7)
    assert placement_from(scene.semvec) == placement
    assert scene.semvec.image == picture


def test_running_again_adds_where_that_was_the_setting(scene: Any, picture: Any) -> None:
    bpy.ops.semvec.vectorize(image="photo", **SMALL, existing="ADD")
    bpy.ops.semvec.run_again()
    assert len(find_drawings(scene, "photo")) == 2


def test_guidance_and_masks_are_restored(scene: Any, picture: Any) -> None:
    bpy.ops.semvec.vectorize(image="photo", **SMALL, saliency_image="photo", masks_image="photo")
    bpy.ops.semvec.restore_settings()
    panel = scene.semvec
    assert (panel.guidance, panel.saliency_image, panel.masks_image) == (
        {"PAINTED"}, picture, picture,
    )  # fmt: skip


def test_errors_say_what_is_missing(scene: Any, picture: Any) -> None:
    assert not bpy.ops.semvec.run_again.poll()
    add_drawing(scene, sample(), "gone")
    with pytest.raises(RuntimeError, match="'gone' is not in this file"):
        bpy.ops.semvec.restore_settings()
    imported = sample()
    imported.settings.clear()
    add_drawing(scene, imported, "photo")
    bpy.context.view_layer.objects.active = find_drawings(scene, "photo")[0].all_objects[0]
    with pytest.raises(RuntimeError, match="was not vectorized here"):
        bpy.ops.semvec.restore_settings()
