# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion of each path between two frames: a similarity, fitted to the optical flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..bezier import flattened
from ..drawing import Path
from .borders import cut_off
from .flow import Flow, sample
from .similarity import as_matrices, fit

# Weight of a displacement without confidence.
_LEAST_CONFIDENCE = 0.02


def similarities(paths: Sequence[Path], owner: np.ndarray, flow: Flow) -> np.ndarray:
    """Return how each path moves: float64 [N, 2, 3], p' = M p + t in pixels.

    owner: int32 [H, W], the path on top at each pixel, -1 for none. Robust least squares over the
    pixels that a path owns and the points of its outline (iteratively reweighted with the
    Cauchy weights); a path takes turn and growth from the whole frame as far as it is too small
    to tell them.
    """
    index, points, vectors, confidence = _samples(paths, owner, flow)
    weight = confidence + _LEAST_CONFIDENCE
    everywhere = np.zeros(len(points), int)
    none = np.zeros((1, 2))
    whole = fit(everywhere, 1, points, vectors, weight, none)[1][0]
    return as_matrices(*fit(index, len(paths), points, vectors, weight, whole[None]))


def composed(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Return one motion [2, 3] followed by another."""
    linear = later[:, :2]
    offset = linear @ earlier[:, 2] + later[:, 2]
    return np.column_stack([linear @ earlier[:, :2], offset])


def carried(path: Path, motion: np.ndarray, size: tuple[int, int]) -> Path:
    """Return the path moved by a similarity [2, 3], and cut off by the canvas where it was before.

    size: width and height of the canvas.
    """
    moved = []
    for points in path.subpaths:
        exact = points.astype(np.float64)
        everywhere = exact @ motion[:, :2].T + motion[:, 2]
        moved.append(cut_off(exact, everywhere, size).astype(np.float32))
    ramp = path.ramp and path.ramp.placed(motion)
    return replace(path, subpaths=moved, ramp=ramp)


def _samples(
    paths: Sequence[Path], owner: np.ndarray, flow: Flow
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return path, place, displacement and confidence of all samples: [K], [K, 2], [K, 2], [K]."""
    rows, columns = np.nonzero(owner >= 0)
    index = [owner[rows, columns]]
    points = [np.stack([columns, rows], axis=1) + 0.5]
    height, width = owner.shape
    for i, path in enumerate(paths):
        outline = np.concatenate([flattened(part, 4) for part in path.subpaths])
        inside = np.all((outline > 1) & (outline < [width - 1, height - 1]), axis=1)
        points.append(outline[inside])
        index.append(np.full(int(inside.sum()), i, np.int32))
    places = np.concatenate(points)
    x, y = places[:, 0] - 0.5, places[:, 1] - 0.5
    vectors, confidence = sample(flow.vectors, x, y), sample(flow.confidence, x, y)
    return np.concatenate(index), places, vectors.astype(np.float64), confidence
