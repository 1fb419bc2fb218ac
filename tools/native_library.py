# SPDX-License-Identifier: GPL-3.0-or-later
"""The native library in the environment of a checkout."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from . import environment

SOURCES = environment.ROOT / "core" / "native"
SUFFIXES = (".c", ".h", ".py")  # build.py has the flags


def install_shipped_library() -> None:
    """Install the library as users get it: compiled by zig, which is in the environment."""
    wheel = _build(environment.ROOT / "wheels")
    key = f"{_sources_hash()} {wheel.name}"
    environment.once("native", key, "installing the native library", partial(_install, wheel))


def install_any_library() -> None:
    """Install the library of any compiler, unless one of the same sources is there."""
    key = _sources_hash()
    if not environment.stamped("native").startswith(key):
        environment.once("native", key, "compiling the native library", _compile_and_install)


def _compile_and_install() -> None:
    """Compile by this machine's own compiler, or else by zig, which is removed afterwards."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if sys.platform == "linux" and shutil.which("cc"):
            with contextlib.suppress(subprocess.CalledProcessError):
                _install(_build(folder, "system"))
                return
        zig = folder / "zig"
        environment.install("--target", str(zig), *environment.group_packages("compiler"))
        _install(_build(folder, packages=zig))


def _build(folder: Path, *platforms: str, packages: Path | None = None) -> Path:
    """Return the wheel, built in `folder`. packages: a folder with more Python packages."""
    python = environment.programs() / "python"
    command: list[str | Path] = [python, "-m", "semvec.core.native.build", folder, *platforms]
    variables = os.environ | ({"PYTHONPATH": str(packages)} if packages else {})
    done = subprocess.run(
        command,
        cwd=environment.ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=variables,
    )
    return Path(done.stdout.strip())


def _install(wheel: Path) -> None:
    environment.pip("install", "--no-deps", "--no-index", "--force-reinstall", str(wheel))


def _sources_hash() -> str:
    files = sorted(path for path in SOURCES.rglob("*.*") if path.suffix in SUFFIXES)
    return environment.digest(*(path.read_bytes() for path in files))
