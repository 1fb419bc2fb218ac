# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures for the tests of image files."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def colors() -> np.ndarray:
    """A smooth picture that survives lossy formats: uint8 [48, 64, 3]."""
    y, x = np.mgrid[0:48, 0:64]
    return np.stack([40 + x * 3, 30 + y * 4, 240 - x * 2 - y], axis=-1).astype(np.uint8)
