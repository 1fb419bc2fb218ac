# SPDX-License-Identifier: GPL-3.0-or-later
"""Screenshots made small enough for a repository."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from window import Window

LARGEST = 150_000  # bytes
WIDTH = 960
COLORS = 160


def keep_picture(window: Window, name: str) -> Path:
    """Save the window's picture, with smooth edges and in few colors, as a file."""
    window.do("bpy.context.preferences.system.viewport_aa = '8'")
    shown = Image.fromarray(window.screenshot())
    window.do("bpy.context.preferences.system.viewport_aa = 'OFF'")
    shown = shown.resize(
        (WIDTH, round(shown.height * WIDTH / shown.width)), Image.Resampling.LANCZOS
    )
    folder = window.output / "pictures"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.png"
    shown.quantize(COLORS, dither=Image.Dither.NONE).save(file, optimize=True)
    return file
