# SPDX-License-Identifier: GPL-3.0-or-later
"""Length of tests that try many random inputs or moments: a nightly run tries more of them."""

from __future__ import annotations

import os

# SEMVEC_FAULTS multiplies the number of trials: 1 by default, 20 for a nightly run.
LENGTH = int(os.environ.get("SEMVEC_FAULTS", "1"))


def trials(count: int) -> int:
    """Return the number of trials of a test that makes `count` of them in CI."""
    return count * LENGTH
