# SPDX-License-Identifier: GPL-3.0-or-later
"""Best ramp of each path, linear or radial: least squares over the pixels where it is visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..drawing import Path, Ramp, pack
from .cones import Cone, fit_cones
from .slopes import Slope, fit_slopes
from .visible_sums import VisibleSums

# Fewer visible pixels than this say nothing about a direction.
_FEWEST_PIXELS = 16.0

# A ramp whose ends differ by less than this in all channels isn't seen; flat is simpler.
_FAINTEST = 2 / 255

# The direction from the center of a radial ramp to its end.
_RIGHT = np.array([1.0, 0.0])


def with_ramps(
    paths: Sequence[Path], image: np.ndarray, weight: np.ndarray, threads: int = 0
) -> list[Path]:
    """Return the paths, each with the ramp nearest to the image where it is visible.

    image: float32 [H, W, 3]. weight: float32 [H, W], how much each pixel matters. Opacities
    stay. Paths stay as they are if they hardly show, flat if the ramp would hardly show.
    """
    sums = VisibleSums(pack([replace(path, ramp=None) for path in paths]), image, weight, threads)
    moments, limits = sums.moments(), np.array(weight.shape[::-1], np.float64)
    controls = [_control_points(path, limits) for path in paths]
    slopes = map(Slope, *fit_slopes(moments))
    cones = map(Cone, *fit_cones(sums, moments, controls))
    fits = zip(paths, controls, slopes, cones, moments.total > _FEWEST_PIXELS, strict=True)
    return [
        _ramped(path, points, slope, cone) if is_shown else path
        for path, points, slope, cone, is_shown in fits
    ]


def _control_points(path: Path, limits: np.ndarray) -> np.ndarray:
    """Return a path's control points, those outside the canvas moved to its edge: [K, 2]."""
    return np.clip(np.concatenate([*path.subpaths, np.zeros((0, 2))]), 0, limits)


def _ramped(path: Path, controls: np.ndarray, slope: Slope, cone: Cone) -> Path:
    """Return the path with the better one of two ramps, over all that the canvas shows of it."""
    is_radial = cone.explained > slope.explained
    trend = cone if is_radial else slope
    offsets = controls - trend.center
    along = np.hypot(*offsets.T) if is_radial else offsets @ slope.direction
    low, high = _within_gamut(trend, 0 if is_radial else along.min(), along.max())
    if (high - low) * np.abs(trend.change).max() < _FAINTEST:
        return path if path.ramp is None else replace(path, fill=_fill(slope, path, 0), ramp=None)
    axis = _RIGHT if is_radial else slope.direction / (slope.direction @ slope.direction)
    start, end = ((trend.center + position * axis).astype(np.float32) for position in (low, high))
    ramp = Ramp("radial" if is_radial else "linear", start, end, _fill(trend, path, high)[:3])
    return replace(path, fill=_fill(trend, path, low), ramp=ramp)


def _fill(trend: Slope | Cone, path: Path, position: float) -> np.ndarray:
    """Return the color at a position along a trend, with the path's opacity: [4]."""
    color = np.clip(trend.color + position * trend.change, 0, 1)
    return np.append(color, path.fill[3]).astype(np.float32)


def _within_gamut(trend: Slope | Cone, low: float, high: float) -> tuple[float, float]:
    """Return the part of low to high that keeps the colors within [0, 1]; 0 always does."""
    color = np.clip(trend.color, 0, 1)
    changing = np.abs(trend.change) > 1e-9
    change = np.where(changing, trend.change, 1)
    ends = np.sort([-color / change, (1 - color) / change], axis=0)
    least, most = np.where(changing, ends, [[-np.inf], [np.inf]])
    return max(min(low, 0), least.max()), min(max(high, 0), most.min())
