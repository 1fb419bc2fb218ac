# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions and circles of new detail: at random by saliency, or where the error is largest."""

from __future__ import annotations

import numpy as np

from ..bezier import circle
from ..drawing import Path

# Opacities from here on count as full.
FULL_OPACITY = 0.96

# Opacity of new circles in transparent areas: enough for a gradient, too little to hide what is
# beneath.
FAINT = 0.3


def sample_by_saliency(saliency: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Positions drawn with probability by saliency [H, W]: float64 [count, 2], pixels (x, y).

    The placement of the paper's Stage III (section 4.4).
    """
    generator = np.random.default_rng(seed)
    probability = saliency.astype(np.float64).ravel()
    probability /= probability.sum()
    pixels = generator.choice(probability.size, size=count, p=probability)
    rows, columns = np.divmod(pixels, saliency.shape[1])
    return np.stack([columns, rows], axis=1) + generator.uniform(0, 1, (count, 2))


def peaks(importance: np.ndarray, count: int, radius: float) -> np.ndarray:
    """Return the `count` highest positions of `importance` [H, W] blurred over `radius` pixels.

    Around each one taken the rest is lowered, so that they spread. The result is float64
    [count, 2], pixels (x, y).
    """
    landscape = _Landscape(blur(importance, radius / 2))
    reach = max(1, round(2 * radius))
    distances = np.arange(-reach, reach + 1)
    squares = distances[:, None] ** 2 + distances[None, :] ** 2
    factors = 1 - np.exp(-squares / (2 * radius**2))
    found = np.empty((count, 2))
    for i in range(count):
        row, column = landscape.highest()
        found[i] = column + 0.5, row + 0.5
        landscape.lower(row, column, factors)
    return found


class _Landscape:
    """Heights [H, W] of which the highest one is found again and again.

    The maxima of square tiles are kept, so that a search costs little beside the number of
    pixels.
    """

    _TILE = 32

    def __init__(self, heights: np.ndarray) -> None:
        height, width = heights.shape
        tile = self._TILE
        self._shape = height, width
        padding = ((0, -height % tile), (0, -width % tile))
        self._heights = np.pad(heights, padding, constant_values=-np.inf)
        rows, columns = (side // tile for side in self._heights.shape)
        tiles = self._heights.reshape(rows, tile, columns, tile)
        self._maxima = tiles.max(axis=(1, 3))

    def highest(self) -> tuple[int, int]:
        """Return row and column of the maximum, the first one row by row of several."""
        top = int(self._maxima.argmax()) // self._maxima.shape[1]
        columns = np.flatnonzero(self._maxima[top] == self._maxima[top].max())
        tile, first = self._TILE, int(columns[0]) * self._TILE
        rows = slice(top * tile, (top + 1) * tile)
        strip = self._heights[rows, first : (int(columns[-1]) + 1) * tile]
        row, column = divmod(int(strip.argmax()), strip.shape[1])
        return top * tile + row, first + column

    def lower(self, row: int, column: int, factors: np.ndarray) -> None:
        """Multiply the heights around a position by factors [2·R + 1, 2·R + 1]."""
        reach, (height, width), tile = len(factors) // 2, self._shape, self._TILE
        top, left = max(0, row - reach), max(0, column - reach)
        bottom, right = min(height, row + reach + 1), min(width, column + reach + 1)
        self._heights[top:bottom, left:right] *= factors[
            top - row + reach : bottom - row + reach, left - column + reach : right - column + reach
        ]
        rows = slice(top // tile, (bottom - 1) // tile + 1)
        columns = slice(left // tile, (right - 1) // tile + 1)
        changed = self._heights[
            rows.start * tile : rows.stop * tile, columns.start * tile : columns.stop * tile
        ]
        shape = rows.stop - rows.start, tile, columns.stop - columns.start, tile
        self._maxima[rows, columns] = changed.reshape(shape).max(axis=(1, 3))


def blur(values: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of [H, W] by three box blurs, reflecting at the border: float64 [H, W]."""
    radius = max(0, round(np.sqrt(sigma**2 + 0.25) - 0.5))
    blurred = values.astype(np.float64)
    for _ in range(3 if radius else 0):
        blurred = _box_blur(_box_blur(blurred, radius).T, radius).T
    return blurred


def _box_blur(values: np.ndarray, radius: int) -> np.ndarray:
    """Means over 2·radius + 1 rows."""
    padded = np.pad(values, ((radius + 1, radius), (0, 0)), mode="symmetric")
    sums = np.cumsum(padded, axis=0)
    return (sums[2 * radius + 1 :] - sums[: -2 * radius - 1]) / (2 * radius + 1)


def depth(labels: np.ndarray, limit: int) -> np.ndarray:
    """Count steps from each pixel to the nearest of another region, up to `limit`: int [H, W].

    Counted in turn along 4 and 8 neighbors, which is close to the true distance.
    """
    steps = np.zeros(labels.shape, np.int32)
    inner = np.ones(labels.shape, bool)
    for i in range(limit):
        padded = np.pad(labels if i == 0 else inner, 1, mode="edge")
        center = padded[1:-1, 1:-1]
        same = inner.copy()
        shifts = [(0, 1), (2, 1), (1, 0), (1, 2)] + [(0, 0), (0, 2), (2, 0), (2, 2)] * (i % 2)
        for row, column in shifts:
            other = padded[row : row + labels.shape[0], column : column + labels.shape[1]]
            same &= (other == center) if i == 0 else other
        inner = same
        steps += inner
    return steps


def detail_circles(
    centers: np.ndarray,
    radii: np.ndarray,
    image: np.ndarray,
    labels: np.ndarray,
    segments: int,
    opacity: np.ndarray | None = None,
) -> list[Path]:
    """Return circles in the color of the image beneath, owned by the region beneath.

    centers: [K, 2] pixels (x, y). radii: [K] pixels. image: [H, W, 3]. labels: int32 [H, W].
    opacity: [H, W]; where it is not full, circles are transparent. None makes all opaque.
    """
    return [
        _detail_circle(center, float(radius), image, labels, segments, opacity)
        for center, radius in zip(centers, radii, strict=True)
    ]


def _detail_circle(
    center: np.ndarray,
    radius: float,
    image: np.ndarray,
    labels: np.ndarray,
    segments: int,
    opacity: np.ndarray | None,
) -> Path:
    height, width = labels.shape
    column, row = (
        min(max(int(c), 0), limit - 1) for c, limit in zip(center, (width, height), strict=True)
    )
    reach = max(1, int(radius))
    rows = slice(max(0, row - reach), row + reach + 1)
    columns = slice(max(0, column - reach), column + reach + 1)
    region = int(labels[row, column])
    own = labels[rows, columns] == region
    fill = np.append(image[rows, columns][own].mean(axis=0), 1.0).astype(np.float32)
    if opacity is not None and np.median(opacity[rows, columns][own]) < FULL_OPACITY:
        fill[3] = FAINT
    return Path([circle(center, radius, segments)], fill, "detail", region=region)
