# SPDX-License-Identifier: GPL-3.0-or-later
"""Private temporary folder that a worker shares with its client.

The client holds a lock in the folder as long as it runs. A folder whose lock is free belongs to
a client that was killed; it is removed when the next worker starts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import WorkerError

PREFIX = "semvec-worker-"
LOCK = ".lock"

_ABANDONED = 86400.0  # seconds after which a folder without a lock file has no client


class SharedFolder:
    """A new folder for this user only, and the lock that marks it as used.

    Raises WorkerError where the temporary folder of the system is full, missing or read-only.
    """

    def __init__(self) -> None:
        try:
            _sweep()
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        except OSError as error:
            raise folder_error(error) from error
        self._lock = _lock(self.path)
        try:
            self._lock.acquire(timeout=0)
        except OSError as error:
            remove_folder(self.path)
            raise folder_error(error) from error

    def remove(self) -> None:
        """Release the lock and remove the folder."""
        self._lock.release()
        remove_folder(self.path)


def remove_folder(folder: Path) -> None:
    """Remove a shared folder, and never another one."""
    if folder.name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def folder_error(error: OSError) -> WorkerError:
    """Return the error for a temporary folder that can't be used."""
    reason = error.strerror or str(error)
    return WorkerError(
        f"The temporary folder can't be written: {reason}.",
        "Free some space there, or set another one: TMPDIR, or TEMP on Windows, before the start.",
    )


def _sweep() -> None:
    """Remove the folders of clients that were killed."""
    for folder in _own_folders():
        with suppress(OSError):
            if not (folder / LOCK).exists():
                if folder.stat().st_mtime < time.time() - _ABANDONED:
                    remove_folder(folder)
                continue
            lock = _lock(folder)
            lock.acquire(timeout=0)  # raises Timeout, an OSError, while the client runs
            lock.release()
            remove_folder(folder)


def _own_folders() -> Iterator[Path]:
    """Yield the shared folders of this user, links excluded."""
    user = os.getuid() if hasattr(os, "getuid") else None
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            is_own = user is None or folder.lstat().st_uid == user
            if is_own and folder.is_dir() and not folder.is_symlink():
                yield folder


def _lock(folder: Path) -> Any:
    from filelock import FileLock

    return FileLock(folder / LOCK, thread_local=False)  # released from any thread
