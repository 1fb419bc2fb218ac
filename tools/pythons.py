# SPDX-License-Identifier: GPL-3.0-or-later
"""Choice of the Python that semvec is developed with; runs on any Python from 3.8."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"

# Blender as a Python module exists for these Pythons only; the first one is the default.
BLENDERS = {"3.11": "Blender 4.5 LTS", "3.13": "Blender 5.2 LTS"}
OLDEST = (3, 11)

# uv brings its own builds of Python; it comes from the package index like everything else.
UV = "uv==0.13.9"
DOWNLOAD_SECONDS = 300
RETRY_SECONDS = 3600  # after a failed download, in which the same would only fail again


def running_version() -> str:
    """Return the version of this Python, such as "3.11"."""
    return "{}.{}".format(*sys.version_info[:2])


def find_python(version: str) -> str | None:
    """Return the program of an installed Python `version`, or None where there is none."""
    if version == running_version():
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [
        shutil.which(f"python{version}"),
        *map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python3"), reverse=True)),
        *map(str, CACHE.glob(f"pythons/cpython-{version}.*/bin/python3")),
        *map(str, CACHE.glob(f"pythons/cpython-{version}.*/python.exe")),
    ]
    fitting = (each for each in candidates if each and _version_of(each) == version)
    return next(fitting, None)


def download_python(version: str) -> str | None:
    """Download a Python `version` by uv into .cache; return None where that is impossible."""
    print(f"dev.py: downloading Python {version} by uv", flush=True)
    environment = CACHE / "uv"
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    commands: list[list[str | Path]] = [
        [programs / "python", "-m", "pip", "install", "--quiet", UV],
        [programs / "uv", "python", "install", version],
    ]
    variables = {
        **os.environ,
        "UV_PYTHON_INSTALL_DIR": str(CACHE / "pythons"),
        "UV_PYTHON_BIN_DIR": str(CACHE / "pythons" / "bin"),
        "UV_HTTP_TIMEOUT": "20",
    }
    try:
        if not programs.exists():
            venv.create(environment, with_pip=True, symlinks=os.name != "nt")
        for command in commands:
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                timeout=DOWNLOAD_SECONDS,
                env=variables,
            )
    except (OSError, subprocess.SubprocessError):
        _remember_failure(version)
        return None
    return find_python(version)


def _failure(version: str) -> Path:
    """Return the file whose age tells when a download has failed."""
    return CACHE / f"no-python-{version}"


def _remember_failure(version: str) -> None:
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        _failure(version).touch()
    except OSError:  # a read-only checkout: it is tried again
        pass


def _has_failed_lately(version: str) -> bool:
    try:
        return time.time() - _failure(version).stat().st_mtime < RETRY_SECONDS
    except OSError:
        return False


def choose_python(wanted: str | None) -> str:
    """Return the program to run on: one that Blender exists for, if there is any.

    wanted: a version such as "3.13", or None for this Python where it fits, else the first
    fitting one. Where no fitting Python is installed or can be downloaded, this Python serves
    without Blender, and for an hour it is not tried again. Exits with a message where it is too
    old for that, or `wanted` is missing.
    """
    preferred = [wanted] if wanted else [running_version(), *BLENDERS]
    fitting = [version for version in preferred if version in BLENDERS or version == wanted]
    for version in fitting:
        found = find_python(version)
        if found:
            return found
    # A version that was asked for is always tried again.
    if wanted or not _has_failed_lately(fitting[0]):
        found = download_python(fitting[0])
        if found:
            return found
    if wanted:
        sys.exit(f"Python {wanted} was not found and could not be downloaded.")
    if sys.version_info[:2] < OLDEST:
        sys.exit(f"semvec needs Python 3.11 or later; this is {running_version()}. {_advice()}")
    print(f"dev.py: Python {running_version()} has no Blender module. {_advice()}", flush=True)
    return sys.executable


def _advice() -> str:
    known = " or ".join(f"{version} ({blender})" for version, blender in BLENDERS.items())
    return f"For everything, install Python {known}, or connect to the Internet."


def _version_of(program: str) -> str | None:
    """Return the version that a program reports about itself, or None where it doesn't run."""
    code = "import sys; print('{}.{}'.format(*sys.version_info[:2]))"
    try:
        run = subprocess.run(
            [program, "-c", code], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()
