# SPDX-License-Identifier: GPL-3.0-or-later
"""The name under which a cache keeps what was made of something."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def content_key(*parts: Any) -> str:
    """The same text for the same parts: arrays by their content, the rest by its repr."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()
