# SPDX-License-Identifier: GPL-3.0-or-later
"""Input and output files of a user, with typed errors."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import uuid
from pathlib import Path
from typing import BinaryIO

from ..errors import OutputError, SemvecError


def open_input(path: str | os.PathLike[str], error: type[SemvecError]) -> BinaryIO:
    """Open a regular file for reading. Raises `error` where that fails."""
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
    """Raise OutputError, before any work is done, where `write_output` would fail."""
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise OutputError(f"There is no folder '{folder}'.", "Make it first.")
    if not os.access(folder, os.W_OK):
        raise _not_written(path, "Permission denied")


def make_folder(path: str | os.PathLike[str]) -> None:
    """Create a folder and its parents where they are missing. Raises OutputError."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as problem:
        raise _not_written(path, getattr(problem, "strerror", None) or problem) from None


def remove_file(path: Path) -> None:
    """Remove a file if it exists. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise OutputError(
            f"'{path}' can't be removed: {problem.strerror or problem}.", "Check its permissions."
        ) from None


def write_output(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path` completely, or leave the path unchanged.

    An existing file is replaced and its permissions are kept; a link is followed. The data are
    on the disk before the file gets its name. Raises OutputError.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode_of(path, target)
        temporary = target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            _write_synced(temporary, data)
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, target)
        finally:  # also on Ctrl-C
            temporary.unlink(missing_ok=True)
        _sync_folder(target.parent)
    except (OSError, ValueError) as problem:  # ValueError: a null character in the name
        raise _not_written(path, getattr(problem, "strerror", None) or problem) from None


def _mode_of(path: str | os.PathLike[str], target: Path) -> int | None:
    """Return the permissions of the file to replace, None where there is none.

    Raises OutputError where it may not be replaced.
    """
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise OutputError(f"'{path}' is not a file.", "Name a file to write.")
    if not os.access(target, os.W_OK):
        raise OutputError(
            f"'{path}' is read-only.", "Change its permissions, or choose another name."
        )
    return stat.S_IMODE(status.st_mode)


def _write_synced(path: Path, data: bytes) -> None:
    """Write a new file, and wait until the disk has it.

    Where the file system allows it, the file gets its name afterwards, so that a process that is
    killed leaves nothing.
    """
    file, has_name = _new_file(path)
    with file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        if not has_name:
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder)
            finally:
                os.close(folder)


def _new_file(path: Path) -> tuple[BinaryIO, bool]:
    """Open a new file in the folder of `path`; returns whether it has this name already."""
    if sys.platform == "linux" and os.path.isdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # some file systems can't
            return open(os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o666), "wb"), False
    return path.open("xb"), True


def _sync_folder(folder: Path) -> None:
    """Wait until the disk has the new name, where the system can open folders."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some file systems can't
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _not_written(path: str | os.PathLike[str], reason: object) -> OutputError:
    return OutputError(
        f"'{path}' can't be written: {reason}.",
        "Choose a folder that exists and may be written to.",
    )
