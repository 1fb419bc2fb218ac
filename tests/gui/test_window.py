# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension in a fresh Blender: installed, enabled, silent."""

from __future__ import annotations

from window import Window


def test_the_window_opens_with_the_extension_enabled(window: Window) -> None:
    assert "semvec" in window.ask("hasattr(bpy.context.scene, 'semvec') and 'semvec'")
    picture = window.screenshot("window")
    assert len(set(map(tuple, picture[::20, ::20].reshape(-1, 3)))) > 10, "an empty window"


def test_the_sidebar_opens(window: Window) -> None:
    window.key("n")
    window.wait_until("bpy.context.window_manager.windows[0].screen.areas and region_box('VIEW_3D', 'UI')[2] - region_box('VIEW_3D', 'UI')[0] > 50", 10)
    window.screenshot("sidebar")
