# SPDX-License-Identifier: GPL-3.0-or-later
"""Digest of values, as a key of caches."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def content_key(*parts: Any) -> str:
    """Return the same text for the same parts: arrays by content, other values by repr."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()
