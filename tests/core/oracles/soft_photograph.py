# SPDX-License-Identifier: GPL-3.0-or-later
"""A small picture like a photograph, and the pixels of a drawing."""

from __future__ import annotations

import numpy as np

from semvec.core.drawing import Drawing, pack
from semvec.core.image import Image
from semvec.core.rendering.native import render


def photograph(height: int = 60, width: int = 80, seed: int = 0) -> Image:
    """Soft blobs of color on a slope: something like a photograph."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    rgb = np.stack([0.2 + 0.5 * columns, 0.3 + 0.4 * rows, 0.5 - 0.3 * columns], axis=2)
    for _ in range(8):
        row, column, radius = random.uniform(0, 1, 3)
        inside = (rows - row) ** 2 + (columns - column) ** 2 < (0.05 + 0.2 * radius) ** 2
        rgb[inside] = random.uniform(0, 1, 3)
    return Image(rgb.astype(np.float32))


def picture_of(drawing: Drawing, background: tuple[float, float, float]) -> np.ndarray:
    return render(pack(drawing.paths), int(drawing.width), int(drawing.height), background)
