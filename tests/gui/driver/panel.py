# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab "Semvec" in the sidebar of an editor, used with the mouse."""

from __future__ import annotations

from typing import ClassVar

from window import Window, WindowError

STEP = 9  # pixels between two rows that are looked at: a button is some 20 high
COLUMNS = (0.65, 0.3)  # where in the panel's width buttons are looked for

CHOOSE_TAB = """
sidebar = region("{editor}", "UI")
sidebar.active_panel_category = "Semvec"
sidebar.tag_redraw()
"""


class Panel:
    """Opens the sidebar and chooses the tab. editor: VIEW_3D or IMAGE_EDITOR."""

    _rows: ClassVar[dict[str, int]] = {}  # where buttons were found, in all panels
    _row = 0  # the last of them

    def __init__(self, window: Window, editor: str = "VIEW_3D") -> None:
        self._window = window
        self._region = (editor, "UI")
        window.point_at(editor)
        if window.ask(f"region{self._region}.width <= 50"):
            window.key("n")
        window.wait_until(f"region{self._region}.width > 50")
        window.do(CHOOSE_TAB.format(editor=editor))
        window.wait_for_redraw()

    def find(self, button: str) -> tuple[float, float]:
        """Return the position of the button of an operator or property. Raises WindowError.

        The panel is redrawn first: what was set just before may have moved its buttons. Then
        the button is looked for where it was before, or else near the last one found: the window
        is slow while a run goes on.
        """
        self._window.wait_for_redraw()
        left, top, right, bottom = self._window.ask(f"region_box{self._region}")
        likely = self._rows.get(button, self._row)
        rows = sorted(range(top + STEP, bottom, STEP), key=lambda y: abs(y - likely))
        for column in COLUMNS:
            x = left + column * (right - left)
            for y in rows:
                if button in self._under(x, y):
                    self._row = self._rows[button] = y
                    return x, y
        raise WindowError(f"there is no button {button} in the panel")

    def press(self, button: str) -> None:
        """Click on the button of an operator or property."""
        self._window.click(*self.find(button))

    def pick_image(self, name: str) -> None:
        """Choose one of the file's images from the menu, which is left of the button Open."""
        x, y = self.find("image.open")
        while "image.open" in self._under(x, y):
            x -= STEP
        self._window.click(x - STEP, y)
        self._window.type(name)
        self._window.key("Return")

    def _under(self, x: float, y: float) -> str:
        self._window.move(x, y)
        return self._window.ask(f"hovered{self._region}")
