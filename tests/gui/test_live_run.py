# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorize Image as a person uses it: the button, moving curves, Esc, undo."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from panel import Panel
from window import Window

STATE = "bpy.context.window_manager.semvec"
DRAWINGS = "[item.name for item in bpy.data.collections if 'semvec_source' in item]"
LEFTOVERS = "len(bpy.data.curves) + len([item for item in bpy.data.objects if item.type == 'CURVE'])"
LONG = 10_000  # iterations, far more than a test waits for

# A viewport as one has it for drawing: from the front, flat colours, nothing in the way.
PREPARE_VIEW = """
bpy.data.batch_remove(list(bpy.data.objects))
shading = area("VIEW_3D").spaces[0].shading
shading.light, shading.color_type, shading.show_object_outline = "FLAT", "OBJECT", False
with view3d():
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.context.region_data.view_distance = 4.5
"""


@pytest.fixture
def panel(window: Window, picture_file: Path) -> Panel:
    """The panel, with a picture to choose and a view to see the curves in."""
    window.do(PREPARE_VIEW)
    window.do(f"bpy.data.images.load({str(picture_file)!r})")
    return Panel(window)


@pytest.fixture
def ready(window: Window, panel: Panel, picture_file: Path) -> Panel:
    """The panel with the picture chosen."""
    panel.pick_image(picture_file.stem)
    assert window.ask("bpy.context.scene.semvec.image.name") == picture_file.name
    return panel


def start_run(window: Window, panel: Panel, **settings: object) -> None:
    """Press the button, and wait for the first curves."""
    for name, value in settings.items():
        window.do(f"bpy.context.scene.semvec.{name} = {value!r}")
    panel.press("semvec.vectorize")
    window.wait_until(DRAWINGS)


def wait_for_end(window: Window) -> None:
    window.wait_until(f"not {STATE}.running", 120)


def test_without_an_image_the_button_says_why_it_is_disabled(window: Window, panel: Panel) -> None:
    window.screenshot("panel-without-image")
    panel.press("semvec.vectorize")
    assert not window.ask(f"{STATE}.running")


def test_curves_appear_move_and_stay(window: Window, ready: Panel) -> None:
    window.screenshot("panel")
    window.do("forget_pauses()")
    start_run(window, ready, iterations=1000)
    sooner = window.screenshot("run-1")
    start = window.ask(f"{STATE}.fraction")
    window.wait_until(f"{STATE}.fraction > {start + 0.2}")
    later = window.screenshot("run-2")
    assert moved(window, sooner, later) > 0.002
    wait_for_end(window)
    window.screenshot("result")
    print(json.dumps(summary(window.ask("pauses()"))))
    assert window.ask(DRAWINGS) == ["shapes.png"]
    assert window.ask(f"({STATE}.error, {STATE}.paths)") == ["", 128]


def moved(window: Window, sooner: np.ndarray, later: np.ndarray) -> float:
    """The share of the viewport's pixels that differ."""
    left, top, right, bottom = window.ask("region_box('VIEW_3D', 'WINDOW')")
    right, _, _, _ = window.ask("region_box('VIEW_3D', 'UI')")
    return float((sooner != later)[top:bottom, left:right].any(axis=2).mean())


def summary(pauses: dict[str, list[float]]) -> dict[str, list[float]]:
    """Median, 95 % and longest pause."""
    return {
        name: [round(float(x), 3) for x in np.quantile(values, [0.5, 0.95, 1.0])]
        for name, values in pauses.items()
    }


def test_one_undo_takes_all_back_and_redo_returns_it(window: Window, ready: Panel) -> None:
    start_run(window, ready, iterations=50)
    wait_for_end(window)
    window.point_at("VIEW_3D")
    window.key("ctrl+z")
    assert window.ask(DRAWINGS) == []
    assert window.ask(LEFTOVERS) == 0
    window.screenshot("undone")
    window.key("ctrl+shift+z")
    assert window.ask(DRAWINGS) == ["shapes.png"]
    window.screenshot("redone")


def test_escape_keeps_the_curves_so_far(window: Window, ready: Panel) -> None:
    start_run(window, ready, iterations=LONG, keep_on_cancel=True)
    window.point_at("VIEW_3D")
    window.key("Escape")
    wait_for_end(window)
    window.screenshot("stopped")
    assert window.ask(DRAWINGS) == ["shapes.png"]
    assert window.ask(f"{STATE}.stopped")


def test_cancel_leaves_nothing_behind_where_that_is_set(window: Window, ready: Panel) -> None:
    start_run(window, ready, iterations=LONG, keep_on_cancel=False)
    ready.press("semvec.cancel")
    wait_for_end(window)
    assert window.ask(DRAWINGS) == []
    assert window.ask(LEFTOVERS) == 0


def test_loading_another_file_ends_the_run(window: Window, ready: Panel) -> None:
    start_run(window, ready, iterations=LONG)
    window.do("bpy.ops.wm.read_homefile(use_factory_startup=True)")
    window.wait_until(f"not {STATE}.running", 5)
    assert window.ask(DRAWINGS) == []


def test_a_killed_worker_is_told_and_the_next_run_works(window: Window, ready: Panel) -> None:
    start_run(window, ready, iterations=LONG)
    window.do("import os, signal; os.kill(extension('operators.worker_process').shared_worker().pid, signal.SIGKILL)")
    wait_for_end(window)
    window.screenshot("worker-killed")
    assert "ended" in window.ask(f"{STATE}.error")
    assert window.ask(LEFTOVERS) == 0
    window.key("Escape")  # closes Blender's pop-up with the error
    start_run(window, ready, iterations=50)
    wait_for_end(window)
    assert window.ask(f"{STATE}.error") == ""
