# SPDX-License-Identifier: GPL-3.0-or-later
"""Receiver of progress that records reports and cancels after a number of checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from semvec.core.errors import Cancelled


class RecordedProgress:
    """fractions: those reported. previews: their results, if `watches` is set.

    checks: number of checks after which it cancels; None never does.
    """

    def __init__(self, checks: int | None = None, watches: bool = True) -> None:
        self.fractions: list[float] = []
        self.previews: list[Any] = []
        self._checks = checks
        self._watches = watches

    def report(self, fraction: float, message: str = "") -> None:
        """Record the fraction."""
        self.fractions.append(fraction)

    def check_cancelled(self) -> None:
        """Raise Cancelled once the checks are used up."""
        if self._checks is not None:
            if self._checks <= 0:
                raise Cancelled
            self._checks -= 1

    def preview(self, paths: Callable[[], Any]) -> None:
        """Record the preview, if it is watched."""
        if self._watches:
            self.previews.append(paths())
