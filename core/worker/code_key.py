# SPDX-License-Identifier: GPL-3.0-or-later
"""Digest of the code that computes masks and saliency, for a cache that outlives a version."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

from ..native.library import library_file

_CORE = Path(__file__).resolve().parents[1]

# All that cached arrays depend on beside the request; networks belong to the models.
_FOLDERS = ("decoding", "models", "saliency", "segmentation")
_FILES = ("bezier.py", "drawing.py", "image.py", "rendering/native.py", "srgb.py")
_SUFFIXES = (".py", ".npz")


@functools.cache
def code_key() -> str:
    """Return a digest of these files. Raises NativeError where the library is missing."""
    digest = hashlib.sha256()
    for file in (*hashed_files(_CORE), library_file()):
        digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def hashed_files(core: Path) -> Iterator[Path]:
    """Yield the files, apart from the native library, in a fixed order."""
    for folder in _FOLDERS:
        files = (core / folder).rglob("*")
        yield from sorted(file for file in files if file.suffix in _SUFFIXES)
    yield from (core / name for name in _FILES)
