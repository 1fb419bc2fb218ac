# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files that are dropped or chosen to be vectorized."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from semvec.operators.inputs.image_files import SEMVEC_FH_image


@pytest.fixture
def files(scene: Any, picture: Any, tmp_path: Path) -> list[Path]:
    """Two image files, and one that only looks like one; runs are short."""
    paths = [tmp_path / name for name in ("one.png", "two.png", "broken.png")]
    for path in paths[:2]:
        picture.filepath_raw, picture.file_format = str(path), "PNG"
        picture.save()
    paths[2].write_text("no image")
    bpy.data.images.remove(picture)
    scene.semvec.budget, scene.semvec.iterations, scene.semvec.guidance = 3, 0, set()
    return paths


def drawings() -> list[str]:
    """The names of the drawings."""
    return [each.name for each in bpy.data.collections if "semvec_source" in each]


def test_a_file_is_opened_and_vectorized(scene: Any, files: list[Path]) -> None:
    assert bpy.ops.semvec.vectorize_file(filepath=str(files[0])) == {"FINISHED"}
    assert drawings() == ["one"] and scene.semvec.image.name == "one.png"


def test_of_several_files_the_first_is_vectorized_and_all_are_opened(
    scene: Any, files: list[Path]
) -> None:
    """Those that are no images are left out."""
    names = [{"name": path.name} for path in reversed(files)]
    bpy.ops.semvec.vectorize_file(directory=str(files[0].parent), files=names)
    assert drawings() == ["two"]
    assert sorted(image.name for image in bpy.data.images) == ["one.png", "two.png"]


def test_a_file_that_is_no_image_changes_nothing(scene: Any, files: list[Path]) -> None:
    assert bpy.ops.semvec.vectorize_file(filepath=str(files[2])) == {"CANCELLED"}
    assert drawings() == [] and scene.semvec.image is None and not bpy.data.images


@pytest.mark.parametrize(
    ("area", "region", "taken"),
    [
        ("VIEW_3D", "WINDOW", True),
        ("VIEW_3D", "UI", True),
        ("IMAGE_EDITOR", "UI", True),
        ("IMAGE_EDITOR", "WINDOW", False),  # Blender opens the image there
        ("OUTLINER", "WINDOW", False),
    ],
)
def test_drops_are_taken_on_the_viewport_and_on_panels(area: str, region: str, taken: bool) -> None:
    place = SimpleNamespace(area=SimpleNamespace(type=area), region=SimpleNamespace(type=region))
    assert SEMVEC_FH_image.poll_drop(place) == taken
