# SPDX-License-Identifier: GPL-3.0-or-later
"""Best linear ramp of each path: least squares over the pixels where the path is visible.

Sums over each path's visible pixels come from the renderer. The gradient of a path's color
is the sum, over its pixels, of the image's gradient times the path's fraction of the pixel;
any values given in place of the image's gradient are summed alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..drawing import Path, Ramp, Scene, pack
from ..rendering.native import render_backward

# Fewer visible pixels than this say nothing about a direction.
_FEWEST_PIXELS = 16.0

# Added to the spread of a path's pixels, px²: keeps thin shapes from steep ramps across.
_LEAST_SPREAD = 1.0

# A ramp whose ends differ by less than this in all channels isn't seen; flat is simpler.
_FAINTEST = 2 / 255


class _Moments(NamedTuple):
    """Moments of the visible pixels of N paths.

    Total weight [N], mean position [N, 2] and color [N, 3], covariance of the positions
    [N, 2, 2], and of the positions and the colors [N, 2, 3].
    """

    total: np.ndarray
    center: np.ndarray
    color: np.ndarray
    spread: np.ndarray
    trend: np.ndarray


class _Slope(NamedTuple):
    """Colors that change along one direction: color + ((p − center)·direction)·change.

    center, direction: [2]; color, change: [3], of one path.
    """

    center: np.ndarray
    color: np.ndarray
    direction: np.ndarray
    change: np.ndarray


def with_ramps(
    paths: Sequence[Path], image: np.ndarray, weight: np.ndarray, threads: int = 0
) -> list[Path]:
    """Return the paths, each with the linear ramp nearest to the image where it is visible.

    image: float32 [H, W, 3]. weight: float32 [H, W], how much each pixel matters. Opacities
    stay. Paths stay as they are if they hardly show, flat if the ramp would hardly show.
    """
    moments = _moments(pack([replace(path, ramp=None) for path in paths]), image, weight, threads)
    directions, changes = _main_trends(moments.spread, moments.trend)
    limits = np.array(weight.shape[::-1], np.float64)
    slopes = map(_Slope, moments.center, moments.color, directions, changes)
    return [
        _ramped(path, slope, limits) if total > _FEWEST_PIXELS else path
        for path, slope, total in zip(paths, slopes, moments.total, strict=True)
    ]


def _moments(scene: Scene, image: np.ndarray, weight: np.ndarray, threads: int) -> _Moments:
    height, width = weight.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32) + np.float32(0.5)
    # About the middle of the canvas: squares of pixels would cost float32 its precision.
    x, y = columns - width / 2, rows - height / 2

    def sums(values: np.ndarray) -> np.ndarray:
        """Return sums of three values a pixel over each path's visible pixels: float64 [N, 3]."""
        gradient = np.ascontiguousarray(weight[..., None] * values, np.float32)
        return render_backward(scene, gradient, threads=threads).colors[:, :3].astype(np.float64)

    first = sums(np.stack([np.ones_like(x), x, y], axis=2))
    second = sums(np.stack([x * x, x * y, y * y], axis=2))
    colors, by_x, by_y = sums(image), sums(image * x[..., None]), sums(image * y[..., None])
    total = np.maximum(first[:, :1], 1e-9)
    center, color = first[:, 1:] / total, colors / total
    spread = (second / total)[:, [0, 1, 1, 2]].reshape(-1, 2, 2)
    spread -= center[:, :, None] * center[:, None, :]
    trend = np.stack([by_x, by_y], axis=1) / total[:, None] - center[:, :, None] * color[:, None]
    center += np.array([width / 2, height / 2])
    return _Moments(first[:, 0], center, color, spread, trend)


def _main_trends(spread: np.ndarray, trend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best rank-1 part of color gradients: direction [N, 2] and slope [N, 3].

    Of the planes of least squares, spread⁻¹·trend, the part of the largest singular value as
    measured over the pixels: what is left out costs least. By eigenvectors, for which NumPy
    wakes no threads.
    """
    sizes, axes = np.linalg.eigh(spread)
    sizes = np.maximum(sizes, 0) + _LEAST_SPREAD  # those of few pixels are rounded
    whiten = (axes / np.sqrt(sizes)[:, None]) @ axes.transpose(0, 2, 1)
    trend = whiten @ trend
    main = np.linalg.eigh(trend @ trend.transpose(0, 2, 1))[1][:, :, 1:]
    return (whiten @ main)[:, :, 0], (main.transpose(0, 2, 1) @ trend)[:, 0]


def _ramped(path: Path, slope: _Slope, limits: np.ndarray) -> Path:
    """Return the path with a ramp from end to end of what the canvas, `limits` [2], shows of it."""
    along = (np.clip(np.concatenate(path.subpaths), 0, limits) - slope.center) @ slope.direction
    low, high = _within_gamut(slope, along.min(), along.max())
    if (high - low) * np.abs(slope.change).max() < _FAINTEST:
        return path if path.ramp is None else replace(path, fill=_fill(slope, path, 0), ramp=None)
    axis = slope.direction / (slope.direction @ slope.direction)
    start, end = ((slope.center + position * axis).astype(np.float32) for position in (low, high))
    ramp = Ramp("linear", start, end, _fill(slope, path, high)[:3])
    return replace(path, fill=_fill(slope, path, low), ramp=ramp)


def _fill(slope: _Slope, path: Path, position: float) -> np.ndarray:
    """Return the color at a position along the slope, with the path's opacity: [4]."""
    color = np.clip(slope.color + position * slope.change, 0, 1)
    return np.append(color, path.fill[3]).astype(np.float32)


def _within_gamut(slope: _Slope, low: float, high: float) -> tuple[float, float]:
    """Return the part of low to high that keeps the colors within [0, 1]; 0 always does."""
    color = np.clip(slope.color, 0, 1)
    changing = np.abs(slope.change) > 1e-9
    change = np.where(changing, slope.change, 1)
    ends = np.sort([-color / change, (1 - color) / change], axis=0)
    least, most = np.where(changing, ends, [[-np.inf], [np.inf]])
    return max(min(low, 0), least.max()), min(max(high, 0), most.min())
