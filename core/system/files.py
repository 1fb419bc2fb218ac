# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a user's files and writing results, with errors that a user understands."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import BinaryIO

from ..errors import OutputError, SemvecError


def open_input(path: str | os.PathLike[str], error: type[SemvecError]) -> BinaryIO:
    """A regular file opened for reading. Raises `error` where that can't be done."""
    try:
        if Path(path).is_dir():
            raise error("This is a folder, not a file.", "Name a file in it.")
        if Path(path).exists() and not Path(path).is_file():
            raise error("This is not a regular file.", "Save it to a file first.")
        return open(path, "rb")
    except FileNotFoundError:
        raise error("There is no such file.", "Check the name and the folder.") from None
    except PermissionError:
        raise error("This file may not be read.", "Check its permissions.") from None
    except (OSError, ValueError) as problem:  # ValueError: a null character in the name
        raise error(f"This file can't be opened: {problem}.", "Check its name.") from None


def check_output(path: str | os.PathLike[str]) -> None:
    """Raise OutputError where `write_output` is bound to fail: before work, not after it."""
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise OutputError(f"There is no folder '{folder}'.", "Make it first.")
    if not os.access(folder, os.W_OK):
        raise _not_written(path, "Permission denied")


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder, and those it lies in, where they are missing. Raises OutputError."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as problem:
        raise _not_written(path, getattr(problem, "strerror", None) or problem) from None


def remove_file(path: Path) -> None:
    """Remove a file; one that isn't there is fine. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise OutputError(
            f"'{path}' can't be removed: {problem.strerror or problem}.", "Check its permissions."
        ) from None


def write_output(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path`: the whole of it or, on any failure, nothing at all.

    An existing file is replaced, a link followed. Raises OutputError.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise OutputError(f"'{path}' is not a file.", "Name a file to write.")
        temporary = target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, target)
        finally:  # also on Ctrl-C
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as problem:  # ValueError: a null character in the name
        raise _not_written(path, getattr(problem, "strerror", None) or problem) from None


def _not_written(path: str | os.PathLike[str], reason: object) -> OutputError:
    return OutputError(
        f"'{path}' can't be written: {reason}.",
        "Choose a folder that exists and may be written to.",
    )
