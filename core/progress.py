# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress protocol: stages report the fraction done and learn of a request to cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .drawing import Path


class Progress(Protocol):
    """Receiver of the progress of one stage."""

    def report(self, fraction: float, message: str = "") -> None:
        """Report the fraction of the stage done, in [0, 1], and what is being done.

        Without a message, the stage's own is shown.
        """

    def check_cancelled(self) -> None:
        """Raise Cancelled if the caller has asked to stop."""


class PreviewProgress(Progress, Protocol):
    """Receiver of progress that shows the drawing while it is made."""

    def preview(self, paths: Callable[[], list[Path]]) -> None:
        """Offer the paths so far; `paths` is called only when a preview is due."""


class NoProgress:
    """Receiver that ignores all reports and never cancels."""

    def report(self, fraction: float, message: str = "") -> None:
        """Ignore the report."""

    def check_cancelled(self) -> None:
        """Let the stage go on."""

    def preview(self, paths: Callable[[], list[Path]]) -> None:
        """Ignore the preview."""


NO_PROGRESS = NoProgress()
