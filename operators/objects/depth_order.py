# SPDX-License-Identifier: GPL-3.0-or-later
"""Depths of paths, which keep surfaces in painting order without flicker. No bpy here.

Consecutive paths that don't touch form a sheet, which needs no depth of its own: a drawing
of 2048 paths has a few hundred sheets. Within a sheet a tiny offset keeps the order, in case
a path is moved over another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ...core.drawing import Path

# All depths are shares of the drawing's long side.
STACKING_STEP = 5e-4  # between two sheets: Cycles, Workbench and the viewport keep them apart
HAIR = 2e-6  # between two paths of a sheet
DEEPEST = 0.02  # of all sheets together; beyond, the step is smaller


def stacking_depths(paths: Sequence[Path]) -> np.ndarray:
    """Return the depth of each path, in painting order, strictly increasing: float64 [N]."""
    lengths = [len(sheet) for sheet in sheets(paths)]
    step = min(STACKING_STEP, DEEPEST / max(len(lengths), 1))
    return step * np.repeat(np.arange(len(lengths)), lengths) + HAIR * np.arange(len(paths))


def sheets(paths: Sequence[Path]) -> list[Sequence[Path]]:
    """Cut the paths, in painting order, into runs in which no bounding boxes overlap.

    A run holds one kind of path.
    """
    boxes = np.array([_bounding_box(path) for path in paths]).reshape(-1, 4)
    left, top, right, bottom = boxes.T
    starts: list[int] = []
    for i, path in enumerate(paths):
        run = slice(starts[-1] if starts else 0, i)
        across = (left[run] < right[i]) & (right[run] > left[i])
        down = (top[run] < bottom[i]) & (bottom[run] > top[i])
        if not starts or (across & down).any() or path.kind != paths[i - 1].kind:
            starts.append(i)
    return [paths[start:end] for start, end in pairwise([*starts, len(paths)])]


def _bounding_box(path: Path) -> np.ndarray:
    """Left, top, right, bottom of all control points; a path without any has none: NaN."""
    if not any(len(points) for points in path.subpaths):
        return np.full(4, np.nan)
    points = np.concatenate(path.subpaths)
    return np.concatenate([points.min(axis=0), points.max(axis=0)])
