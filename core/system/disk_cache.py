# SPDX-License-Identifier: GPL-3.0-or-later
"""A cache of arrays that outlives the process: as files in a folder of a bounded size."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import numpy as np

from ..version import VERSION

LIMIT = 256 * 2**20  # bytes; beyond, the files used least recently go

_SUFFIX = ".npz"


class CachedFiles(MutableMapping[str, Any]):
    """Arrays by key, in `memory` first, then as files in `folder`.

    Keys are digests of all that an array depends on but our version, which is added here.
    Files that can't be read or written are as good as missing; other values than arrays
    stay in memory.
    """

    def __init__(self, memory: MutableMapping[str, Any], folder: Path) -> None:
        self._memory = memory
        self._folder = folder

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
        return self._folder / f"{VERSION}-{key}{_SUFFIX}"

    def _load(self, file: Path) -> np.ndarray:
        try:
            with np.load(file, allow_pickle=False) as stored:
                values = stored["values"]
            os.utime(file)  # used now
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            raise KeyError(file.name) from None
        return values

    def _save(self, file: Path, values: np.ndarray) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        with unfinished.open("wb") as stream:
            np.savez_compressed(stream, values=values)
        os.replace(unfinished, file)


def cached_bytes(folder: Path) -> int:
    """How large all files of the cache are together."""
    return sum(size for _, size, _ in _files(folder))


def prune(folder: Path, limit: int) -> None:
    """Remove files, those used least recently first, until at most `limit` bytes are left."""
    files = sorted(_files(folder))
    excess = sum(size for _, size, _ in files) - limit
    for _, size, file in files:
        if excess <= 0:
            break
        with contextlib.suppress(OSError):
            file.unlink()
        excess -= size


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each file was last used, its size, and where it is."""
    for file in folder.glob(f"*{_SUFFIX}") if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            status = file.stat()
            yield status.st_mtime, status.st_size, file
