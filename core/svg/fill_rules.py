# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines that fill the same under both fill rules, so that nothing has to be done for them."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Sequence

import numpy as np

from ..errors import NativeError
from ..native.library import array, function
from ..native.structures import Paths

_fill_alike = function("semvec_fill_alike", ctypes.POINTER(Paths), ctypes.c_int, array(np.uint8))


def fill_alike(outlines: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Return which outlines, closed sub-paths [3·S, 2] each, certainly fill the same: bool [N].

    Those neither cross nor touch themselves, and wind around every place once at most. Nothing is
    certain where the native library is missing.
    """
    alike = np.zeros(len(outlines), np.uint8)
    pieces = [points for outline in outlines for points in outline]
    sizes = np.array([len(points) for points in pieces], np.int64)
    if not len(sizes) or sizes.sum() > np.iinfo(np.int32).max:
        return alike.astype(bool)
    points = np.concatenate(pieces).astype(np.float32)
    paths = Paths(
        points=points,
        subpath_starts=_starts(sizes),
        path_starts=_starts(np.array([len(outline) for outline in outlines], np.int64)),
        point_count=len(points),
        subpath_count=len(sizes),
        path_count=len(outlines),
    )
    with contextlib.suppress(NativeError):
        _fill_alike(paths, 1, alike)
    return alike.astype(bool)


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
