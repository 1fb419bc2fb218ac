# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory of the running process."""

from __future__ import annotations

import numpy as np
from metrics.memory import peak_memory


def test_peak_memory_grows_with_what_is_held():
    before = peak_memory()
    held = np.ones(int(before * 1e6 / 4))  # twice what there was
    assert held[-1] == 1
    if before:
        assert peak_memory() > 1.5 * before
