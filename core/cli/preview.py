# SPDX-License-Identifier: GPL-3.0-or-later
"""The rendering of a drawing that commands write on request."""

from __future__ import annotations

import numpy as np

from ..drawing import Drawing, pack
from ..image import Image
from ..rendering.native import render

# Long side of a preview in pixels; smaller images keep their size.
PREVIEW_SIDE = 2048


def preview_pixels(drawing: Drawing, image: Image) -> np.ndarray:
    """Return the drawing as pixels: float32 [H, W, 3], or [H, W, 4] for a transparent image."""
    scale = min(1.0, PREVIEW_SIDE / max(image.width, image.height))
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    scene = pack(drawing.scaled(width, height).paths)
    on_white = render(scene, width, height, (1.0, 1.0, 1.0))
    if image.is_opaque:
        return on_white
    on_black = render(scene, width, height, (0.0, 0.0, 0.0))
    alpha = 1.0 - (on_white - on_black).mean(axis=2, keepdims=True)
    return np.concatenate([on_black / np.maximum(alpha, 1e-6), alpha], axis=2)
