# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions and circles of new detail: at random by saliency, or where the error is largest."""

from __future__ import annotations

from collections.abc import Sequence

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
    landscape = blur(importance, radius / 2)
    width = landscape.shape[1]
    reach = max(1, round(2 * radius))
    found = np.empty((count, 2))
    for i in range(count):
        row, column = divmod(int(np.argmax(landscape)), width)
        found[i] = column + 0.5, row + 0.5
        top, left = max(0, row - reach), max(0, column - reach)
        window = landscape[top : row + reach + 1, left : column + reach + 1]
        rows = np.arange(top, top + window.shape[0])[:, None] - row
        columns = np.arange(left, left + window.shape[1])[None, :] - column
        window *= 1 - np.exp(-(rows**2 + columns**2) / (2 * radius**2))
    return found


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


def overlapping_groups(paths: Sequence[Path]) -> list[list[Path]]:
    """Return the paths in groups whose bounds overlap, directly or by others of the group."""
    groups: list[tuple[np.ndarray, list[Path]]] = []  # bounds [K, 2, 2] of the members, members
    for path in paths:
        points = np.concatenate(path.subpaths)
        least, most = points.min(axis=0), points.max(axis=0)
        met = [
            group
            for group in groups
            if np.all((group[0][:, 0] <= most) & (group[0][:, 1] >= least), axis=1).any()
        ]
        bounds = np.concatenate([*(group[0] for group in met), [[least, most]]])
        members = [member for group in met for member in group[1]]
        groups = [group for group in groups if not any(group is other for other in met)]
        groups.append((bounds, [*members, path]))
    return [members for _, members in groups]


def apart(paths: Sequence[Path], candidates: np.ndarray) -> set[int]:
    """Return those candidates, indices of paths, whose bounds don't overlap an earlier one's."""
    chosen: set[int] = set()
    boxes = np.empty((0, 4))
    for index in candidates.tolist():
        points = np.concatenate(paths[index].subpaths)
        least, most = points.min(axis=0), points.max(axis=0)
        if not np.all((boxes[:, :2] <= most) & (boxes[:, 2:] >= least), axis=1).any():
            chosen.add(index)
            boxes = np.vstack([boxes, np.append(least, most)])
    return chosen
