# SPDX-License-Identifier: GPL-3.0-or-later
"""The AI engine in a real window: missing parts, background tasks and failures are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from panel import Panel
from window import Window

MODULE = "bl_ext.user_default.semvec_ai"
STATE = f"__import__('importlib').import_module('{MODULE}.operators.run.engine_tasks')"

# No index, no wheels: pip is asked at once and finds nothing.
NOWHERE = """
import os
os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS="/nowhere", SEMVEC_HOME={home!r})
bpy.context.preferences.system.use_online_access = True
"""

PREFERENCES = f"""
with view3d():
    bpy.ops.screen.area_split(direction="VERTICAL", factor=0.2)
area("VIEW_3D").type = "PREFERENCES"
bpy.context.preferences.active_section = "ADDONS"
bpy.context.window_manager.addon_search = "Semvec"
bpy.ops.preferences.addon_expand(module="{MODULE}")
"""


@pytest.fixture
def prompting(window: Window) -> Panel:
    """The panel, with a prompt."""
    window.do("bpy.context.scene.semvec.guidance = {'PROMPT'}")
    return Panel(window)


def test_the_sidebar_says_what_a_prompt_needs(window: Window, prompting: Panel) -> None:
    window.do("bpy.context.preferences.system.use_online_access = False")
    assert not window.ask("bpy.ops.semvec.install_engine.poll()")
    assert prompting.find("screen.userpref_show")
    window.screenshot("engine-offline")
    window.do("bpy.context.preferences.system.use_online_access = True")
    assert window.ask("bpy.ops.semvec.install_engine.poll()")
    window.wait_for_redraw()
    assert prompting.find("semvec.install_engine") and prompting.find("semvec.download_model")
    window.screenshot("engine-missing")


def test_an_installation_that_fails(window: Window) -> None:
    """The window goes on; afterwards the preferences say why, and it can be tried again."""
    home = window.ask("__import__('tempfile').mkdtemp()")
    window.do(NOWHERE.format(home=home))
    # In one request: it may fail before another one.
    start, goes_on = "bpy.ops.semvec.install_engine('EXEC_DEFAULT')", f"{STATE}.current_task()"
    other = "bpy.ops.semvec.download_model.poll()"
    assert window.ask(f"({start}, {goes_on} is not None, {other})[1:]") == [True, False]
    window.do(PREFERENCES)
    window.screenshot("engine-installing")
    window.wait_until(f"{STATE}.current_task() is None")
    message, hint = window.ask(f"{STATE}.failure()")
    assert "can't" in message and hint, message
    window.screenshot("engine-failed")
    assert window.ask("bpy.ops.semvec.install_engine.poll()")
    assert window.ask(f"[n for n in __import__('os').listdir({home!r} + '/engine')]") != []
    assert not window.ask(f"__import__('os').path.exists({home!r} + '/engine/environment')")


def test_an_installation_that_is_cancelled(window: Window, prompting: Panel) -> None:
    """The button asks first; what it starts is stopped."""
    home = window.ask("__import__('tempfile').mkdtemp()")
    window.do(NOWHERE.format(home=home))
    window.wait_for_redraw()
    prompting.press("semvec.install_engine")
    assert window.ask(f"{STATE}.current_task() is None"), "not before it is confirmed"
    window.screenshot("engine-question")
    window.key("Return")
    window.wait_until(f"{STATE}.current_task() or {STATE}.last_task()")
    window.do("bpy.ops.semvec.cancel_task.poll() and bpy.ops.semvec.cancel_task()")
    window.wait_until(f"{STATE}.current_task() is None")
    assert not window.ask(f"__import__('os').path.exists({home!r} + '/engine/environment')")


def test_a_prompt_without_the_engine_starts_no_run(
    window: Window, prompting: Panel, picture_file: Path
) -> None:
    """The button is disabled, with the reason below it; nothing fails."""
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("s = bpy.context.scene.semvec; s.image, s.prompt = image, 'the sun'")
    prompting.press("semvec.vectorize")
    window.screenshot("engine-missing-button")
    state = "bpy.context.window_manager.semvec"
    assert window.ask(f"({state}.running, {state}.error)") == [False, ""]
