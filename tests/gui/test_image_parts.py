# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiles of UDIM images and frames of sequences, chosen in the panel."""

from __future__ import annotations

from pathlib import Path

import pytest
from panel import Panel
from PIL import Image
from places import ThisMachine
from window import Window

STATE = "bpy.context.window_manager.semvec"
COLORS = {1: (200, 20, 20), 2: (20, 60, 220), 3: (20, 160, 40)}
QUICK = "s = bpy.context.scene.semvec; s.budget, s.iterations, s.guidance = 4, 10, set()"
TILES = """
image = bpy.data.images.load({file!r})
image.source, image.filepath = "TILED", {pattern!r}
image.tiles.new(1002)
image.tiles.new(1003)
bpy.context.scene.semvec.image = image
"""
SEQUENCE = """
image = bpy.data.images.load({file!r})
image.source = "SEQUENCE"
bpy.context.scene.semvec.image = image
"""
COLOR = "[[*o.active_material.diffuse_color] for o in bpy.data.objects if o.type == 'CURVE'][0]"


@pytest.fixture
def files(place: ThisMachine) -> Path:
    """Files of one color each: u.1001.png and f_0001.png to those with a 3."""
    for number, color in COLORS.items():
        for name in (f"u.{1000 + number}.png", f"f_{number:04d}.png"):
            Image.new("RGB", (64, 48), color).save(place.folder / name)
    return place.folder


def enter(window: Window, panel: Panel, name: str, number: int) -> None:
    """Type a number into a field of the panel."""
    window.move(*panel.find(f"semvec.{name}"))
    window.key("Return")
    window.key("ctrl+a")
    window.type(str(number))
    window.key("Return")
    assert window.ask(f"bpy.context.scene.semvec.{name}") == number


def vectorize(window: Window, panel: Panel) -> int:
    """Press the button; returns the number of the file whose color the drawing has."""
    panel.press("semvec.vectorize")
    window.wait_until(f"{STATE}.result and not {STATE}.running")
    red, green, blue, _ = window.ask(COLOR)
    return 1 + [red, blue, green].index(max(red, green, blue))


def test_the_chosen_tile_is_vectorized(window: Window, files: Path) -> None:
    pattern = str(files / "u.<UDIM>.png")
    window.do(QUICK)
    window.do(TILES.format(file=str(files / "u.1001.png"), pattern=pattern))
    panel = Panel(window)
    enter(window, panel, "tile", 1002)
    window.screenshot("tile-chosen")
    assert vectorize(window, panel) == 2


def test_the_chosen_frame_is_vectorized_and_else_the_one_that_is_shown(
    window: Window, files: Path
) -> None:
    window.do(QUICK)
    window.do(SEQUENCE.format(file=str(files / "f_0001.png")))
    panel = Panel(window)
    enter(window, panel, "frame", 2)
    window.screenshot("frame-chosen")
    assert vectorize(window, panel) == 2
    enter(window, panel, "frame", 0)
    window.do("bpy.context.scene.frame_set(3)")
    assert vectorize(window, panel) == 3
