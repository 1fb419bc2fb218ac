# SPDX-License-Identifier: GPL-3.0-or-later
"""Installing the AI engine, step by step; nothing outside of its own folder is touched.

An installation that fails or is stopped leaves no environment behind, but keeps pip's and uv's
caches: the next one starts from an empty environment, and need not download all of it again.
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
from .install_progress import News, OnProgress
from .lock_files import Locks
from .verify import check

# What a computer without a graphics card of NVIDIA or AMD needs; with one it is four times that.
DOWNLOAD, DISK = "0.3 GB", 3e9
WITH_GRAPHICS_CARD = "3 GB"

# Where an installation's own settings end up elsewhere than in our environment.
_MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PYTHONHOME", "PYTHONPATH")

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
        self._news = News(on_progress, downloads_folder())
        self._variables = _variables()

    def make_environment(self) -> None:
        """An empty virtual environment with pip."""
        if not self._base:
            raise EngineError("No Python was found to install with.", "Choose one yourself.")
        self._news.step(0.0, 0.04, "Making an environment")
        try:
            self._run(self._base, "-I", "-m", "venv", environment_folder())
        except EngineError as error:
            raise _no_environment(self._base, error.message) from None

    def install_tools(self, locks: Locks) -> None:
        """A pip of today, and uv."""
        self._news.step(0.04, 0.08, "Downloading the tools")
        self._pip_install("--require-hashes", "-r", locks.tools)

    def install_packages(self, locks: Locks) -> None:
        """Everything but torch; nothing that isn't in the lock, nothing that has to be built."""
        self._news.step(0.08, 0.3, "Downloading packages")
        self._install("--require-hashes", "--no-deps", "-r", locks.packages)

    def install_torch(self, locks: Locks) -> None:
        """The build for this machine where uv can tell and get it, else the registry's."""
        self._news.step(0.3, 0.92, f"Downloading PyTorch, {DOWNLOAD} to {WITH_GRAPHICS_CARD}")
        self._install("-r", locks.torch, for_uv=("--torch-backend=auto",))

    def try_it(self, check: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """A small job with all that was installed."""
        self._news.step(0.92, 1.0, "Trying what was installed")
        return check(str(self._python), self._should_stop)

    @property
    def _python(self) -> Path:
        return python_in(environment_folder())

    def _install(self, *arguments: str | Path, for_uv: tuple[str, ...] = ()) -> None:
        """By uv, which is quick and knows graphics cards, or else by pip."""
        uv = self._python.with_name("uv.exe" if os.name == "nt" else "uv")
        if uv.exists():
            try:
                options = (*for_uv, "--only-binary=:all:", "--python")
                self._run(uv, "pip", "install", *options, self._python, *arguments)
                return
            except EngineError:
                self._news.say("Trying again with pip")
        self._pip_install(*arguments)

    def _pip_install(self, *arguments: str | Path) -> None:
        options = ["--disable-pip-version-check", "--no-input", "--only-binary=:all:"]
        options += ["--no-compile"]  # what is used is compiled when it is used first
        if _pip_version() >= (24, 1):
            options += ["--progress-bar=raw"]
        try:
            self._run(self._python, "-I", "-m", "pip", "install", *options, *arguments)
        except EngineError as error:
            raise EngineError(
                f"The AI engine can't be installed: {_reason(error.message)}",
                "Check the connection to the internet and the free space, and install it again.",
            ) from None

    def _run(self, *command: str | Path) -> None:
        """Run a program; what it prints is logged, and news."""
        with (engine_folder() / LOG).open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"$ {' '.join(map(str, command))}\n")

            def on_line(line: str | None) -> None:
                if line is not None:
                    log.write(line + "\n")
                self._news.take(line)

            run(command, on_line, self._should_stop, self._variables)


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
