# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of batches; and killing.py importable by the tests and by the processes they start."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Twelve small images of noise."""
    found = []
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 24, 3), np.uint8)
        found.append(tmp_path / f"f_{number:02d}.png")
        PIL.Image.fromarray(pixels).save(found[-1])
    return found
