# SPDX-License-Identifier: GPL-3.0-or-later
"""Clipping of outlines to the canvas. No bpy here.

Curves in Blender have no frame that cuts them off, as an SVG's view box does: shapes of a run
that was stopped early would stick out of the picture.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...core.bezier import cubics
from ...core.drawing import Path

_TOLERANCE = 0.01  # shapes that reach out less stay as they are, as a share of the long side


def clipped(path: Path, width: float, height: float) -> Path:
    """Return a path without what lies outside of the canvas, where it reaches far out.

    Segments are split where they cross an edge; parts beyond are flattened onto the edge, where
    they enclose nothing.
    """
    reach = _TOLERANCE * max(width, height)
    low, high = np.zeros(2) - reach, np.array([width, height]) + reach
    inside = all(((points >= low) & (points <= high)).all() for points in path.subpaths)
    if inside:
        return path
    subpaths = path.subpaths
    for axis, limit in ((0, width), (1, height)):
        subpaths = [_clamped(points, axis, 0.0, limit) for points in subpaths]
    return replace(path, subpaths=subpaths, stroke=None)


def _clamped(points: np.ndarray, axis: int, low: float, high: float) -> np.ndarray:
    """Clamp one coordinate of an outline [3·S, 2], exactly for what is inside."""
    pieces = []
    for cubic in cubics(points.astype(np.float64)):
        for piece in _split(cubic, _crossings(cubic[:, axis], (low, high))):
            middle = float(np.array([1.0, 3.0, 3.0, 1.0]) @ piece[:, axis]) / 8.0
            if middle < low or middle > high:
                piece[:, axis] = low if middle < low else high
            pieces.append(piece[:3])
    return np.concatenate(pieces).astype(np.float32)


def _crossings(values: np.ndarray, limits: tuple[float, float]) -> list[float]:
    """Return where the cubic with these coefficients [4] crosses the limits, in (0, 1)."""
    a, b, c, d = values
    powers = np.array([d - 3.0 * c + 3.0 * b - a, 3.0 * (c - 2.0 * b + a), 3.0 * (b - a), a])
    found: set[float] = set()
    for limit in limits:
        roots = np.roots(powers - np.array([0.0, 0.0, 0.0, limit]))
        real = roots.real[np.abs(roots.imag) < 1e-9]
        found.update(float(t) for t in real if 1e-6 < t < 1.0 - 1e-6)
    return sorted(found)


def _split(cubic: np.ndarray, times: list[float]) -> list[np.ndarray]:
    """Split a cubic [4, 2] at these times, by de Casteljau's algorithm."""
    pieces, done = [], 0.0
    for time in times:
        t = (time - done) / (1.0 - done)
        first = cubic[:-1] + t * np.diff(cubic, axis=0)
        second = first[:-1] + t * np.diff(first, axis=0)
        third = second[0] + t * (second[1] - second[0])
        pieces.append(np.array([cubic[0], first[0], second[0], third]))
        cubic, done = np.array([third, second[1], first[2], cubic[3]]), time
    return [*pieces, cubic.copy()]
