# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines that end at the canvas, moved onto its border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..drawing import Path

# Distances from the border up to which points belong on it, in pixels: within the canvas, where
# they would leave a gap, and beyond it, where nobody sees them.
_WITHIN, _BEYOND = 0.1, 0.5


def onto_border(paths: Sequence[Path], width: int, height: int) -> list[Path]:
    """Return the paths, in pixels of the canvas, with points near its border on it."""
    size = np.array([width, height], np.float32)
    return [
        replace(path, subpaths=[_moved(points, size) for points in path.subpaths]) for path in paths
    ]


def _moved(points: np.ndarray, size: np.ndarray) -> np.ndarray:
    at_start = (points > -_BEYOND) & (points < _WITHIN)
    at_end = (points > size - _WITHIN) & (points < size + _BEYOND)
    moved: np.ndarray = np.where(at_start, np.float32(0.0), np.where(at_end, size, points))
    return moved
