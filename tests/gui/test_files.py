# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG files through Blender's own ways: dropped, from the File menu, saved from the panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from panel import Panel
from places import ThisMachine
from view import seen_pixels
from window import Window

STATE = "bpy.context.window_manager.semvec"
DRAWINGS = "[item.name for item in bpy.data.collections if 'semvec_source' in item]"
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30">
<rect width="40" height="30" fill="#234"/><circle cx="20" cy="15" r="10" fill="#fc0"/></svg>"""


def test_a_dropped_svg_asks_how_and_is_imported(window: Window, place: ThisMachine) -> None:
    """Blender asks who shall import it, where several can; then we ask what is to be made.

    The cube is hidden: beside other objects, solid shading stays lit.
    """
    window.do("bpy.data.objects['Cube'].hide_set(True)")
    file = place.folder / "dropped.svg"
    file.write_text(SVG)
    left, top, right, bottom = window.ask("region_box('VIEW_3D', 'WINDOW')")
    window.drop(file, (left + right) / 2, (top + bottom) / 2)
    window.screenshot("dropped-svg-by-whom")
    window.key("End")  # Blender's own importers come first
    window.key("Return")
    window.screenshot("dropped-svg")
    window.key("Return")
    window.wait_until(f"{DRAWINGS} == ['dropped']")
    assert window.ask("len([o for o in bpy.data.objects if o.type == 'CURVE'])") == 2
    assert window.ask("bpy.context.object.name") == "dropped"
    height, width = 75, 100
    shown = seen_pixels(window, window.screenshot("dropped-svg-imported"), height, width)
    assert np.abs(shown[height // 3, width // 2] - (0xFF, 0xCC, 0x00)).max() < 12, "in the disc"
    assert np.abs(shown[3, 3] - (0x22, 0x33, 0x44)).max() < 12, "in the corner"
    window.point_at("VIEW_3D")
    window.key("ctrl+z")
    window.wait_until(f"{DRAWINGS} == []")


def test_exporting_from_the_panel_writes_what_was_edited(
    window: Window, picture_file: Path, place: ThisMachine
) -> None:
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("bpy.ops.semvec.vectorize(image=image.name, kind='photo', budget=6, iterations=5)")
    panel = Panel(window)
    assert panel.find("semvec.export_svg")
    window.do("bpy.data.objects['Background'].active_material.semvec_color = (1, 0, 0)")
    file = place.folder / "edited.svg"
    window.do(f"bpy.ops.semvec.export_svg(filepath={str(file)!r})")
    assert 'fill="#f00"' in file.read_text()
