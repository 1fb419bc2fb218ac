# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process of this Blender session: it starts with the first run."""

from __future__ import annotations

from ...core.worker.process import close_shared_worker


def unregister() -> None:
    """End the process."""
    close_shared_worker()
