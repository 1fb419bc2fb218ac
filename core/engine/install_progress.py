# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of an installation: its steps, and the size of what was downloaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .environment import size_of

# Called with the fraction done, in [0, 1], and what is being done.
OnProgress = Callable[[float, str], None]


class InstallProgress:
    """Reports of the current step. downloads: the folder that grows during a step."""

    def __init__(self, on_progress: OnProgress, downloads: Path) -> None:
        self._on_progress = on_progress
        self._downloads = downloads
        self._fraction, self._message, self._size_before = 0.0, "", 0

    def step(self, fraction: float, message: str) -> None:
        """Begin a step, at this fraction of the installation."""
        self._fraction, self._message = fraction, message
        self._size_before = size_of(self._downloads)
        self._on_progress(fraction, message)

    def tick(self) -> None:
        """Report the current step again, with the size of its downloads so far."""
        size = (size_of(self._downloads) - self._size_before) / 1e6
        so_far = f" ({size:.0f} MB so far)" if size >= 1.0 else ""
        self._on_progress(self._fraction, self._message + so_far)
