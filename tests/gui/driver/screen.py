# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual screen: programs on it, mouse and keyboard input, and screenshots.

Positions are pixels from the screen's top left, as in its pictures.
"""

from __future__ import annotations

import io
import subprocess
from typing import Any

from PIL import Image
from places import HERE, ThisMachine

WIDTH, HEIGHT = 1280, 800
RUN_LIMIT = 60.0  # seconds
END_LIMIT = 5.0

ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "GALLIUM_DRIVER": "llvmpipe",
}
# Folders that programs write to
FOLDERS = ("HOME", "TMPDIR", "XDG_RUNTIME_DIR", "BLENDER_USER_RESOURCES")


class ScreenError(AssertionError):
    """A program on the screen did not do what was asked for."""


class Screen:
    """An empty screen. place: where the programs are."""

    def __init__(self, place: ThisMachine) -> None:
        self._place = place
        self._processes: list[subprocess.Popen[bytes]] = []
        self._environment = {"PATH": place.path, **ENVIRONMENT}
        for name in FOLDERS:
            self._environment[name] = str(place.folder / name)
            (place.folder / name).mkdir(mode=0o700)
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def start(self, *command: str, log: Any = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start a program that runs on. log: a file for what it prints."""
        return self._start_process(command, stdout=log, stderr=subprocess.STDOUT)

    def run(self, *command: str) -> bytes:
        """Run a program to its end; returns what it printed."""
        done = subprocess.run(
            self._place.command(*command),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=RUN_LIMIT,
        )
        if done.returncode != 0:
            printed = (done.stdout + done.stderr).decode("utf-8", "replace")
            raise ScreenError(f"{' '.join(command)} failed:\n{printed}")
        return done.stdout

    def is_running(self, process: int) -> bool:
        """Tell whether a program, known by its id there, is running."""
        state = self.run("sh", "-c", f"ps -o stat= -p {process} || true")
        return bool(state.strip()) and not state.startswith(b"Z")

    def use(self, *actions: str | float) -> None:
        """Use mouse or keyboard, as xdotool's commands say."""
        self.run("xdotool", *(a if isinstance(a, str) else str(round(a)) for a in actions))

    @property
    def display(self) -> str:
        """Its name, for other programs."""
        return self._environment["DISPLAY"]

    def picture(self) -> Image.Image:
        """Return the screen's picture."""
        return Image.open(io.BytesIO(self.run("import", "-window", "root", "png:-"))).convert("RGB")

    def close(self) -> None:
        """End everything that was started here, last first."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(END_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self) -> None:
        """The X server, on the first display number that is free, and the window manager."""
        size = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
        server = self._start_process(
            ["Xvfb", "-displayfd", "1", *size, "-nolisten", "tcp", "-noreset"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert server.stdout is not None
        number = server.stdout.readline().decode().strip()
        if not number:
            raise ScreenError("Xvfb does not start")
        self._environment["DISPLAY"] = f":{number}"
        configuration = self._place.folder / "openbox.xml"
        configuration.write_bytes((HERE / configuration.name).read_bytes())
        self.start("openbox", "--config-file", str(configuration))

    def _start_process(self, command: Any, **streams: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._place.command(*command),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            **streams,
        )
        self._processes.append(process)
        return process
