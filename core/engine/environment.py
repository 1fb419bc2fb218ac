# SPDX-License-Identifier: GPL-3.0-or-later
"""Location and status of the AI engine.

engine/environment/       a virtual environment; semvec-engine.json is its last file
engine/downloads/         downloads of an unfinished installation
engine/chosen.json        another Python that was chosen instead, and tested
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import EngineError
from ..system.data_directory import home, homes
from ..system.files import make_folder, write_output
from ..system.lock import held
from .lock_files import Locks

MARKER = "semvec-engine.json"  # written last: marks a complete installation


@dataclass(frozen=True)
class Status:
    """Status of the engine.

    state: "missing", "unfinished" (an installation was interrupted), "broken" (its Python is
    missing), "installed" or "chosen". message: the same as text. python: the program, or "".
    """

    state: str
    message: str
    python: str = ""

    @property
    def usable(self) -> bool:
        """True where AI features can run on it."""
        return self.state in ("installed", "chosen")


def engine_folder() -> Path:
    """Return the folder of the engine."""
    return home() / "engine"


def environment_folder() -> Path:
    """Return the folder of the virtual environment."""
    return engine_folder() / "environment"


def downloads_folder() -> Path:
    """Return the folder of downloads that the next installation can use."""
    return engine_folder() / "downloads"


def python_in(environment: Path) -> Path:
    """Return the Python program of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def engine_python() -> str:
    """Return the Python that runs AI features; "" where no engine is installed."""
    found = status()
    return found.python if found.usable else ""


def status() -> Status:
    """Return the status of the engine; Blender also uses that of the command line."""
    found = [_status_in(folder / "engine") for folder in homes()]
    return next((item for item in found if item.usable), found[0])


def choose_python(python: str) -> None:
    """Use this Python, which was tested, instead of an environment of our own."""
    make_folder(engine_folder())
    write_output(engine_folder() / "chosen.json", json.dumps({"python": python}).encode())


def remove() -> None:
    """Remove the environment, its downloads, and the choice of another Python.

    Raises EngineError where something can't be removed, or during an installation.
    """
    if not engine_folder().is_dir():
        return
    with in_use():
        remove_environment()
        remove_tree(downloads_folder())
        (engine_folder() / "chosen.json").unlink(missing_ok=True)


def remove_environment() -> None:
    """Remove the environment, the marker of a complete installation first."""
    with suppress(OSError):
        (environment_folder() / MARKER).unlink()
    remove_tree(environment_folder())


def in_use() -> Any:
    """Return a context in which no other process may install or remove the engine."""
    make_folder(engine_folder())
    busy = EngineError(
        "Another process is installing or removing the AI engine.", "Wait until it is done."
    )
    return held(engine_folder() / ".lock", busy)


def remove_tree(folder: Path) -> None:
    """Remove a folder and its content. Raises EngineError where something can't be removed."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise EngineError(
            f"'{folder}' can't be removed: {error.strerror or error}.",
            "Close the programs that use it, such as Blender, and try again.",
        ) from None


def finish(details: dict[str, Any], locks: Locks) -> None:
    """Mark the environment as complete."""
    text = json.dumps({**details, "locks": locks.key}, indent=2)
    write_output(environment_folder() / MARKER, text.encode())


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder; files that vanish meanwhile count 0."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                yield os.lstat(os.path.join(root, name)).st_size


def _status_in(engine: Path) -> Status:
    chosen = _object_in(engine / "chosen.json").get("python")
    if isinstance(chosen, str):
        if Path(chosen).is_file():
            return Status("chosen", f"Using {chosen}", chosen)
        return Status("broken", f"The chosen Python is missing: {chosen}")
    return _status_of(engine / "environment")


def _status_of(environment: Path) -> Status:
    if not environment.is_dir():
        begun = (environment.parent / "downloads").is_dir()
        return Status("unfinished", "Not installed; partly downloaded") if begun else _MISSING
    details = _object_in(environment / MARKER)
    if not details:
        return Status("unfinished", "The installation was not finished")
    python = python_in(environment)
    if not python.is_file():  # a link to Blender's own, which may have moved
        return Status("broken", "The Python of the installation is missing; install it again")
    outdated = "" if details.get("locks") == Locks().key else "; install it again to update it"
    return Status("installed", f"Installed: {_described(details)}{outdated}", str(python))


_MISSING = Status("missing", "Not installed")


def _described(details: dict[str, Any]) -> str:
    parts = (("Python", "python"), ("PyTorch", "torch"), ("on", "device"))
    return ", ".join(f"{name} {details[key]}" for name, key in parts if key in details)


def _object_in(file: Path) -> dict[str, Any]:
    """Return the JSON object in a file; an empty one where there is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
