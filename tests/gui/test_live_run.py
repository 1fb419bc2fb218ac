# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorize Image as a person uses it: the button, moving curves, Esc, undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from panel import Panel
from screen import Screen
from view import changed, prepare_view
from window import Window

STATE = "bpy.context.window_manager.semvec"
DRAWINGS = "[item.name for item in bpy.data.collections if 'semvec_source' in item]"
REPORT = "__import__('json').loads(bpy.data.collections['shapes']['semvec_report'])"
SHAPES = "len([o for o in bpy.data.collections['shapes'].all_objects if o.type == 'CURVE'])"
LEFTOVERS = "len(bpy.data.curves)"
WORKER = "extension('core.worker.process').shared_worker().pid"
# Far more work than a test waits for: flat art would be finished before a key is pressed.
LONG = {"kind": "photo", "exact": True, "iterations": 10_000}


@pytest.fixture
def panel(window: Window, picture_file: Path) -> Panel:
    """The panel, with a picture to choose and a view to see the curves in."""
    prepare_view(window)
    window.do(f"bpy.data.images.load({str(picture_file)!r})")
    return Panel(window)


@pytest.fixture
def ready(window: Window, panel: Panel, picture_file: Path) -> Panel:
    """The panel with the picture chosen."""
    window.do(f"bpy.context.scene.semvec.image = bpy.data.images[{picture_file.name!r}]")
    window.do("bpy.context.scene.semvec.kind = 'photo'")
    window.wait_for_redraw()
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


def test_an_image_is_picked(window: Window, panel: Panel, picture_file: Path) -> None:
    panel.pick_image(picture_file.stem)
    assert window.ask("bpy.context.scene.semvec.image.name") == picture_file.name


def test_curves_appear_move_and_stay(window: Window, ready: Panel) -> None:
    window.screenshot("panel")
    start_run(window, ready, iterations=4000, exact=True)
    sooner = window.screenshot("run-1")
    start = window.ask(f"{STATE}.fraction")
    window.wait_until(f"{STATE}.fraction > {start + 0.2}")
    later = window.screenshot("run-2")
    assert changed(window, sooner, later) > 0.001
    wait_for_end(window)
    window.screenshot("result")
    assert window.ask(DRAWINGS) == ["shapes"]
    found = window.ask(f"({STATE}.error, {REPORT}['paths'], {SHAPES})")
    assert found == ["", 128, 128]


def test_one_undo_takes_all_back_and_redo_returns_it(window: Window, ready: Panel) -> None:
    start_run(window, ready, iterations=50)
    wait_for_end(window)
    window.point_at("VIEW_3D")
    window.key("ctrl+z")
    assert window.ask(DRAWINGS) == []
    assert window.ask(LEFTOVERS) == 0
    window.screenshot("undone")
    window.key("ctrl+shift+z")
    assert window.ask(DRAWINGS) == ["shapes"]
    window.screenshot("redone")


def test_escape_keeps_the_curves_so_far(window: Window, ready: Panel) -> None:
    start_run(window, ready, **LONG, keep_on_cancel=True)
    window.point_at("VIEW_3D")
    window.key("Escape")
    wait_for_end(window)
    window.screenshot("stopped")
    assert window.ask(DRAWINGS) == ["shapes"]
    assert window.ask(f"{REPORT}['stopped']")


def test_cancel_leaves_nothing_behind_where_that_is_set(window: Window, ready: Panel) -> None:
    start_run(window, ready, **LONG, keep_on_cancel=False)
    ready.press("semvec.cancel")
    wait_for_end(window)
    assert window.ask(DRAWINGS) == []
    assert window.ask(LEFTOVERS) == 0


def test_removing_the_image_ends_the_run(window: Window, ready: Panel) -> None:
    start_run(window, ready, **LONG)
    window.do("bpy.data.images.remove(bpy.context.scene.semvec.image)")
    wait_for_end(window)
    assert "removed" in window.ask(f"{STATE}.error")
    assert window.ask(LEFTOVERS) == 0


def test_disabling_the_extension_ends_the_run(window: Window, ready: Panel, screen: Screen) -> None:
    start_run(window, ready, **LONG)
    worker = window.ask(WORKER)
    window.do("bpy.ops.preferences.addon_disable(module='bl_ext.user_default.semvec_ai')")
    assert not screen.is_running(worker)
    assert window.ask(LEFTOVERS) == 0
    window.do("bpy.ops.preferences.addon_enable(module='bl_ext.user_default.semvec_ai')")
    assert window.ask(f"{STATE}.running") is False


def test_loading_another_file_ends_the_run(window: Window, ready: Panel) -> None:
    start_run(window, ready, **LONG)
    window.do("bpy.ops.wm.read_homefile(use_factory_startup=True)")
    window.wait_until(f"not {STATE}.running", 5)
    assert window.ask(DRAWINGS) == []


def test_quitting_ends_the_worker(
    open_window: Callable[..., Window], picture_file: Path, screen: Screen
) -> None:
    window = open_window("quitting")
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("bpy.context.scene.semvec.image = image")
    window.wait_for_redraw()
    start_run(window, Panel(window), **LONG)
    worker = window.ask(WORKER)
    assert screen.is_running(worker)
    window.quit()
    assert not screen.is_running(worker)


def test_a_killed_worker_is_told_and_the_next_run_works(window: Window, ready: Panel) -> None:
    start_run(window, ready, **LONG)
    window.do(f"os.kill({WORKER}, 9)")
    wait_for_end(window)
    window.screenshot("worker-killed")
    assert "ended" in window.ask(f"{STATE}.error")
    assert window.ask(LEFTOVERS) == 0
    start_run(window, ready, iterations=50)
    wait_for_end(window)
    assert window.ask(f"{STATE}.error") == ""
