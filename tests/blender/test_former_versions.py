# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that version 0.1 wrote itself, in Blender 4.5: they open, and their drawings work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from semvec.core.settings import Settings
from semvec.core.svg import load_svg
from semvec.core.version import VERSION
from semvec.operators.objects.collection import (
    WRITER,
    add_drawing,
    find_drawings,
    placement_of,
    read_drawing,
)
from semvec.operators.properties.settings import placement_from, settings_from

FILES = Path(__file__).parent / "files"
WRITTEN = Settings(
    budget=9,
    structural_ratio=0.7,
    containment=0.25,
    mask_count=12,
    refinement="published",
    clustering="recolor",
    iterations=3,
    transparency="always",
    threads=1,
)


@pytest.fixture
def old_scene(scene: Any) -> Any:
    bpy.ops.wm.open_mainfile(filepath=str(FILES / "version_0.1.blend"))
    return bpy.context.scene


def test_settings_of_a_scene_of_version_0_1_are_kept(old_scene: Any) -> None:
    assert settings_from(old_scene.semvec) == WRITTEN
    assert old_scene.semvec.image == bpy.data.images["photo"]


def test_a_drawing_of_version_0_1_is_read_and_exported(old_scene: Any, tmp_path: Path) -> None:
    (collection,) = find_drawings(old_scene, "photo")
    assert WRITER not in collection
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"), drawing=collection.name)
    ours, theirs = load_svg(tmp_path / "a.svg"), load_svg(FILES / "version_0.1.svg")
    assert len(ours.paths) == len(theirs.paths) == 2
    for one, other in zip(ours.paths, theirs.paths):
        assert (one.kind, one.name) == (other.kind, other.name)
        np.testing.assert_allclose(one.fill, other.fill, atol=1e-6)
        np.testing.assert_allclose(one.subpaths[0], other.subpaths[0], atol=2e-3)


def test_a_drawing_of_version_0_1_gives_its_settings_back(old_scene: Any) -> None:
    (collection,) = find_drawings(old_scene, "photo")
    bpy.context.view_layer.objects.active = collection.all_objects[0]
    old_scene.semvec.budget = 77
    assert bpy.ops.semvec.restore_settings() == {"FINISHED"}
    assert settings_from(old_scene.semvec) == WRITTEN
    assert placement_from(old_scene.semvec) == placement_of(collection)
    assert placement_of(collection).size == 3.0


def test_metadata_of_version_0_1_are_settings() -> None:
    drawing = load_svg(FILES / "version_0.1.svg")
    assert Settings.from_dict(drawing.settings) == WRITTEN


def test_drawings_say_which_version_made_them(scene: Any) -> None:
    collection = add_drawing(scene, load_svg(FILES / "version_0.1.svg"), "photo")
    assert collection[WRITER] == VERSION
    assert len(read_drawing(collection).paths) == 2
