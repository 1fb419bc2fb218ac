# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes and drawings that are linked from another file: seen, exported, left as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest
from sample_drawings import assert_same, sample

from semvec.core.errors import OutputError
from semvec.operators.objects.collection import add_drawing, find_drawings, read_drawing
from semvec.panels import sidebar

SMALL = {"kind": "photo", "budget": 4, "iterations": 3, "mask_count": 12, "threads": 1}


def link(file: Path, kind: str, name: str) -> Any:
    """A data-block of another file."""
    with bpy.data.libraries.load(str(file), link=True) as (_, wanted):
        setattr(wanted, kind, [name])
    return getattr(wanted, kind)[0]


@pytest.fixture
def linked_scene(picture: Any, scene: Any, tmp_path: Path) -> Any:
    """The scene that is shown."""
    scene.semvec.image = picture
    picture.pack()
    scene.name = "Elsewhere"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    linked = link(tmp_path / "a.blend", "scenes", "Elsewhere")
    bpy.context.window.scene = linked
    return linked


def test_nothing_is_added_to_a_linked_scene(linked_scene: Any, tmp_path: Path) -> None:
    message = "'Elsewhere' is linked from another file"
    for call in (
        lambda: bpy.ops.semvec.vectorize(image="photo", **SMALL),
        lambda: bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg")),
        bpy.ops.semvec.add_canvas,
        bpy.ops.semvec.run_again,
    ):
        with pytest.raises(RuntimeError, match=message):
            call()
    assert message in sidebar._why_not(bpy.context)
    with pytest.raises(OutputError, match=message):
        add_drawing(linked_scene, sample(), "photo")
    assert not bpy.data.curves and [item.name for item in bpy.data.collections] == []


def test_a_linked_drawing_is_exported_and_has_no_levels(
    scene: Any, picture: Any, tmp_path: Path
) -> None:
    bpy.ops.semvec.vectorize(image="photo", **SMALL)
    (collection,) = find_drawings(scene, "photo")
    drawing = read_drawing(collection)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.collection.children.link(link(tmp_path / "a.blend", "collections", "photo"))
    (linked,) = find_drawings(bpy.context.scene, "photo")
    assert_same(read_drawing(linked), drawing)
    assert bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg")) == {"FINISHED"}
    with pytest.raises(RuntimeError, match="'photo' is linked from another file"):
        bpy.ops.semvec.level_of_detail(regions=1)
