# SPDX-License-Identifier: GPL-3.0-or-later
"""The remaining error of a drawing: its local difference from the image."""

from __future__ import annotations

import numpy as np

from ..drawing import Drawing, pack
from ..image import Image, resize
from ..rendering import native

LONG_SIDE = 512  # pixels of the map
_WINDOW = 5  # pixels that the error is averaged over, along each side
_BACKGROUNDS = (1.0, 0.0)  # one of them shows any difference of opacity


def error_map(image: Image, drawing: Drawing) -> np.ndarray:
    """Return the local root mean square error of sRGB: float32 [H, W] in [0, 1].

    Transparent images are compared over white and over black; the larger error counts. The map
    has the shape of the image, at most `LONG_SIDE` pixels long.
    """
    small = resize(image, LONG_SIDE)
    scene = pack(drawing.scaled(small.width, small.height).paths)
    backgrounds = _BACKGROUNDS[: 1 if small.is_opaque else None]
    squares = []
    for background in backgrounds:
        shown = native.render(scene, small.width, small.height, (background,) * 3)
        difference = shown - _over(small, background)
        squares.append((difference * difference).mean(axis=2))
    return np.sqrt(_local_mean(np.max(squares, axis=0))).astype(np.float32)


def _over(image: Image, background: float) -> np.ndarray:
    """Composite an image over a gray: float32 [H, W, 3]."""
    if image.alpha is None:
        return image.rgb
    return background + image.alpha[..., None] * (image.rgb - background)


def _local_mean(values: np.ndarray) -> np.ndarray:
    """Average over a window around each pixel; edge pixels are repeated beyond the edges."""
    for axis in (0, 1):
        widths = [(0, 0), (0, 0)]
        widths[axis] = (_WINDOW // 2, _WINDOW // 2)
        padded = np.pad(values, widths, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW, axis)
        values = windows.mean(axis=-1)
    return values
