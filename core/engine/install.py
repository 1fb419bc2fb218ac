# SPDX-License-Identifier: GPL-3.0-or-later
"""Installation of the AI engine; nothing outside its own folder is changed.

Python makes a virtual environment, its pip installs uv, and uv installs everything else: uv is
pinned and hashed, selects PyTorch's build for the graphics card, and keeps finished downloads. An
installation that fails or is stopped leaves no environment, but these downloads, so that the next
one continues from there.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import Cancelled, EngineError
from ..system.launch import own_python
from ..system.process import ShouldStop, run
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
    status,
)
from .install_progress import InstallProgress, OnProgress
from .lock_files import Locks
from .verify import check

# What a computer without a graphics card of NVIDIA or AMD needs; with one it is four times that.
DOWNLOAD, DISK = "0.3 GB", 3e9
WITH_GRAPHICS_CARD = "3 GB"

# Variables that redirect an installation away from our environment.
_MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PYTHONHOME", "PYTHONPATH")

# Settings of pip that uv takes from a variable: mirrors, and certificates of proxies.
_PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
}

LOG = "install.log"


def install(
    python: str = "",
    *,
    locks: Locks | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    check: Callable[..., dict[str, Any]] = check,
) -> Status:
    """Install the engine, or install it again.

    python: the program that makes the environment, 3.11 or later; our own where empty. check:
    the test of the finished environment, as `verify.check`. Raises EngineError, and Cancelled
    once `should_stop` returns true.
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
        details = installation.test(check)
        finish(details, locks)
        (engine_folder() / "chosen.json").unlink(missing_ok=True)
    remove_tree(downloads_folder())
    return status()


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Remove the environment before, and after a failure; keep downloads."""
    remove_environment()
    (engine_folder() / LOG).unlink(missing_ok=True)
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
        "Downloads that can be kept are kept for the next time; removing the engine deletes them.",
    )


class _Installation:
    """The steps of one installation."""

    def __init__(self, python: str, on_progress: OnProgress, should_stop: ShouldStop) -> None:
        self._base = python
        self._should_stop = should_stop
        self._progress = InstallProgress(on_progress, downloads_folder())
        self._variables = _variables()

    def make_environment(self) -> None:
        """Make an empty virtual environment with pip."""
        if not self._base:
            raise EngineError("No Python was found to install with.", "Choose one yourself.")
        self._progress.step(0.0, "Making an environment")
        try:
            self._run(self._base, "-I", "-m", "venv", environment_folder())
        except EngineError as error:
            raise _no_environment(self._base, error.message) from None

    def install_tools(self, locks: Locks) -> None:
        """Install uv, and take mirrors and certificates from pip's settings."""
        self._progress.step(0.04, "Downloading the installer")
        options = ("--disable-pip-version-check", "--no-input", "--only-binary=:all:")
        arguments = ("--require-hashes", "-r", locks.tools)
        self._install(self._python, "-I", "-m", "pip", "install", *options, *arguments)
        self._variables |= self._pip_settings()

    def install_packages(self, locks: Locks) -> None:
        """Install everything except torch; nothing outside the lock, nothing to be compiled."""
        self._progress.step(0.08, "Downloading packages")
        self._install(*self._uv, "--require-hashes", "--no-deps", "-r", locks.packages)

    def install_torch(self, locks: Locks) -> None:
        """Install the build for this machine; the registry's where PyTorch's index is blocked."""
        self._progress.step(0.3, f"Downloading PyTorch, {DOWNLOAD} to {WITH_GRAPHICS_CARD}")
        try:
            self._run(*self._uv, "-r", locks.torch, "--torch-backend=auto")
        except EngineError:
            self._install(*self._uv, "-r", locks.torch)

    def test(self, check: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """Run a small job with everything that was installed."""
        self._progress.step(0.92, "Testing the installation")
        return check(str(self._python), self._should_stop)

    @property
    def _python(self) -> Path:
        return python_in(environment_folder())

    @property
    def _uv(self) -> tuple[str | Path, ...]:
        uv = self._python.with_name("uv.exe" if os.name == "nt" else "uv")
        options = ("--no-progress", "--only-binary=:all:", "--python", self._python)
        return (uv, "pip", "install", *options)

    def _pip_settings(self) -> dict[str, str]:
        """Return pip's settings as variables of uv, except those that are set already."""
        lines = self._run(self._python, "-I", "-m", "pip", "config", "list")
        found = dict(re.findall(r"^[\w:]+\.([\w-]+)='(.*)'$", "\n".join(lines), re.MULTILINE))
        settings = {
            variable: ",".join(found[name].split()) if name == "find-links" else found[name]
            for name, variable in _PIP_TO_UV.items()
            if name in found
        }
        return {name: value for name, value in settings.items() if name not in self._variables}

    def _install(self, *command: str | Path) -> None:
        try:
            self._run(*command)
        except EngineError as error:
            raise EngineError(
                f"The AI engine can't be installed: {_reason(error.message)}",
                "Check the connection to the internet and the free space, and install it again.",
            ) from None

    def _run(self, *command: str | Path) -> list[str]:
        """Run a program and return the lines of its output, which is logged."""
        lines: list[str] = []
        with (engine_folder() / LOG).open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"$ {' '.join(map(str, command))}\n")

            def on_line(line: str | None) -> None:
                if line is None:
                    self._progress.tick()
                else:
                    lines.append(line)
                    log.write(line + "\n")

            run(command, on_line, self._should_stop, self._variables)
        return lines


def _variables() -> dict[str, str]:
    """Return the environment variables, with downloads in our own folder."""
    kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    folder = downloads_folder()
    own = {"PIP_CACHE_DIR": folder / "pip", "UV_CACHE_DIR": folder / "uv", "PIP_USER": "0"}
    return {**kept, **{name: str(value) for name, value in own.items()}}


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
    """Return the error that pip or uv names, without the output around it."""
    by_pip = re.findall(r"ERROR: ([^|]*)", message)
    by_uv = re.findall(r"failed: (?:error: |× )?(.*)", message)
    return (by_pip or by_uv or [message])[-1].strip().removesuffix(".") + "."


def _silent(fraction: float, message: str) -> None:
    pass


def _never() -> bool:
    return False
