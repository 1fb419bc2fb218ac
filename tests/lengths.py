# SPDX-License-Identifier: GPL-3.0-or-later
"""Length of tests: how much a nightly run tries more, and the files that take longest."""

from __future__ import annotations

import os

# SEMVEC_FAULTS multiplies the number of trials: 1 by default, 20 for a nightly run.
LENGTH = int(os.environ.get("SEMVEC_FAULTS", "1"))

# The files of a minute and more, the longest first. A run begins with them: begun last, one would
# keep a single processor busy at the end.
LONGEST = (
    "core/native/test_platforms.py",
    "core/engine/test_engine.py",
    "core/svg/test_random_documents.py",
    "core/flat/test_tracing.py",
    "core/refinement/test_device_optimization.py",
    "core/test_guide.py",
    "core/native/test_sanitizers.py",
    "core/lines/test_tracing.py",
)


def trials(count: int) -> int:
    """Return the number of trials of a test that makes `count` of them in CI."""
    return count * LENGTH
