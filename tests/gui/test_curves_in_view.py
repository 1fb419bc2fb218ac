# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator as scripts call it: what the viewport then shows."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image
from places import ThisMachine
from view import prepare_view, seen_pixels
from window import Window

HIDE_OVERLAYS = """
space = area("VIEW_3D").spaces[0]
space.overlay.show_overlays = space.show_gizmo = False
"""


def test_the_viewport_shows_the_picture(window: Window, picture_file: Path) -> None:
    prepare_view(window)
    window.do(HIDE_OVERLAYS)
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("bpy.ops.semvec.vectorize(image=image.name, kind='photo', budget=12, iterations=60)")
    expected = np.asarray(Image.open(picture_file), np.float64)  # [H, W, 3]
    shown = seen_pixels(window, window.screenshot("curves"), *expected.shape[:2])
    difference = np.abs(shown - expected).mean(axis=2)
    assert (difference < 12).mean() > 0.95


GRADIENTS = """<svg xmlns="http://www.w3.org/2000/svg" width="256" height="192">
<linearGradient id="a" gradientUnits="userSpaceOnUse" x1="30" y1="150" x2="120" y2="40">
<stop stop-color="#c85"/><stop offset="1" stop-color="#854"/></linearGradient>
<radialGradient id="b" gradientUnits="userSpaceOnUse" cx="160" cy="80" r="70">
<stop stop-color="#58b"/><stop offset="1" stop-color="#98c"/></radialGradient>
<rect width="256" height="192" fill="#888"/>
<rect x="16" y="20" width="100" height="150" fill="url(#a)"/>
<circle cx="180" cy="100" r="60" fill="url(#b)"/></svg>"""
RENDER = """
bpy.ops.semvec.import_svg(filepath={svg!r}, form="GREASE_PENCIL")
bpy.ops.semvec.set_up_camera()
scene = bpy.context.scene
scene.render.engine = "BLENDER_WORKBENCH"
scene.render.filepath = {png!r}
bpy.ops.render.render(write_still=True)
"""


def test_grease_pencil_shows_gradients_in_renders(window: Window, place: ThisMachine) -> None:
    svg, png = place.folder / "gradients.svg", place.folder / "gradients.png"
    svg.write_text(GRADIENTS)
    prepare_view(window)
    window.do(RENDER.format(svg=str(svg), png=str(png)))
    expected = resvg_py.svg_to_bytes(svg_string=GRADIENTS)
    pictures = [Image.open(file) for file in (png, io.BytesIO(bytes(expected)))]
    shown, wanted = (np.asarray(each.convert("RGB"), np.float64) for each in pictures)
    difference = np.abs(shown - wanted).max(axis=2)
    assert np.quantile(difference, 0.95) < 10
    assert difference.mean() < 3
