# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock file that only one process at a time may hold (filelock)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError, SemvecError


@contextmanager
def held(file: Path, error: SemvecError) -> Iterator[None]:
    """Hold `file`, which is created if missing; raises `error` while another process holds it.

    The operating system releases the lock when a process ends, however it ends. Raises
    OutputError where the file can't be created.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise error from None
    except (OSError, NotImplementedError) as problem:
        raise OutputError(
            f"'{file}' can't be locked: {problem}.", "Check the permissions of its folder."
        ) from None
    try:
        yield
    finally:
        lock.release()
