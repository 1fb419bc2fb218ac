# SPDX-License-Identifier: GPL-3.0-or-later
"""The palette of a drawing in the tab "Semvec" of the 3D viewport, used with the mouse."""

from __future__ import annotations

from panel import Panel
from screen import HEIGHT, WIDTH
from window import Window

HEADER = 40  # pixels from the buttons above the closed parts down to the palette's header
LAST_BUTTON = "semvec.duplicate_drawing"  # of these
HEX = (70, -20)  # pixels from the top of a swatch to the text field of its color picker
HOVERED = "hovered('VIEW_3D', 'UI')"


def choose_color(window: Window, panel: Panel, swatch: str, code: str) -> str:
    """Open the palette, click a swatch, and type a color's code; returns the swatch's data path.

    swatch: part of that path.
    """
    window.point_at("VIEW_3D", "UI")
    window.scroll_down(20)
    x, bottom = panel.find(LAST_BUTTON)
    while LAST_BUTTON in window.ask(HOVERED):
        bottom += 2
        window.move(x, bottom)
    window.click(x, bottom + HEADER)
    x, top = panel.find(swatch)
    color = window.ask(HOVERED)
    while window.ask(HOVERED) == color:
        top -= 2
        window.move(x, top)
    window.click(x, top + 8)
    window.wait_for_redraw()
    window.click(x + HEX[0], top + HEX[1])
    window.key("ctrl+a")
    window.type(code)
    window.screenshot("palette-picker")
    window.key("Return")
    window.click(WIDTH / 2, HEIGHT - 10)  # on the status bar, which closes the color picker
    window.point_at("VIEW_3D")
    return str(color)
