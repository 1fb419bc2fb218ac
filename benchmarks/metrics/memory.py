# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory of the running process."""

from __future__ import annotations

import sys


def peak_memory() -> float:
    """Return the peak memory of this process in MB; 0 where the system does not report it."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
