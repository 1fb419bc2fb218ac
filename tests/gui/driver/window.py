# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's window: requests through remote_control.py, and input by mouse and keyboard.

Positions are pixels from the window's top left, as in its screenshots.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from drop import drop_file
from PIL import Image
from places import HERE
from screen import HEIGHT, WIDTH, Screen, ScreenError

REMOTE_CONTROL = HERE / "remote_control.py"

START_LIMIT = 120.0  # seconds
ANSWER_LIMIT = 120.0
LOOKS = 12  # at a screen that changes, at most
PAUSE = 0.1  # seconds between two of them

START = """
import sys
sys.path.insert(0, {folder!r})
import remote_control
remote_control.start({folder!r})
"""


class WindowError(ScreenError):
    """Blender did not do what was asked for."""


class Window:
    """Blender, filling the screen, or the upper left of it with so many pixels.

    folder: an empty one, shared with the place where Blender is. log: for what it prints;
    screenshots lie beside it.
    """

    def __init__(
        self, screen: Screen, folder: Path, log: Path, size: tuple[int, int] = (WIDTH, HEIGHT)
    ) -> None:
        self._screen = screen
        self._folder = folder
        self._log = log
        self._asked = 0
        self._read = 0
        self._start(size)

    @property
    def output(self) -> Path:
        """The folder of screenshots and logs."""
        return self._log.parent

    # Talking to Blender

    def ask(self, expression: str) -> Any:
        """The value of a Python expression inside Blender."""
        return self._request(expression, True)

    def do(self, statements: str) -> None:
        """Carry out Python statements inside Blender."""
        self._request(statements, False)

    def wait_until(self, expression: str, seconds: float = ANSWER_LIMIT) -> Any:
        """Wait until a Python expression inside Blender is true; returns its value."""
        deadline = time.monotonic() + seconds
        while not (value := self.ask(expression)):
            if time.monotonic() > deadline:
                raise WindowError(f"after {seconds} s this is still not so: {expression}")
            time.sleep(0.05)
        return value

    def printed(self) -> str:
        """Return Blender's output since the last call."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        self._read += len(text)
        return text.decode("utf-8", "replace")

    def quit(self) -> None:
        """Have Blender quit, and wait until it has."""
        self._send("bpy.ops.wm.quit_blender()", False)
        self._blender.wait(ANSWER_LIMIT)

    # Mouse, keyboard and screenshots

    def point_at(self, area_type: str, region_type: str = "WINDOW") -> None:
        """Put the pointer into the middle of a region: keys then go there."""
        left, top, right, bottom = self.ask(f"region_box({area_type!r}, {region_type!r})")
        self.move((left + right) / 2, (top + bottom) / 2)

    def move(self, x: float, y: float) -> None:
        """Put the pointer somewhere."""
        self._screen.use("mousemove", x - 2, y, "mousemove", x, y)
        self.settle()

    def click(self, x: float, y: float) -> None:
        """Click with the left button."""
        self.move(x, y)  # Blender 5.2 may lose a click without this, right after a redraw
        self._screen.use("click", 1)
        self.settle()

    def scroll_down(self, steps: int) -> None:
        """Turn the wheel toward oneself: in a 3D viewport, that zooms out."""
        self._screen.use("click", "--repeat", steps, 5)
        self.settle()

    def scroll_up(self, steps: int) -> None:
        """Turn the wheel away from oneself."""
        self._screen.use("click", "--repeat", steps, 4)
        self.settle()

    def drag(self, *points: tuple[float, float]) -> None:
        """Draw a line with the left button pressed, through all points."""
        (x, y), *rest = points
        self.move(x, y)
        self._screen.use("mousedown", 1)
        for x, y in rest:
            self._screen.use("mousemove", x, y)
            self.settle()  # Blender may take only the last of several movements
        self._screen.use("mouseup", 1)
        self.settle()

    def drop(self, file: Path, x: float, y: float) -> None:
        """Drop a file there, as from a file manager."""
        self.move(x, y)
        drop_file(self._screen.display, file, x, y)
        self.settle()

    def key(self, name: str) -> None:
        """Press a key, named as xdotool does: n, Escape, ctrl+z."""
        self._screen.use("key", name)
        self.settle()

    def type(self, text: str) -> None:
        """Type a text."""
        self._screen.use("type", text)
        self.settle()

    def screenshot(self, name: str = "") -> np.ndarray:
        """Return the picture: uint8 [HEIGHT, WIDTH, 3]; saved as NAME.png if it has a name.

        It is that of a window at rest, unless something goes on moving: Blender smooths edges
        over several redraws, and draws objects later whose shaders are not compiled yet.
        """
        self.wait_for_redraw()
        picture = self._still_picture()
        if name:
            picture.save(self.output / f"{name}.png")
        return np.asarray(picture)

    def _still_picture(self) -> Image.Image:
        """Look again until two pictures are equal."""
        picture = self._screen.picture()
        for _ in range(LOOKS):
            time.sleep(PAUSE)
            last, picture = picture, self._screen.picture()
            if picture.tobytes() == last.tobytes():
                break
        return picture

    def wait_for_redraw(self) -> None:
        """Wait until the window shows everything as it is now."""
        drawn = self.ask("(draws(), redraw())[0]")
        self.wait_until(f"draws() > {drawn}")

    def settle(self) -> None:
        """Let Blender handle what mouse and keyboard did: its second answer comes after that."""
        self.ask("None")
        self.ask("None")

    # Starting

    def _start(self, size: tuple[int, int]) -> None:
        (self._folder / REMOTE_CONTROL.name).write_bytes(REMOTE_CONTROL.read_bytes())
        start = START.format(folder=str(self._folder))
        geometry = ["--window-geometry", "0", "0", *map(str, size)]
        command = ["blender", "-noaudio", *geometry, "--python-expr", start]
        with self._log.open("ab") as log:
            self._blender = self._screen.start(*command, log=log)
        self._request("True", True, START_LIMIT)

    def _request(self, code: str, evaluate: bool, seconds: float = ANSWER_LIMIT) -> Any:
        answer = self._send(code, evaluate)
        self._wait_for(answer, code, seconds)
        answered = json.loads(answer.read_text(encoding="utf-8"))
        answer.unlink()
        if "error" in answered:
            raise WindowError(f"{code}\n{answered['error']}")
        return answered["value"]

    def _send(self, code: str, evaluate: bool) -> Path:
        """Send a request; returns where the answer will be."""
        self._asked += 1
        answer = self._folder / f"answer-{self._asked}.json"
        request = {"code": code, "evaluate": evaluate, "answer": answer.name}
        unfinished = self._folder / "request.part"
        unfinished.write_text(json.dumps(request), encoding="utf-8")
        os.replace(unfinished, self._folder / "request.json")
        return answer

    def _wait_for(self, answer: Path, code: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not answer.exists():
            if self._blender.poll() is not None:
                raise WindowError(f"Blender has ended with code {self._blender.returncode}")
            if time.monotonic() > deadline:
                raise WindowError(f"Blender has not answered for {seconds} s: {code}")
            time.sleep(0.005)
