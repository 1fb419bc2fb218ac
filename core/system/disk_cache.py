# SPDX-License-Identifier: GPL-3.0-or-later
"""Cache of arrays that outlives the process: files in a folder of bounded size."""

from __future__ import annotations

import contextlib
import io
import os
import time
import uuid
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import DamagedArrays, read_arrays

LIMIT = 256 * 2**20  # bytes; above, the least recently used files are removed

_SUFFIX = ".npz"
_UNFINISHED = ".part"
_ABANDONED = 3600.0  # seconds after which an unfinished file has no writer any more


class CachedFiles(MutableMapping[str, Any]):
    """Arrays by key, in `memory` first, then as files in `folder`.

    Keys are digests of everything that an array depends on, except the code that computes it,
    whose digest is `code`. A file that is damaged, foreign, or can't be read or written counts
    as missing. Values other than arrays stay in memory.
    """

    def __init__(self, memory: MutableMapping[str, Any], folder: Path, code: str = "") -> None:
        self._memory = memory
        self._folder = folder
        self._code = code

    def __getitem__(self, key: str) -> Any:
        if key not in self._memory:
            self._memory[key] = self._load(self._file(key))
        return self._memory[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._memory[key] = value
        if isinstance(value, np.ndarray):
            with contextlib.suppress(OSError):
                self._save(self._file(key), value)
                prune(self._folder, LIMIT)

    def __delitem__(self, key: str) -> None:
        self._memory.pop(key, None)
        self._file(key).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        return iter(self._memory)

    def __len__(self) -> int:
        return len(self._memory)

    def _file(self, key: str) -> Path:
        return self._folder / f"{self._code[:16]}-{key}{_SUFFIX}"

    def _load(self, file: Path) -> np.ndarray:
        """Read a file that was written under this very name. Raises KeyError."""
        try:
            stored = read_arrays(file)
            if str(stored["name"]) != file.name:
                raise KeyError(file.name)
            values = stored["values"]
            os.utime(file)  # marks it as used now
        except (OSError, DamagedArrays, KeyError):
            raise KeyError(file.name) from None
        return values

    def _save(self, file: Path, values: np.ndarray) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        stream = io.BytesIO()  # numpy complains on stderr where a disk is full
        np.savez_compressed(stream, values=values, name=np.array(file.name))
        unfinished = self._folder / f"{uuid.uuid4().hex}{_UNFINISHED}"
        try:
            unfinished.write_bytes(stream.getbuffer())
            os.replace(unfinished, file)
        finally:
            unfinished.unlink(missing_ok=True)


def cached_bytes(folder: Path) -> int:
    """Return the total size of all files of the cache."""
    return sum(size for _, size, _ in _files(folder))


def prune(folder: Path, limit: int) -> None:
    """Remove the least recently used files until at most `limit` bytes are left.

    Unfinished files without a writer are removed in any case.
    """
    files = sorted(_files(folder))
    excess = sum(size for _, size, _ in files) - limit
    abandoned = time.time() - _ABANDONED
    for used, size, file in files:
        if excess > 0 or (file.suffix == _UNFINISHED and used < abandoned):
            with contextlib.suppress(OSError):
                file.unlink()
            excess -= size


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Yield time of last use, size and path of each file."""
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.suffix in (_SUFFIX, _UNFINISHED):
            with contextlib.suppress(OSError):
                status = file.stat()
                yield status.st_mtime, status.st_size, file
