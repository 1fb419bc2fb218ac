# SPDX-License-Identifier: GPL-3.0-or-later
"""Freedom of paths and of their points in a following frame: by how much the error has risen.

A path that fits less well is refined as a whole. Points move as well where the error has risen
beside them, whatever path draws the pixels there: where objects move before one another, the gap
between them shows a third shape, and both outlines must come closer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..bezier import flattened
from ..drawing import Path
from ..segmentation.windows import box_mean
from .flow import sample

# Rise of a path's squared error, as a share of what is expected, from which it is refined, and
# from which it is refined freely. An error of _FINE counts as none.
_REFINED_FROM, _FREE_FROM = 0.05, 3.0
_FINE = 2e-4

# The same of a square of 2 _REACH + 1 pixels, for the points on it. Much more is asked for: small
# squares rise and fall by themselves, and shapes that move for that flicker.
_LOCAL_FROM, _LOCAL_FREE = 1.0, 4.0
_LOCAL_FINE = 1e-3
_REACH = 2

_SAMPLES = 4  # of a cubic


class Freedom(NamedTuple):
    """Freedom in [0, 1] of paths, float [N], and of their points, float [M], in order."""

    paths: np.ndarray
    points: np.ndarray


def freedom_of(
    paths: Sequence[Path],
    owner: np.ndarray,
    rise: np.ndarray,
    expected: np.ndarray,
    may_move: np.ndarray,
    largest: float = 1.0,
) -> Freedom:
    """Return how freely paths and points may move: 0 where the error has hardly risen.

    owner: int32 [H, W], the path on top at each pixel, -1 for none. rise: float32 [H, W], the
    squared error above what is expected. may_move: bool [N]; the others have no freedom. largest:
    freedom of points.
    """
    counts = [sum(map(len, path.subpaths)) for path in paths]
    points = _of_points(paths, rise, expected, largest) * np.repeat(may_move, counts)
    return Freedom(_of_paths(len(paths), owner, rise, expected) * may_move, points)


def _of_paths(count: int, owner: np.ndarray, rise: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return the freedom of each path by its own pixels: [N]."""
    owned = owner >= 0
    rises = np.bincount(owner[owned], rise[owned], count)
    least = np.bincount(owner[owned], expected[owned] + _FINE, count)
    share = rises / np.maximum(least, 1e-9)
    return np.clip((share - _REFINED_FROM) / (_FREE_FROM - _REFINED_FROM), 0, 1)


def _of_points(
    paths: Sequence[Path], rise: np.ndarray, expected: np.ndarray, largest: float
) -> np.ndarray:
    """Return the freedom of each point by the squares along the cubics that it belongs to: [M]."""
    share = box_mean(rise, _REACH) / (box_mean(expected, _REACH) + np.float32(_LOCAL_FINE))
    local = np.clip((share - _LOCAL_FROM) / (_LOCAL_FREE - _LOCAL_FROM), 0, largest)
    outlines = [points for path in paths for points in path.subpaths]
    places = np.concatenate([np.zeros((0, 2)), *(flattened(each, _SAMPLES) for each in outlines)])
    found = sample(local, places[:, 0] - 0.5, places[:, 1] - 0.5).reshape(-1, _SAMPLES)
    freedoms = [np.zeros(0, np.float32)]
    ends = np.cumsum([len(points) // 3 for points in outlines])[:-1]
    for along in np.split(found, ends):
        cubic = np.maximum(along.max(axis=1), np.roll(along[:, 0], -1))
        anchor = np.maximum(cubic, np.roll(cubic, 1))
        freedoms.append(np.stack([anchor, cubic, cubic], axis=1).ravel())
    return np.concatenate(freedoms)
