# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixel art as one compound path per color whose outlines run along the sides of pixels."""

from __future__ import annotations

import numpy as np

from ..bezier import polygon, rectangle
from ..drawing import Path
from ..tracing.contours import cracks, turned
from .kind import block_size, reduced
from .options import UNCHANGED, ColorOptions, recolored
from .palette import Palette, pixel_codes


def trace_pixels(pixels: np.ndarray, budget: int, options: ColorOptions = UNCHANGED) -> list[Path]:
    """Draw pixel art exactly, one path per color in painting order.

    pixels: uint8 [H, W, 4] of `to_bytes`; enlarged pixels are drawn as one. Opaque colors reach
    beneath those painted later, so that no renderer shows gaps. With more colors than the budget,
    the closest are merged.
    """
    scale, small = block_size(pixels), reduced(pixels)
    values, labels = np.unique(pixel_codes(small), return_inverse=True)
    labels = labels.reshape(small.shape[:2]).astype(np.int32)
    most = min(options.most or budget, budget)
    palette = Palette(values[:, None].view(np.uint8).reshape(-1, 4), labels, 0)
    labels, drawn, clear = recolored(labels, palette, options._replace(most=most))
    colors = drawn.colors
    counts = np.bincount(labels.ravel(), minlength=len(colors))
    shown = [i for i in np.argsort(-counts, kind="stable") if not clear[i] and counts[i] > 0]
    opaque = [i for i in shown if colors[i, 3] == 255]
    paths = []
    for i in shown:
        beneath = opaque[opaque.index(i) :] if i in opaque else [i]
        mask = np.isin(labels, beneath)
        outlines = [_along_pixels(vertices, scale) for vertices in cracks(mask)]
        if mask.all():
            height, width = pixels.shape[:2]
            outlines = [rectangle(0, 0, width, height)]
        paths.append(Path(outlines, colors[i].astype(np.float32) / np.float32(255)))
    return paths


def _along_pixels(vertices: np.ndarray, scale: int) -> np.ndarray:
    """Return straight cubics between the corners of an outline of `cracks`."""
    step = turned(vertices, 1) - vertices
    turns = (step != turned(step, -1)).any(axis=1)
    return polygon(vertices[turns].astype(np.float64) * scale)
