# SPDX-License-Identifier: GPL-3.0-or-later
"""A file dropped on a window, as file managers do it: the source's side of XDND."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from screen import ScreenError
from Xlib import X
from Xlib.display import Display
from Xlib.protocol.event import ClientMessage, SelectionNotify

VERSION = 5
PATIENCE = 10.0  # seconds


def drop_file(display: str, file: Path, x: float, y: float) -> None:
    """Drop a file on what is at a position of the screen, where the pointer must be, too."""
    source = _Source(Display(display), f"{file.as_uri()}\r\n".encode())
    source.tell("XdndEnter", VERSION << 24, source.atom("text/uri-list"))
    source.tell("XdndPosition", 0, round(x) << 16 | round(y), 0, source.atom("XdndActionCopy"))
    source.wait_for("XdndStatus")
    source.tell("XdndDrop")
    source.wait_for("XdndFinished")


class _Source:
    """An invisible window that offers `data`, a list of files, to the one under the pointer."""

    def __init__(self, display: Any, data: bytes) -> None:
        self._display = display
        self._data = data
        root = display.screen().root
        self._target = self._aware(root)
        self._window = root.create_window(0, 0, 1, 1, 0, display.screen().root_depth)
        self._window.set_selection_owner(self.atom("XdndSelection"), X.CurrentTime)

    def atom(self, name: str) -> int:
        """The number of a name."""
        return int(self._display.get_atom(name))

    def tell(self, kind: str, *values: int) -> None:
        """Send a message to the target."""
        data = (self._window.id, *values, *[0] * (4 - len(values)))
        message = ClientMessage(window=self._target, client_type=self.atom(kind), data=(32, data))
        self._target.send_event(message)
        self._display.flush()

    def wait_for(self, kind: str) -> None:
        """Wait for an answer, and give the target the data if it asks for them meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not self._display.pending_events():
                time.sleep(0.01)
                continue
            event = self._display.next_event()
            if event.type == X.SelectionRequest:
                self._give(event)
            elif event.type == X.ClientMessage and event.client_type == self.atom(kind):
                return
        raise ScreenError(f"no {kind} from the window that a file was dropped on")

    def _give(self, request: Any) -> None:
        request.requestor.change_property(request.property, request.target, 8, self._data)
        names = ("time", "requestor", "selection", "target", "property")
        request.requestor.send_event(
            SelectionNotify(**{name: getattr(request, name) for name in names})
        )
        self._display.flush()

    def _aware(self, window: Any) -> Any:
        """The innermost window under the pointer that takes drops."""
        while child := window.query_pointer().child:
            window = child
            if window.get_property(self.atom("XdndAware"), X.AnyPropertyType, 0, 1):
                return window
        raise ScreenError("nothing under the pointer takes drops")
