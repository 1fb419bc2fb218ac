# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM from Blender: the operator with the tiny model, and what the panel shows of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from semvec.operators.objects.collection import find_drawings, read_drawing
from semvec.operators.properties.report import REPORT
from semvec.panels import sidebar

DATA = Path(__file__).resolve().parents[1] / "data"
SAM = {
    "segmenter": "sam",
    "sam_model": str(DATA / "tiny_sam.pt"),
    "points_per_side": 8,
    "predicted_iou": 0.85,
    "stability": 0.8,
    "device": "cpu",
}
SMALL = {"budget": 12, "iterations": 20, "threads": 1}


@pytest.fixture
def shapes_image(new_image: Any) -> Any:
    """An image datablock of a few colored shapes."""
    sys.path.insert(0, str(DATA))
    from shapes import draw_pictures

    rgb = draw_pictures(4_100, 1, 96, 128)[0].image
    return new_image("shapes", np.dstack([rgb, np.ones(rgb.shape[:2], np.float32)]))


class Recorder:
    """Stands for a layout: remembers which properties are drawn."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def prop(self, owner: Any, name: str, **options: Any) -> None:
        self.shown.append(name)

    def template_ID(self, owner: Any, name: str, **options: Any) -> None:  # noqa: N802
        self.shown.append(name)

    def label(self, **options: Any) -> None:
        pass

    def column(self, **options: Any) -> Recorder:
        return self

    row = column

    def operator(self, *names: Any, **options: Any) -> None:
        pass


def shown_of_masks(settings: Any) -> list[str]:
    layout = Recorder()
    sidebar._draw_masks(layout, settings)
    return layout.shown


def test_the_operator_draws_with_masks_by_sam(scene: Any, shapes_image: Any) -> None:
    pytest.importorskip("torch")
    assert bpy.ops.semvec.vectorize(image="shapes", exact=True, **SMALL, **SAM) == {"FINISHED"}
    (collection,) = find_drawings(scene, "shapes")
    assert len([item for item in collection.all_objects if item.type == "CURVE"]) == 12
    used = read_drawing(collection).settings
    assert {name: used[name] for name in SAM} == SAM
    assert json.loads(collection[REPORT])["paths"] == 12


def test_a_model_that_is_not_there_is_said(scene: Any, shapes_image: Any) -> None:
    pytest.importorskip("torch")
    with pytest.raises(RuntimeError, match="nowhere"):
        bpy.ops.semvec.vectorize(image="shapes", **SMALL, **{**SAM, "sam_model": "/nowhere.pt"})
    assert find_drawings(scene, "shapes") == []


def test_the_panel_shows_sams_settings_where_sam_is_chosen(scene: Any, shapes_image: Any) -> None:
    settings = scene.semvec
    assert shown_of_masks(settings) == ["segmenter", "mask_count", "masks_image"]
    settings.segmenter = "sam"
    sam = ["sam_model", "points_per_side", "predicted_iou", "stability"]
    assert shown_of_masks(settings) == ["segmenter", *sam, "mask_count", "masks_image"]
    settings.masks_image = shapes_image
    assert shown_of_masks(settings) == ["masks_image"]


def test_names_are_spelled_as_artists_know_them(scene: Any) -> None:
    properties = scene.semvec.bl_rna.properties
    names = [properties[name].name for name in ("sam_model", "predicted_iou", "points_per_side")]
    assert names == ["SAM Model", "Mask Quality", "Points per Side"]
    assert [item.name for item in properties["segmenter"].enum_items] == ["Built-in", "SAM"]
    assert [item.name for item in properties["device"].enum_items] == ["Auto", "CPU", "CUDA", "MPS"]
