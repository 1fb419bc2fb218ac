# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's walk of ten minutes through the extension, and the way back by undo alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from palette import choose_color
from panel import Panel
from view import changed
from window import Window

STATE = "bpy.context.window_manager.semvec"
COMPARING = "extension('operators.compare.overlay').is_comparing()"
KINDS = ("objects", "collections", "images", "materials", "curves", "meshes", "cameras", "lights")
FILE = f"""(
    {{kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in {KINDS}}},
    bpy.context.scene.semvec.image, bpy.context.scene.camera.name,
    [*area("VIEW_3D").spaces[0].region_3d.view_rotation],
    area("VIEW_3D").spaces[0].shading.light,
)"""
START = """
bpy.data.objects["Cube"].hide_set(True)
settings = bpy.context.scene.semvec
settings.budget, settings.iterations, settings.resolution = 24, 40, 256
bpy.ops.ed.undo_push(message="Start")
"""
SWATCH = "semvec_color"
FILE_BROWSER = """any(
    area.type == "FILE_BROWSER"
    for window in bpy.context.window_manager.windows for area in window.screen.areas
)"""
PROPOSED = """next(
    (area.spaces.active.params.directory.decode(), area.spaces.active.params.filename)
    for window in bpy.context.window_manager.windows for area in window.screen.areas
    if area.type == "FILE_BROWSER"
)"""
SHAPES = "len([item for item in bpy.data.objects if item.type == 'CURVE'])"
ADDED = 6
ADD = f"""
with view3d():
    bpy.ops.semvec.add_detail("INVOKE_DEFAULT", count={ADDED})
"""
BOX = (-0.4, 0.3), (0.2, -0.2)  # x and z of opposite corners, in the drawing of 2 units
MOST_STEPS = 20  # of undo


def test_an_artists_walk_of_ten_minutes(window: Window, photograph: Path) -> None:
    """From the installed extension to the SVG file; after undo, the file is as it was."""
    window.do(START)
    panel = Panel(window)
    before = window.ask(FILE)
    drop_the_photo(window, photograph)
    recolor(window, panel)
    add_detail(window)
    compare(window)
    export(window, panel)
    undo_all(window, before)


def drop_the_photo(window: Window, photograph: Path) -> None:
    """Drop it on the panel, and choose to vectorize it."""
    left, top, right, bottom = window.ask("region_box('VIEW_3D', 'UI')")
    window.drop(photograph, left + (right - left) / 3, top + (bottom - top) * 0.8)
    window.key("Return")
    window.wait_until(f"{STATE}.result and not {STATE}.running")
    assert window.ask("bpy.context.object.type") == "EMPTY", "the drawing is selected"
    window.screenshot("walk-drawing")


def recolor(window: Window, panel: Panel) -> None:
    """Open the palette, click a swatch, and type the code of red."""
    shown = window.screenshot()
    color = choose_color(window, panel, SWATCH, "FF0000")
    window.wait_until(f"[round(channel, 3) for channel in {color}] == [1, 0, 0]")
    red = window.screenshot("walk-recolored")
    assert (shown != red).any(axis=2).mean() > 0.01


def add_detail(window: Window) -> None:
    """Drag a box over the drawing, in which shapes are added."""
    shapes, left = window.ask(SHAPES), window.screenshot()
    window.do(ADD)
    corners = [tuple(window.ask(f"screen_position(({x}, 0, {z}))")) for x, z in BOX]
    window.drag(corners[0], tuple(np.mean(corners, axis=0)), corners[1])
    window.wait_until(f"{SHAPES} == {shapes + ADDED} and not {STATE}.running")
    assert window.ask(f"{STATE}.error") == ""
    assert changed(window, left, window.screenshot("walk-detail")) > 0.001


def compare(window: Window) -> None:
    """Look at the source by a key."""
    window.point_at("VIEW_3D")
    drawing = window.screenshot()
    window.key("j")
    assert window.ask(COMPARING)
    source = window.screenshot("walk-source")
    assert changed(window, drawing, source) > 0.1
    window.key("j")
    assert changed(window, drawing, window.screenshot()) < 0.01, "nothing is left of it"


def export(window: Window, panel: Panel) -> None:
    """Scroll back to Export, and accept the folder and the name that the file browser proposes."""
    window.point_at("VIEW_3D", "UI")
    window.scroll_up(20)
    panel.press("semvec.export_svg")
    window.wait_until(FILE_BROWSER)
    folder, name = window.wait_until(PROPOSED)
    window.screenshot("walk-export")
    window.point_at("VIEW_3D")  # off the button Cancel
    window.key("Return")
    window.wait_until(f"not {FILE_BROWSER}")
    written = Path(folder) / name
    assert written.suffix == ".svg" and 'fill="#f00"' in written.read_text()


def undo_all(window: Window, before: object) -> None:
    """Undo until the file is as it was at the start."""
    window.point_at("VIEW_3D")
    for _ in range(MOST_STEPS):
        if window.ask(FILE) == before:
            break
        window.key("ctrl+z")
    assert window.ask(FILE) == before
    window.screenshot("walk-undone")
