# SPDX-License-Identifier: GPL-3.0-or-later
"""Guidance as a set: old files, and the settings that follow from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import pytest

from semvec.core.saliency.sources import SOURCES
from semvec.core.settings import Settings
from semvec.operators.inputs.guidance import chosen_sources, guidance_of, missing_input, switches

# A file saved while guidance was one of four choices, numbered by Blender itself.
SAVE_OLD_FILE = """
import sys, bpy
names = "NONE", "PAINTED", "PROMPT", "BOTH"
group = type("SemvecSettings", (bpy.types.PropertyGroup,), {"__annotations__": {
    "guidance": bpy.props.EnumProperty(items=[(name, name, "") for name in names])}})
bpy.utils.register_class(group)
bpy.types.Scene.semvec = bpy.props.PointerProperty(type=group)
bpy.context.scene.semvec.guidance = sys.argv[2]
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
del bpy.types.Scene.semvec
bpy.utils.unregister_class(group)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [("PAINTED", {"PAINTED"}), ("PROMPT", {"PROMPT"}), ("BOTH", {"PAINTED", "PROMPT"})],
)
def test_files_from_before_keep_their_guidance(
    scene: Any, tmp_path: Path, before: str, after: set[str]
) -> None:
    file = str(tmp_path / "old.blend")
    command = [sys.executable, "-c", SAVE_OLD_FILE, file, before]
    saved = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert saved.returncode == 0, saved.stderr
    bpy.ops.wm.open_mainfile(filepath=file)
    assert bpy.context.scene.semvec.guidance == after


def test_guidance_comes_back_from_the_settings_of_a_run(scene: Any) -> None:
    assert guidance_of(Settings(), painted=False) == set()
    assert guidance_of(Settings(prompt="a cup"), painted=False) == {"PROMPT"}
    assert guidance_of(Settings(prompt="a cup"), painted=True) == {"PAINTED", "PROMPT"}


def test_text_of_a_source_that_is_off_stays_in_the_panel_but_not_in_the_run(scene: Any) -> None:
    panel = scene.semvec
    panel.guidance, panel.prompt = set(), "a cup"
    assert switches(panel)["prompt"] == "" and chosen_sources(panel) == []
    panel.guidance = {"PROMPT"}
    assert switches(panel)["prompt"] == "a cup"
    assert [source.name for source in chosen_sources(panel)] == ["prompt"]


def test_new_scenes_look_for_faces_by_themselves_where_they_can(scene: Any) -> None:
    reason = {source.name: source.why_unavailable() for source in SOURCES}["automatic"]
    assert scene.semvec.guidance == (set() if reason else {"AUTOMATIC"})
    assert switches(scene.semvec)["automatic"] is not bool(reason)
    scene.semvec.guidance = set()
    assert switches(scene.semvec)["automatic"] is False


def test_a_source_without_text_is_named(scene: Any) -> None:
    assert missing_input(scene.semvec) is None
    scene.semvec.guidance, scene.semvec.prompt = {"PROMPT"}, "  "
    assert missing_input(scene.semvec).name == "prompt"
