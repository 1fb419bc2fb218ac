# SPDX-License-Identifier: GPL-3.0-or-later
"""Installing the AI engine, step by step; nothing outside of its own folder is touched.

An installation that fails or is stopped leaves no environment behind, but keeps what it has
downloaded: the next one starts from an empty environment, and doesn't download that again.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Cancelled, EngineError
from ..start import own_python
from .checking import check
from .environment import (
    Status,
    downloads_folder,
    engine_folder,
    environment_folder,
    finish,
    in_use,
    python_in,
    remove_environment,
    remove_tree,
    size_of,
    status,
)
from .locks import Locks
from .process import ShouldStop, run

# Called with the share that is done, in [0, 1], and what is being done.
OnProgress = Callable[[float, str], None]

# What a computer without a graphics card of NVIDIA or AMD needs; with one it is four times that.
DOWNLOAD, DISK = "0.3 GB", 3e9
WITH_GRAPHICS_CARD = "3 GB"

# Where an installation's own settings end up elsewhere than in our environment.
_MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PYTHONHOME", "PYTHONPATH")
_MESSAGE = 100  # characters


def install(
    python: str = "",
    *,
    locks: Locks | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    check: Callable[..., dict[str, Any]] = check,
) -> Status:
    """Install the engine, or install it again.

    python: the program to make the environment with, 3.11 or later; our own where empty.
    check: what tries the finished environment, as `checking.check` does. Raises EngineError,
    and Cancelled once `should_stop` says so.
    """
    locks = locks or Locks()
    installation = _Installation(
        python or own_python(), on_progress or _silent, should_stop or _never
    )
    with in_use(), _all_or_nothing():
        _check_space()
        installation.make_environment()
        installation.install_tools(locks)
        installation.install_packages(locks)
        installation.install_torch(locks)
        details = installation.try_it(check)
        finish(details, locks)
        (engine_folder() / "chosen.json").unlink(missing_ok=True)
    remove_tree(downloads_folder())
    return status()


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """No environment before, and none after a failure; downloads stay."""
    remove_environment()
    try:
        yield
    except BaseException as error:
        remove_environment()
        if isinstance(error, Cancelled):
            raise _stopped() from None
        raise


def _stopped() -> Cancelled:
    return Cancelled(
        "Stopped installing the AI engine.",
        "What was downloaded is kept for the next time; removing the engine deletes it.",
    )


@dataclass
class _Installation:
    """The steps of one installation."""

    python: str
    on_progress: OnProgress
    should_stop: ShouldStop
    _variables: dict[str, str] = field(default_factory=lambda: _variables())
    _raw_progress: bool = False  # pip says on lines of their own how far a download is

    def make_environment(self) -> None:
        """An empty virtual environment with pip."""
        if not self.python:
            raise EngineError("No Python was found to install with.", "Choose one yourself.")
        self._step(0.0, 0.04, "Making an environment")
        try:
            self._run(self.python, "-I", "-m", "venv", environment_folder())
        except EngineError as error:
            raise _no_environment(self.python, error.message) from None

    def install_tools(self, locks: Locks) -> None:
        """A pip of today, and uv."""
        self._step(0.04, 0.08, "Downloading the tools")
        self._pip("--require-hashes", "-r", locks.tools)
        self._raw_progress = _pip_version() >= (24, 1)

    def install_packages(self, locks: Locks) -> None:
        """Everything but torch; nothing that isn't in the lock, nothing that has to be built."""
        self._step(0.08, 0.3, "Downloading packages")
        self._pip("--require-hashes", "--no-deps", "-r", locks.packages)

    def install_torch(self, locks: Locks) -> None:
        """The build for this machine where uv can tell and get it, else the registry's."""
        self._step(0.3, 0.92, f"Downloading PyTorch, {DOWNLOAD} to {WITH_GRAPHICS_CARD}")
        uv = python_in(environment_folder()).with_name("uv.exe" if os.name == "nt" else "uv")
        if uv.exists():
            try:
                self._run(uv, *_UV, python_in(environment_folder()), "-r", locks.torch)
                return
            except EngineError:
                self._step(0.35, 0.92, "Downloading PyTorch from the package registry")
        self._pip("-r", locks.torch)

    def try_it(self, check: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """A small job with all that was installed."""
        self._step(0.92, 1.0, "Trying what was installed")
        return check(str(python_in(environment_folder())), self.should_stop)

    def _pip(self, *arguments: str | Path) -> None:
        python = python_in(environment_folder())
        options = ["--disable-pip-version-check", "--no-input", "--only-binary=:all:"]
        options += ["--no-compile"]  # what is used is compiled when it is used first
        if self._raw_progress:
            options += ["--progress-bar=raw"]
        try:
            self._run(python, "-I", "-m", "pip", "install", *options, *arguments)
        except EngineError as error:
            raise EngineError(
                f"The AI engine can't be installed: {_reason(error.message)}",
                "Check the connection to the internet and the free space, and install it again: "
                "what was downloaded is kept.",
            ) from None

    def _run(self, *command: str | Path) -> None:
        log = (engine_folder() / "install.log").open("a", encoding="utf-8", errors="replace")
        with log:
            log.write(f"$ {' '.join(map(str, command))}\n")

            def on_line(line: str | None) -> None:
                if line is not None:
                    log.write(line + "\n")
                self._tell(line)

            run(command, on_line, self.should_stop, self._variables)

    def _step(self, start: float, end: float, message: str) -> None:
        self._start, self._end, self._message, self._lines = start, end, message, 0
        self.on_progress(start, message)

    def _tell(self, line: str | None) -> None:
        """Progress within a step: each line of output brings the end a little nearer."""
        if line is not None:
            if not _IS_NEWS.match(line):
                return
            counted = _COUNTED.fullmatch(line)
            if not counted:
                self._lines += 1
                self._message = _NOISE.sub("", line)[:_MESSAGE]
        share = 1.0 - 0.97**self._lines
        self.on_progress(self._start + share * (self._end - self._start), self._told(line))

    def _told(self, line: str | None) -> str:
        """The last news, with how much of it has come where that is known and a lot."""
        counted = _COUNTED.fullmatch(line or "")
        if counted:
            done, size = (int(number) / 1e6 for number in counted.groups())
            return f"{self._message}: {done:.0f} of {size:.0f} MB"
        size = size_of(downloads_folder() / "uv") / 1e6
        return f"{self._message} ({size:.0f} MB so far)" if size >= 1.0 else self._message


# Lines of pip and uv that say what is being done, and what in them is for nobody.
_IS_NEWS = re.compile("Progress|Collecting|Downloading|Using cached|Installing|Prepared|Resolved")
_NOISE = re.compile(r" \(from .*| from .*|https?://\S+/|(?<=Installing collected packages).*")
_COUNTED = re.compile(r"Progress (\d+) of (\d+)")

_UV = ("pip", "install", "--torch-backend=auto", "--only-binary=:all:", "--python")


def _variables() -> dict[str, str]:
    """The user's settings of proxies and mirrors, with downloads in our own folder."""
    kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    folder = downloads_folder()
    own = {"PIP_CACHE_DIR": folder / "pip", "UV_CACHE_DIR": folder / "uv", "PIP_USER": "0"}
    return {**kept, **{name: str(value) for name, value in own.items()}}


def _pip_version() -> tuple[int, ...]:
    """That of the environment, as far as its folders tell."""
    found = next(environment_folder().glob("[Ll]ib/**/site-packages/pip-*.dist-info"), Path())
    return tuple(map(int, re.findall(r"\d+", found.name)[:2]))


def _check_space() -> None:
    free = shutil.disk_usage(engine_folder()).free
    if free < DISK:
        raise EngineError(
            f"There is not enough space in {engine_folder()}: the AI engine needs "
            f"{DISK / 1e9:.0f} GB, and {free / 1e9:.1f} GB are free.",
            "Make space on this disk.",
        )


def _no_environment(python: str, message: str) -> EngineError:
    lacks_pip = "ensurepip" in message or "-venv" in message
    reason = "it comes without pip" if lacks_pip else message.rpartition(" | ")[2].rstrip(".")
    return EngineError(
        f"'{python}' can't make an environment: {reason}.",
        "On Debian and Ubuntu, install the package python3-venv. Or choose another Python, one "
        "that has PyTorch.",
    )


def _reason(message: str) -> str:
    """pip's own last error, without what it says before and after."""
    found = re.findall(r"ERROR: ([^|]*)", message)
    return (found[-1] if found else message).strip().removesuffix(".") + "."


def _silent(fraction: float, message: str) -> None:
    pass


def _never() -> bool:
    return False
