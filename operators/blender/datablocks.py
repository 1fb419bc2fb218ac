# SPDX-License-Identifier: GPL-3.0-or-later
"""Data-blocks by their numbers, which outlive an undo step."""

from __future__ import annotations

from typing import Any


def find_by_uid(items: Any, identifier: int) -> Any:
    """The data-block with this session-wide number; None where it is gone."""
    return next((item for item in items if item.session_uid == identifier), None)
