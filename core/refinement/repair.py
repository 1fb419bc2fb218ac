# SPDX-License-Identifier: GPL-3.0-or-later
"""Final repair of shapes: no self-crossings, no specks, no slivers.

Refinement keeps outlines simple at a few chords a cubic. A finished drawing is checked at
full sampling here, and faults are repaired by the smallest change that removes them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from ..bezier import SAMPLES, area, bernstein, circle, cubic_areas, cubics, flattened, polygon
from ..drawing import Drawing, Path, pack
from ..settings import FEWEST_NODES_A_PATH
from ..svg import quantized
from .given import is_locked
from .simplicity import touching_cubics

# The least area (px²) and thickness (px) of a finished shape.
SMALLEST_AREA = 4.0
SMALLEST_THICKNESS = 1.0

# Paths whose sizes are measured together, which takes some MB.
_PATHS_AT_ONCE = 512

# How often a finished drawing is repaired at most. The second pass rarely finds anything; outlines
# whose sides nearly meet may take a few, each of which begins with a larger change.
_PASSES = 10

# Crossing cubics give these shares of their bend away, one after the other, until none crosses.
_STRAIGHTENING = (0.01, 0.02, 0.04, 0.08, 0.15, *(0.3,) * 8)


def crossing_segments(paths: Sequence[Path]) -> list[np.ndarray]:
    """Return which cubics of each path touch or cross another one of it: bool [S] each."""
    crossing = touching_cubics(pack(paths))
    return np.split(crossing, np.cumsum([path.nodes for path in paths])[:-1])


def size_of(path: Path) -> tuple[float, float]:
    """Return the area of a path in px², and its mean thickness in px: 2 x area / perimeter.

    A simply connected shape holds a circle at least as wide as its mean thickness.
    """
    perimeter = 0.0
    for points in path.subpaths:
        ring = flattened(points)
        perimeter += float(np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1).sum())
    covered = area(path.subpaths)
    return covered, 2 * covered / max(perimeter, 1e-9)


def slivers(paths: Sequence[Path], margin: float = 1.0) -> np.ndarray:
    """Return `is_sliver` of many paths at once: bool [N]."""
    parts = [_sizes_of(paths[i : i + _PATHS_AT_ONCE]) for i in range(0, len(paths), _PATHS_AT_ONCE)]
    areas, perimeters = np.concatenate([np.empty((2, 0)), *parts], axis=1)
    thicknesses = 2 * areas / np.maximum(perimeters, 1e-9)
    return (areas < margin * SMALLEST_AREA) | (thicknesses < margin * SMALLEST_THICKNESS)


def _sizes_of(paths: Sequence[Path]) -> tuple[np.ndarray, np.ndarray]:
    """Return areas in px² and perimeters in px of paths: [N] each."""
    owners = np.repeat(np.arange(len(paths)), [path.nodes for path in paths])  # of each cubic
    outlines = [points for path in paths for points in path.subpaths if len(points)]
    if not outlines:
        return np.zeros(len(paths)), np.zeros(len(paths))
    curves = np.concatenate([cubics(points - points[0]) for points in outlines])
    areas = np.bincount(owners, cubic_areas(curves), len(paths))
    samples = bernstein(np.arange(SAMPLES + 1) / SAMPLES) @ curves
    lengths = np.linalg.norm(np.diff(samples, axis=1), axis=2).sum(axis=1)
    return np.abs(areas), np.bincount(owners, lengths, len(paths))


def is_sliver(path: Path, margin: float = 1.0) -> bool:
    """Return whether a path is a speck or thinner than a pixel, times `margin`."""
    covered, thickness = size_of(path)
    return covered < margin * SMALLEST_AREA or thickness < margin * SMALLEST_THICKNESS


def repair(paths: Sequence[Path], skipped: int = 0) -> list[Path]:
    """Return the paths, each free of self-crossings and no sliver; most are unchanged.

    skipped: as of `straighten_crossings`.
    """
    mended = straighten_crossings(paths, skipped)
    flags = slivers(mended)
    return [_disc(path) if flag else path for path, flag in zip(mended, flags, strict=True)]


def repaired(drawing: Drawing) -> Drawing:
    """Return a drawing in the coordinates of its SVG, repaired.

    It is repaired again where rounding to these coordinates undid a repair.
    """
    drawing = quantized(drawing)
    for done in range(_PASSES):
        paths = repair(drawing.paths, skipped=done)
        if all(path is same for path, same in zip(paths, drawing.paths, strict=True)):
            break
        drawing = quantized(replace(drawing, paths=paths))
    return drawing


def most_nodes_of(paths: Sequence[Path]) -> int:
    """Return how many nodes the paths have together at most, whatever is repaired."""
    return sum(max(path.nodes, FEWEST_NODES_A_PATH) for path in paths)


def straighten_crossings(paths: Sequence[Path], skipped: int = 0) -> list[Path]:
    """Return the same paths, bent less where they cross themselves; most come back untouched.

    Locked paths always do. skipped: how many of the smallest changes are not tried. Where
    coordinates are rounded afterwards, they may be too small to have any effect.
    """
    paths = list(paths)
    if any(is_locked(path) for path in paths):
        free = iter(straighten_crossings([p for p in paths if not is_locked(p)], skipped))
        return [path if is_locked(path) else next(free) for path in paths]
    crossing = _crossing_of(paths, range(len(paths)))
    for share in _STRAIGHTENING[skipped:]:
        for index, flags in crossing.items():
            paths[index] = _straightened(paths[index], flags, share)
        crossing = _crossing_of(paths, crossing)
    for index in crossing:
        paths[index] = _without_crossings(paths[index])
    return paths


def _crossing_of(paths: Sequence[Path], indices: Collection[int]) -> dict[int, np.ndarray]:
    """Return `crossing_segments` of those paths with these indices that have some."""
    if not indices:
        return {}
    crossing = crossing_segments([paths[index] for index in indices])
    return {index: flags for index, flags in zip(indices, crossing, strict=True) if flags.any()}


def _straightened(path: Path, flags: np.ndarray, share: float) -> Path:
    """Return the path with the handles of the flagged cubics moved towards their chords."""
    ends = np.cumsum([len(points) // 3 for points in path.subpaths])[:-1]
    subpaths = []
    for points, chosen in zip(path.subpaths, np.split(flags, ends), strict=True):
        straight = polygon(points[::3].astype(np.float64))
        moved = points.copy()
        for handle in (1, 2):
            rows = np.flatnonzero(chosen) * 3 + handle
            moved[rows] += np.float32(share) * (straight[rows] - moved[rows])
        subpaths.append(moved)
    return replace(path, subpaths=subpaths)


def _without_crossings(path: Path) -> Path:
    """Return the path without its holes, as a polygon, or as a disc of the same size."""
    for points in (path.subpaths[0], polygon(path.subpaths[0][::3].astype(np.float64))):
        simpler = replace(path, subpaths=[points])
        if not crossing_segments([simpler])[0].any():
            return simpler
    return _disc(path)


def _disc(path: Path) -> Path:
    """Return a circle in place of a path, just large enough to count as a shape."""
    points = path.subpaths[0]
    radius = max(np.sqrt(area(path.subpaths) / np.pi), np.sqrt(1.1 * SMALLEST_AREA / np.pi))
    center = flattened(points, 4).mean(axis=0)
    nodes = max(FEWEST_NODES_A_PATH, min(4, len(points) // 3))
    return replace(path, subpaths=[circle(center, radius, nodes)])
