# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the README, made anew in out/gui; docs/pictures has the chosen ones.

The one of painting comes from test_painting.py.
"""

from __future__ import annotations

from pathlib import Path

from panel import Panel
from pictures import LARGEST, keep_picture
from window import Window

STATE = "bpy.context.window_manager.semvec"
SETTINGS = "bpy.context.scene.semvec"

PREFERENCES = """
area("VIEW_3D").ui_type = "PREFERENCES"
bpy.context.preferences.active_section = "ADDONS"
bpy.context.window_manager.addon_search = "Semvec"
bpy.ops.preferences.addon_expand(module="bl_ext.user_default.semvec_ai")
"""

SCRIPT = """import bpy

image = bpy.data.images.load({file!r})
bpy.ops.semvec.vectorize(
    image=image.name,
    budget=64,
    shading="LIT",
    thickness=0.01,
    svg={svg!r},
)
"""
SHOW_SCRIPT = """
bpy.data.objects.remove(bpy.data.objects["Cube"])
small, large, lower = area("VIEW_3D"), area("TEXT_EDITOR"), area("CONSOLE")
large.ui_type, lower.ui_type, small.ui_type = "VIEW_3D", "TEXT_EDITOR", "CONSOLE"
text = bpy.data.texts.new("vectorize.py")
text.write({script!r})
editor = lower.spaces[0]
editor.text, editor.show_syntax_highlight, editor.top = text, True, 0
"""
RUN_SCRIPT = """
window = bpy.context.window_manager.windows[0]
with bpy.context.temp_override(window=window, area=area("TEXT_EDITOR")):
    bpy.ops.text.run_script()
    bpy.ops.semvec.frame_drawing()
shading = area("VIEW_3D").spaces[0].shading
shading.color_type, shading.show_object_outline = "MATERIAL", False
"""


def test_installed(window: Window) -> None:
    window.do(PREFERENCES)
    picture = keep_picture(window, "installed")
    assert picture.stat().st_size < LARGEST


def test_first_result(window: Window, photograph: Path) -> None:
    window.do(f"image = bpy.data.images.load({str(photograph)!r})")
    window.do(f"{SETTINGS}.image = image")
    window.do("bpy.data.objects.remove(bpy.data.objects['Cube'])")
    Panel(window).press("semvec.vectorize")
    window.wait_until(f"{STATE}.fraction > 0.3", 120)
    assert keep_picture(window, "running").stat().st_size < LARGEST
    window.wait_until(f"not {STATE}.running", 180)
    assert keep_picture(window, "first-result").stat().st_size < LARGEST


def test_scripting(window: Window, photograph: Path) -> None:
    script = SCRIPT.format(file=str(photograph), svg=str(photograph.with_suffix(".svg")))
    window.do("bpy.context.window_manager.windows[0].workspace = bpy.data.workspaces['Scripting']")
    window.wait_until("area('TEXT_EDITOR') is not None")
    window.do(SHOW_SCRIPT.format(script=script))
    window.do(RUN_SCRIPT)
    assert keep_picture(window, "scripting").stat().st_size < LARGEST
    assert photograph.with_suffix(".svg").exists()
