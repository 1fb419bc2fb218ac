# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a user's files and writing results, with errors that a user understands."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import BinaryIO

from .errors import OutputError, SemvecError


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
        reason = getattr(problem, "strerror", None) or problem
        raise OutputError(
            f"'{path}' can't be written: {reason}.",
            "Choose a folder that exists and may be written to.",
        ) from None
