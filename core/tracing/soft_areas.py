# SPDX-License-Identifier: GPL-3.0-or-later
"""Areas of one color whose opacity varies, as shadows and glows: nested transparent shapes.

Each shape covers where the opacity is above a threshold. They lie on each other, and their
opacities add up to that of the area, so no border between two of them shows.
"""

from __future__ import annotations

import numpy as np

from ..bezier import polygon_area
from ..drawing import Path
from .contours import cracks, smoothed
from .fitting import fit_outlines
from .layering import dilated, spread

# Range of the opacity from which on an area varies, and the largest deviation of its colors.
_VARYING, _UNIFORM = 0.15, 0.08

# Difference of opacity between two shapes, and the number of shapes of an area.
_STEP, _FEWEST, _MOST = 0.02, 3, 24

# Opacity below which nothing is drawn.
_CLEAR = 0.004

# Pixels that a shape reaches beneath opaque ones.
_REACH = 4

_TOLERANCE = 0.6  # pixels
_MOST_SEGMENTS = 32
_LEAST_AREA = 16.0  # pixels²


def soft_area_paths(
    labels: np.ndarray,
    colors: np.ndarray,
    opacity: np.ndarray,
    opacities: np.ndarray,
    most: int,
    most_nodes: int | None = None,
) -> tuple[list[Path], np.ndarray]:
    """Return the shapes of soft areas in painting order, and the labels without these areas.

    labels: int32 [H, W], -1 outside. colors: float [H, W, 3]. opacity: float [H, W].
    opacities: float [N] of the regions, 1 for opaque ones. most: number of shapes at most;
    without enough of them, all areas stay in the labels. most_nodes: of a shape, at least 4; None
    for as many as its outlines take.
    """
    is_opaque = np.append(opacities >= 1, False)[labels]
    edges = dilated(dilated(is_opaque))  # whose colors are mixed with those of opaque shapes
    areas = [
        area
        for area in _areas(labels, np.append(opacities < 1, False))
        if _is_soft(colors[area & ~edges], opacity[area & ~edges])
    ]
    each = min(most // max(len(areas), 1), _MOST)
    if each < _FEWEST:
        return [], labels
    paths, rest = [], labels.copy()
    for area in areas:
        color = _mean_color(colors[area & ~edges], opacity[area & ~edges])
        paths += _shapes(area, is_opaque, color, opacity, each, most_nodes)
        rest[area] = -1
    return paths, rest


def _areas(labels: np.ndarray, is_soft: np.ndarray) -> list[np.ndarray]:
    """Return masks bool [H, W] of the connected areas of transparent regions.

    is_soft: bool [N + 1], of each region; the last is for the outside.
    """
    parents = np.arange(len(is_soft))
    for first, second in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        both = is_soft[first] & is_soft[second] & (first != second)
        for i, j in np.unique(np.stack([first[both], second[both]], axis=1), axis=0).tolist():
            parents[parents == parents[i]] = parents[j]
    areas = parents[labels]
    return [is_soft[labels] & (areas == number) for number in np.unique(parents[is_soft])]


def _is_soft(colors: np.ndarray, opacity: np.ndarray) -> bool:
    """Return whether the opacity [K] of the pixels of an area varies, and their color does not."""
    if not opacity.any():
        return False
    low, high = np.quantile(opacity, [0.05, 0.95])
    mean = _mean_color(colors, opacity)
    squared = (np.square(colors - mean) * opacity[:, None]).sum(axis=0) / opacity.sum()
    return bool(high - low > _VARYING and np.sqrt(squared.max()) < _UNIFORM)


def _mean_color(colors: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Return the mean [3] of colors [K, 3], weighted by their opacity [K]."""
    return (colors * opacity[:, None]).sum(axis=0) / opacity.sum()


def _shapes(
    area: np.ndarray,
    is_opaque: np.ndarray,
    color: np.ndarray,
    opacity: np.ndarray,
    most: int,
    most_nodes: int | None,
) -> list[Path]:
    """Return the nested shapes of one area, the largest first."""
    weight = opacity[area]
    low, high = max(float(weight.min()), _CLEAR), float(np.quantile(weight, 0.995))
    count = int(np.clip(np.ceil((high - low) / _STEP), _FEWEST, most))
    step = (high - low) / count
    paths, below = [], 0.0
    for threshold in low + step * np.arange(count):
        subpaths = _level_set(area & (opacity >= threshold), is_opaque & ~area, most_nodes)
        if subpaths:
            here = threshold + step / 2
            fill = np.append(color, 1 - (1 - here) / (1 - below)).astype(np.float32)
            paths.append(Path(subpaths, fill, region=-1))
            below = here
    return paths


def _level_set(mask: np.ndarray, is_opaque: np.ndarray, most_nodes: int | None) -> list[np.ndarray]:
    """Return the outlines of a mask, which reaches a little beneath opaque shapes."""
    lower = ~(mask | is_opaque)
    covered = spread(mask, is_opaque & ~dilated(dilated(lower)), _REACH)
    outlines = [each for each in cracks(covered) if abs(polygon_area(each)) >= _LEAST_AREA]
    if not outlines:
        return []
    return fit_outlines(
        [smoothed(each) for each in outlines],
        [np.full(len(each), _TOLERANCE) for each in outlines],
        most_nodes or max(_MOST_SEGMENTS, 4 * len(outlines)),
    )
