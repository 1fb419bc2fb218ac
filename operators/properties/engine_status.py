# SPDX-License-Identifier: GPL-3.0-or-later
"""How it stands with the AI engine, as panels ask for it: often. No bpy here."""

from __future__ import annotations

import time

from ...core.engine.environment import Status, status

FRESH = 2.0  # seconds that what was found on the disk is believed

_found: tuple[float, Status] | None = None


def engine_status() -> Status:
    """What `core.engine.environment.status` says, or said a moment ago."""
    global _found
    now = time.monotonic()
    if _found is None or now - _found[0] > FRESH:
        _found = now, status()
    return _found[1]


def forget_engine_status() -> None:
    """Look at the disk the next time: something has changed."""
    global _found
    _found = None
