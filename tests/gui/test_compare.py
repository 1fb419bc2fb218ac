# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing compared with its source in the 3D viewport."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from panel import Panel
from PIL import Image
from view import prepare_view, seen_pixels
from window import Window

COMPARE = "bpy.context.window_manager.semvec_compare"
ON = "extension('operators.compare.overlay').is_comparing()"
SEARCH = "extension('operators.properties.runtime').RUNTIME.comparison._search"
DRAW = """
image = bpy.data.images.load({file!r})
bpy.ops.semvec.vectorize(image=image.name, kind="flat", budget=8)
space = area("VIEW_3D").spaces[0]
space.overlay.show_overlays = space.show_gizmo = False
"""
BLACKEN = """
for material in bpy.data.materials:
    material.semvec_color = (0, 0, 0)
"""
MAKE_SUN_BLACK = """
bpy.ops.ed.undo_push(message="Drawing")
sun = max(bpy.data.materials, key=lambda m: m.semvec_color[0] + m.semvec_color[1])
sun.semvec_color = (0, 0, 0)
bpy.ops.ed.undo_push(message="Black Sun")
"""


@pytest.fixture
def picture(window: Window, picture_file: Path) -> np.ndarray:
    """The source of a drawing whose shapes were all made black: [H, W, 3]."""
    draw(window, picture_file)
    window.do(BLACKEN)
    return np.asarray(Image.open(picture_file), np.float64)


def draw(window: Window, picture_file: Path) -> None:
    """Draw the picture in an empty scene; the comparison is off, and as at first."""
    prepare_view(window)
    window.do(DRAW.format(file=str(picture_file)))
    window.do(f"{COMPARE}.wipe = {COMPARE}.opacity = 1; {COMPARE}.shown = 'SOURCE'")
    window.point_at("VIEW_3D")


def agreement(window: Window, expected: np.ndarray, name: str = "") -> np.ndarray:
    """The share of each column's pixels that the screen shows as expected."""
    shown = seen_pixels(window, window.screenshot(name), *expected.shape[:2])
    return (np.abs(shown - expected).mean(axis=2) < 12).mean(axis=0)


def test_j_shows_the_source_over_the_drawing_and_hides_it(
    window: Window, picture: np.ndarray
) -> None:
    black = np.zeros_like(picture)
    assert agreement(window, black).mean() > 0.95
    window.key("j")
    assert agreement(window, picture, "compare-source").mean() > 0.97
    window.do(f"{COMPARE}.opacity = 0.5")
    half = seen_pixels(window, window.screenshot("compare-half"), *picture.shape[:2])
    assert (half.mean(axis=(0, 1)) < 0.9 * picture.mean(axis=(0, 1))).all()
    assert (half.mean(axis=(0, 1)) > 0.1 * picture.mean(axis=(0, 1))).all()
    window.key("j")
    assert agreement(window, black).mean() > 0.95


def test_the_wipe_is_dragged_with_the_mouse(window: Window, picture: np.ndarray) -> None:
    width = picture.shape[1]
    middle = window.ask("screen_position((0, 0, 0))")
    window.do("with view3d(): bpy.ops.semvec.drag_wipe('INVOKE_DEFAULT')")
    window.move(middle[0] + 20, middle[1])
    window.click(*middle)
    assert abs(window.ask(f"{COMPARE}.wipe") - 0.5) < 0.01 and window.ask(ON)
    shown = agreement(window, picture, "compare-wipe")
    assert shown[: width // 2 - 5].mean() > 0.97, "the source on the left"
    black = agreement(window, np.zeros_like(picture))
    assert black[width // 2 + 5 :].mean() > 0.95, "the drawing on the right"
    window.do("with view3d(): bpy.ops.semvec.drag_wipe('INVOKE_DEFAULT')")
    window.move(middle[0] + 60, middle[1])
    window.key("Escape")
    assert abs(window.ask(f"{COMPARE}.wipe") - 0.5) < 0.01


def test_the_source_follows_the_drawing(window: Window, picture: np.ndarray) -> None:
    """Moved and scaled; undone, deleted, and in another file it leaves nothing."""
    window.key("j")
    window.do("root = bpy.context.object; root.location, root.scale = (0.3, 0, 0.2), [0.5] * 3")
    shown = window.screenshot("compare-moved")
    x, y = window.ask("screen_position((0.3, 0, 0.2))")
    at = picture[picture.shape[0] // 2, picture.shape[1] // 2]
    assert np.abs(shown[round(y), round(x)].astype(float) - at).max() < 12
    window.do("bpy.ops.semvec.delete_drawing()")
    window.wait_for_redraw()
    window.do("bpy.ops.wm.read_homefile(use_factory_startup=True)")
    assert not window.ask(ON)


def test_the_heat_map_shows_where_the_drawing_is_wrong(window: Window, picture_file: Path) -> None:
    """The sun was made black, and nothing else; undo makes it right again."""
    draw(window, picture_file)
    height, width = 360, 480
    window.do(MAKE_SUN_BLACK)
    window.do(f"{COMPARE}.shown = 'ERROR'")
    window.point_at("VIEW_3D")
    window.key("j")
    window.wait_until(f"{SEARCH}.found is not None")
    shown = seen_pixels(window, window.screenshot("compare-error"), height, width)
    assert (shown[110, 120] > (240, 220, 0)).all(), "yellow on the sun"
    assert np.abs(shown[30, 300] - (40, 70, 140)).max() < 16, "the sky is seen through"
    error = window.ask(f"float({SEARCH}.found.mean())")
    window.key("ctrl+z")
    window.wait_until(f"float({SEARCH}.found.mean()) < {error / 3}")
    shown = seen_pixels(window, window.screenshot("compare-error-undone"), height, width)
    assert np.abs(shown[110, 120] - (250, 210, 60)).max() < 16, "the sun"


def test_the_panel_has_the_comparison_and_its_key(window: Window, picture_file: Path) -> None:
    draw(window, picture_file)
    panel = Panel(window)
    window.do("bpy.context.scene.semvec.guidance = set()")
    assert window.ask("extension('operators.compare.keys').key_name()") == "J"
    panel.press("semvec.compare")
    window.wait_until(ON)
    window.screenshot("compare-panel")
