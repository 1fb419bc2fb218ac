# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension in a fresh Blender: installed, enabled, silent."""

from __future__ import annotations

from window import Window


def test_installing_says_nothing_but_success(installed: str) -> None:
    assert installed.strip() == 'STATUS Installed "semvec_ai"'


def test_the_extension_is_enabled(window: Window) -> None:
    assert "bl_ext.user_default.semvec_ai" in window.ask(
        "[addon.module for addon in bpy.context.preferences.addons]"
    )
    assert window.ask("bpy.context.scene.semvec.budget") == 128


def test_the_sidebar_opens_with_the_tab(window: Window) -> None:
    closed = window.screenshot("window")
    window.key("n")
    window.wait_until("region('VIEW_3D', 'UI').width > 50")
    window.do("region('VIEW_3D', 'UI').active_panel_category = 'Semvec'")
    opened = window.screenshot("sidebar")
    left, top, right, bottom = window.ask("region_box('VIEW_3D', 'UI')")
    assert (closed != opened)[top:bottom, left:right].any(axis=2).mean() > 0.1
