# SPDX-License-Identifier: GPL-3.0-or-later
"""Data-blocks by their session-wide numbers, which stay the same after undo."""

from __future__ import annotations

from typing import Any


def find_by_uid(items: Any, identifier: int) -> Any:
    """Find the data-block with this session-wide number; None where it is gone."""
    return next((item for item in items if item.session_uid == identifier), None)
