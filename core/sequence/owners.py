# SPDX-License-Identifier: GPL-3.0-or-later
"""The path on top at each pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..drawing import Path, pack
from ..rendering import native

# Each path is drawn in a color that stands for its index; a pixel that shows several paths has a
# color of none.
_BASE = 97
_NOTHING = (-1.0, -1.0, -1.0)


def owners(paths: Sequence[Path], width: int, height: int, threads: int = 0) -> np.ndarray:
    """Return the index of the path that covers each pixel alone: int32 [H, W], -1 for edges.

    Transparent paths count as opaque.
    """
    codes = _codes(len(paths))
    scene = pack(paths)._replace(ramps=None)
    scene.colors[:] = np.column_stack([codes, np.ones(len(paths), np.float32)])
    shown = native.render(scene, width, height, _NOTHING, threads)
    index = np.rint(shown[..., 0]).astype(np.int32)
    index = np.clip(index, 0, max(len(paths) - 1, 0))
    is_whole = (
        np.all(np.abs(shown - codes[index]) < 0.02, axis=2) if len(paths) else np.zeros(1, bool)
    )
    return np.where(is_whole, index, -1).astype(np.int32)


def _codes(count: int) -> np.ndarray:
    """Return a color for each index, whose mixtures are no color of another: float32 [N, 3]."""
    index = np.arange(count, dtype=np.int64)
    return np.stack([index, index * index % _BASE, index * 37 % _BASE], axis=1).astype(np.float32)
