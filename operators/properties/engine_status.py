# SPDX-License-Identifier: GPL-3.0-or-later
"""Cached status of the AI engine for panels, which query it on every redraw. No bpy here."""

from __future__ import annotations

import time

from ...core.engine.environment import Status, status
from .runtime import RUNTIME

FRESH = 2.0  # lifetime of the cache in seconds


def engine_status() -> Status:
    """Return the status that `core.engine.environment.status` determines, at most FRESH old."""
    now = time.monotonic()
    if RUNTIME.engine_status is None or now - RUNTIME.engine_status[0] > FRESH:
        RUNTIME.engine_status = now, status()
    return RUNTIME.engine_status[1]


def forget_engine_status() -> None:
    """Clear the cache: the engine has changed on the disk."""
    RUNTIME.engine_status = None
