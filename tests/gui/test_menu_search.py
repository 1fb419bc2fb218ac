# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu search finds the extension by the words that people try."""

from __future__ import annotations

from pathlib import Path

import pytest
from window import Window

STATE = "bpy.context.window_manager.semvec"
SEARCH = """
with view3d():
    bpy.ops.wm.search_menu("INVOKE_DEFAULT")
"""
QUICK = "s = bpy.context.scene.semvec; s.budget, s.iterations, s.guidance = 6, 10, set()"
FILE_BROWSERS = """
[a.type for w in bpy.context.window_manager.windows for a in w.screen.areas].count("FILE_BROWSER")
""".strip()


def search(window: Window, words: str) -> None:
    """Type words into the menu search, and choose what it finds first."""
    window.do(SEARCH)
    window.wait_for_redraw()
    window.type(words)
    window.screenshot(f"search-{words.replace(' ', '-')}")
    window.key("Return")


@pytest.mark.parametrize("words", ["vectorize image", "trace image"])
def test_the_chosen_image_is_vectorized_from_the_menu_search(
    window: Window, picture_file: Path, words: str
) -> None:
    window.do(QUICK)
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("bpy.context.scene.semvec.image = image")
    search(window, words)
    window.wait_until(f"{STATE}.result and not {STATE}.running")
    assert window.ask("bpy.context.object.name") == "shapes"


def test_an_image_file_is_chosen_from_the_menu_search(window: Window) -> None:
    """By the word SVG, which is what one wants to have of it."""
    search(window, "image svg")
    window.wait_until(f"{FILE_BROWSERS} == 1")
    window.screenshot("search-file")
    window.key("Escape")
    window.wait_until(f"{FILE_BROWSERS} == 0")
