# SPDX-License-Identifier: GPL-3.0-or-later
"""Smooth edges of viewports: off during a run where Blender draws in software, and back after."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from semvec.core.settings import Settings
from semvec.operators.blender import antialiasing as edge_smoothing
from semvec.operators.blender.antialiasing import SmoothingPause
from semvec.operators.objects.collection import Placement
from semvec.operators.run.session import Session
from semvec.operators.vectorize import place_result, start_job


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Blender's preferences, as if it drew in software."""
    monkeypatch.setattr(edge_smoothing, "draws_in_software", lambda: True)
    system = bpy.context.preferences.system
    before = system.viewport_aa
    system.viewport_aa = "8"
    yield system
    system.viewport_aa = before


@pytest.mark.parametrize("unsaved", [True, False])
def test_it_pauses_and_nobody_has_changed_the_preferences(system: Any, unsaved: bool) -> None:
    bpy.context.preferences.is_dirty = unsaved
    pause = SmoothingPause()
    assert system.viewport_aa == "OFF" and bpy.context.preferences.is_dirty == unsaved
    pause.end()
    assert system.viewport_aa == "8" and bpy.context.preferences.is_dirty == unsaved


def test_what_is_chosen_meanwhile_stays(system: Any) -> None:
    pause = SmoothingPause()
    system.viewport_aa = "FXAA"
    pause.end()
    assert system.viewport_aa == "FXAA"
    system.viewport_aa = "OFF"
    pause = SmoothingPause()
    system.viewport_aa = "8"
    pause.end()
    assert system.viewport_aa == "8"


def test_it_ends_once(system: Any) -> None:
    pause = SmoothingPause()
    pause.end()
    system.viewport_aa = "OFF"
    pause.end()
    assert system.viewport_aa == "OFF"


def test_a_run_that_ends_early_gives_it_back(system: Any, scene: Any, picture: Any) -> None:
    job = start_job(picture, Settings(budget=10, iterations=10000, threads=1), previews=True)
    session = Session(scene, picture, job, place_result, Placement())
    assert system.viewport_aa == "OFF"
    session.abort()
    assert system.viewport_aa == "8"


def test_a_graphics_card_needs_no_pause() -> None:
    before = bpy.context.preferences.system.viewport_aa
    pause = SmoothingPause()  # in the background nothing is drawn at all
    assert bpy.context.preferences.system.viewport_aa == before
    pause.end()
