# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual environment of a checkout, and the packages in it.

Groups of packages are those of pyproject.toml ([dependency-groups]); requirements.txt fixes every
version.
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

# Noise of the machine's own pip configuration is no news of ours. Python compiles a module when
# it first imports it: that is a small part of what is installed.
_QUIET = ("--quiet", "--quiet", "--disable-pip-version-check")
_PIP_OPTIONS = {
    "install": (*_QUIET, "--root-user-action=ignore", "--no-compile"),
    "download": (*_QUIET, "--no-deps", "--only-binary=:all:"),
}


def folder() -> Path:
    """Return the environment's folder: .venv for the default Python, one a version else."""
    default = running_version() == next(iter(BLENDERS))
    return ROOT / (".venv" if default else f".venv-{running_version()}")


def programs() -> Path:
    """Return the folder of the environment's programs."""
    return folder() / ("Scripts" if os.name == "nt" else "bin")


def make() -> None:
    """Make the environment, empty, where there is none of this Python."""
    once("python", f"{sys.version} {ROOT}", f"making {folder().name}", _make)


def install_group(name: str, *options: str) -> None:
    """Install the packages of a group; options are for pip."""
    packages = group_packages(name)
    action = partial(install, *options, *packages) if packages else lambda: None
    key = digest(PINS.read_bytes(), "\n".join(packages).encode())
    once(f"packages-{name}", key, f"installing packages ({name})", action)


def group_packages(name: str) -> list[str]:
    """Return the packages of a group, as pip takes them; "base" has those of semvec itself."""
    import tomllib  # not on Pythons that only choose another one

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    packages = list(groups[name])
    if name == "base":
        packages += [
            each for each in project["project"]["dependencies"] if each not in groups["alone"]
        ]
    return packages


def link_checkout() -> None:
    """Install semvec as a link, so that changes to the code need no second run."""
    key = digest(PROJECT.read_bytes(), (ROOT / "blender_manifest.toml").read_bytes())
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--editable")
    once("semvec", key, "linking semvec", lambda: pip("install", *options, str(ROOT)))


def install(*arguments: str) -> None:
    """Install packages in the versions of requirements.txt; arguments are for pip."""
    pip("install", "--constraint", str(PINS), *arguments)


def download(package: str, folder: Path) -> Path:
    """Download the wheel of a package, in the version of requirements.txt, into an empty folder."""
    pip("download", "--constraint", str(PINS), "--dest", str(folder), package)
    (wheel,) = folder.iterdir()
    return wheel


def pip(action: str, *arguments: str) -> None:
    """Run pip in the environment; print what it says only where it fails.

    Pip repeats warnings about the machine's own configuration at every call.
    """
    command = [str(programs() / "python"), "-m", "pip", action, *_PIP_OPTIONS[action], *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(re.sub(r"^WARNING: .*\n", "", done.stdout + done.stderr, flags=re.M))
        raise subprocess.CalledProcessError(done.returncode, command)


def once(name: str, key: str, message: str, action: Callable[[], bool | None]) -> None:
    """Do `action` unless it was done, to its end, for the same `key`; False means it failed."""
    stamp = folder() / "stamps" / name
    if stamped(name) == key:
        return
    print(f"dev.py: {message}", flush=True)
    stamp.unlink(missing_ok=True)
    if action() is False:
        return
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(key, encoding="utf-8")


def stamped(name: str) -> str:
    """Return the key for which an action was last done to its end, or "" if it never was."""
    stamp = folder() / "stamps" / name
    return stamp.read_text(encoding="utf-8") if stamp.exists() else ""


def digest(*contents: bytes) -> str:
    """Return a hash, in hex."""
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def _make() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("This Python comes without pip. On Debian and Ubuntu: apt install python3-venv")
    venv.create(folder(), clear=True, with_pip=True, symlinks=os.name != "nt")
