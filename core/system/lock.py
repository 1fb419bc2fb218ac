# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that only one process at a time may hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SemvecError


@contextmanager
def held(file: Path, error: SemvecError) -> Iterator[None]:
    """Hold `file`, made where it is missing; raises `error` while another process holds it.

    The system lets go of it when a process ends, however it ends.
    """
    with file.open("a+b") as stream:
        if not _taken(stream.fileno()):
            raise error
        yield


if sys.platform == "win32":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
