# SPDX-License-Identifier: GPL-3.0-or-later
"""Common tracers of color layers, limited to the budget's number of paths."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np

from semvec.core.segmentation.partition import from_labels
from semvec.core.svg import from_svg
from semvec.core.tracing import trace

from .task import Answer, Task

COLORS = 16  # of the quantized picture: Inkscape's "multiple scans" offer as many


def vtracer(task: Task) -> Answer:
    """vtracer (visioncortex) at its defaults, its speckle filter raised until the budget is met.

    Departure: none in the program; counts between those that the filter can reach fall short.
    """
    import vtracer as program

    png = _png(task.image)

    def traced(speckle: int) -> Answer:
        text = program.convert_raw_image_to_svg(png, img_format="png", filter_speckle=speckle)
        return Answer(from_svg(text), text)

    return most_paths_within(task.budget, traced, max(task.width, task.height))


def layers(task: Task) -> Answer:
    """Color-quantized layers, each component traced; small ones absorbed down to the budget.

    As Potrace (Selinger 2003) is used on color pictures; the curve fitting is ours.
    """
    flat = quantized(task.image, task.seed)

    def traced(side: int) -> Answer:
        labels = from_labels(flat, task.image, minimum_area=side * side)
        return Answer(task.drawing(trace(labels, task.image)))

    return most_paths_within(task.budget, traced, max(task.width, task.height))


def most_paths_within(budget: int, traced: Callable[[int], Answer], coarsest: int) -> Answer:
    """Return the answer with the most paths up to the budget: fewer the coarser; by bisection."""
    low, high = 1, coarsest
    best = traced(high)
    while low < high:
        middle = (low + high) // 2
        answer = traced(middle)
        if len(answer.drawing.paths) <= budget:
            best, high = answer, middle
        else:
            low = middle + 1
    return best


def quantized(image: np.ndarray, seed: int) -> np.ndarray:
    """Return the pixel's nearest of 16 colors, by K-means: int [H, W]."""
    from scipy.cluster.vq import kmeans2

    pixels = image.reshape(-1, 3).astype(np.float64)
    labels = kmeans2(pixels, COLORS, iter=20, minit="++", seed=seed)[1]
    return labels.reshape(image.shape[:2]).astype(np.int32)


def _png(image: np.ndarray) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray((image * 255 + 0.5).astype(np.uint8)).save(data, "PNG")
    return data.getvalue()
