# SPDX-License-Identifier: GPL-3.0-or-later
"""Digest of the code that computes masks, for keys of a cache that outlives a version."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from ..native.library import library_file


@functools.cache
def code_key() -> str:
    """Return a digest of this folder's sources and of the native library.

    Raises NativeError where the library is missing.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256()
    for file in (*sources, library_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()
