# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual environment of a checkout: packages in groups, semvec itself, the native library.

Groups are those of pyproject.toml ([dependency-groups]); requirements.txt fixes every version.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .pythons import BLENDERS, running_version

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "requirements.txt"
PROJECT = ROOT / "pyproject.toml"

# Groups of packages by command; "base" is always there.
GROUPS = {
    "demo": ("blender", "demo", "networks"),
    "build": ("blender", "networks"),
    "repository": ("blender", "networks"),
    "lint": ("lint",),
    "docs": ("docs",),
    "release": ("blender", "docs", "networks"),
    "gui": ("blender", "test", "networks"),
}
EVERYTHING = ("blender", "demo", "ai", "test", "networks")

# Noise of the machine's own pip configuration, which is no news of ours.
PIP_OPTIONS = ("--quiet", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore")


def folder() -> Path:
    """Return the environment's folder: .venv for the default Python, one a version else."""
    default = running_version() == next(iter(BLENDERS))
    return ROOT / (".venv" if default else f".venv-{running_version()}")


def programs() -> Path:
    """Return the folder of the environment's programs."""
    return folder() / ("Scripts" if os.name == "nt" else "bin")


def prepare(command: str) -> None:
    """Make the environment that a command of dev.py needs."""
    _once("python", f"{sys.version} {ROOT}", f"making {folder().name}", _make_venv)
    for group in ("base", *GROUPS.get(command, EVERYTHING)):
        packages = group_packages(group)
        key = _digest(PINS.read_bytes(), "\n".join(packages).encode())
        message = f"installing packages ({group})"
        _once(f"packages-{group}", key, message, partial(_install, packages))
    _once(
        "semvec",
        _digest(PROJECT.read_bytes(), (ROOT / "blender_manifest.toml").read_bytes()),
        "linking semvec",
        # As a link: changes to the code need no second run.
        lambda: _pip("--no-deps", "--no-index", "--no-build-isolation", "--editable", str(ROOT)),
    )
    _install_native_library()
    if "networks" in GROUPS.get(command, EVERYTHING):
        _convert_networks()


def group_packages(name: str) -> list[str]:
    """Return the packages of a group, as pip takes them."""
    import tomllib  # not on Pythons that only choose another one

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    packages = list(project["dependency-groups"][name])
    if name == "base":
        packages += project["project"]["dependencies"]
    return packages


def sample_photograph() -> str:
    """Return a photograph that comes with a package."""
    program = "import pathlib, skimage; print(pathlib.Path(skimage.__file__).parent)"
    done = subprocess.run(
        [programs() / "python", "-c", program], check=True, stdout=subprocess.PIPE, text=True
    )
    return str(Path(done.stdout.strip()) / "data" / "coffee.png")


def _install(packages: list[str]) -> None:
    """Install packages in the versions of requirements.txt."""
    if packages:
        _pip("--constraint", str(PINS), *packages)


def _install_native_library() -> None:
    python = programs() / "python"
    command: list[str | Path] = [python, "-m", "semvec.core.native.build", ROOT / "wheels"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    wheel = done.stdout.strip()
    message = "installing the native library"
    options = ("--no-deps", "--no-index", "--force-reinstall", wheel)
    _once("native", Path(wheel).name, message, lambda: _pip(*options))


def _convert_networks() -> None:
    """Convert the networks of automatic guidance; without a connection, try next time again."""
    scripts = [ROOT / "wheels" / name for name in ("networks.py", "convert_network.py")]
    key = _digest(*(script.read_bytes() for script in scripts))
    command = [programs() / "python", scripts[0]]
    _once(
        "networks",
        key,
        "converting networks",
        lambda: subprocess.run(command, cwd=ROOT).returncode == 0,
    )


def _once(name: str, key: str, message: str, action: Callable[[], bool | None]) -> None:
    """Do `action` unless it was done, to its end, for the same `key`; False means it failed."""
    stamp = folder() / "stamps" / name
    if stamp.exists() and stamp.read_text(encoding="utf-8") == key:
        return
    print(f"dev.py: {message}", flush=True)
    stamp.unlink(missing_ok=True)
    if action() is False:
        return
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(key, encoding="utf-8")


def _make_venv() -> None:
    """Make a fresh environment of the running Python."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("This Python comes without pip. On Debian and Ubuntu: apt install python3-venv")
    venv.create(folder(), clear=True, with_pip=True, symlinks=os.name != "nt")


def _pip(*arguments: str) -> None:
    """Install into the environment; print what pip says only where it fails.

    Pip repeats warnings about the machine's own configuration at every call.
    """
    command: list[str | Path] = [
        programs() / "python",
        "-m",
        "pip",
        "install",
        *PIP_OPTIONS,
        *arguments,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(re.sub(r"^WARNING: .*\n", "", done.stdout + done.stderr, flags=re.M))
        raise subprocess.CalledProcessError(done.returncode, command)


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()
