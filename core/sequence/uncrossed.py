# SPDX-License-Identifier: GPL-3.0-or-later
"""Carried paths without self-crossings: where an outline would cross itself, it moves by less.

A similarity crosses nothing. Nodes that are held on the border of the canvas, while those around
them turn or leave it, do. Refinement then moves what stayed behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..drawing import Path
from ..refinement.repair import crossing_segments

# A node at a crossing keeps this share of its motion at each trial, and after so many none.
_KEPT = 0.5
_TRIALS = 6


def uncrossed(before: Sequence[Path], moved: Sequence[Path]) -> list[Path]:
    """Return the moved paths, of which nodes at self-crossings move by less, down to none.

    before: the same paths where they were. A path that crossed itself there may still do so.
    """
    result = list(moved)
    shares = {i: _all_of(path) for i, path in enumerate(moved)}
    for trial in range(_TRIALS + 1):
        crossing = crossing_segments([result[i] for i in shares])
        found = {i: flags for i, flags in zip(shares, crossing, strict=True) if flags.any()}
        shares = {i: shares[i] for i in found}
        if not found:
            break
        for i, flags in found.items():
            shares[i] = _lessened(shares[i], flags, 0.0 if trial == _TRIALS else _KEPT)
            result[i] = _between(before[i], moved[i], shares[i])
    return result


def _all_of(path: Path) -> list[np.ndarray]:
    """Return the share of its motion that each node makes at first: ones, [M] a sub-path."""
    return [np.ones(len(points) // 3, np.float32) for points in path.subpaths]


def _lessened(shares: Sequence[np.ndarray], crossing: np.ndarray, kept: float) -> list[np.ndarray]:
    """Return the shares of nodes, less at both ends of crossing cubics and beside them.

    crossing: bool [S], for each cubic of the path. kept: what remains of a share; 0 leaves
    nothing of all of them.
    """
    if not kept:
        return [np.zeros_like(share) for share in shares]
    ends = np.cumsum([len(share) for share in shares])[:-1]
    lessened = []
    for share, flags in zip(shares, np.split(crossing, ends), strict=True):
        near = flags | np.roll(flags, -1) | np.roll(flags, 1) | np.roll(flags, 2)
        lessened.append(np.where(near, np.float32(kept) * share, share))
    return lessened


def _between(before: Path, moved: Path, shares: Sequence[np.ndarray]) -> Path:
    """Return the path whose nodes, with their handles, make a share of their motion."""
    subpaths = []
    for old, new, share in zip(before.subpaths, moved.subpaths, shares, strict=True):
        # Points are anchor, handle out, handle in of the next anchor.
        each = np.stack([share, share, np.roll(share, -1)], axis=1).reshape(-1, 1)
        subpaths.append(old + each * (new - old))
    return replace(moved, subpaths=subpaths)
