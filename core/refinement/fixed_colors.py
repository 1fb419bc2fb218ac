# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills of paths from a palette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..drawing import Path


def with_palette(paths: Sequence[Path], palette: np.ndarray) -> list[Path]:
    """Return the paths in the nearest colors of a palette, float32 [N, 3]; opacities stay."""
    return [_colored(path, palette[_distances(path, palette).argmin()]) for path in paths]


def with_whole_palette(paths: Sequence[Path], palette: np.ndarray) -> list[Path]:
    """Return the paths in the colors of a palette, each of which at least one path has.

    A color that none has goes to the path that is nearest to it, of those whose color others
    have as well. With fewer paths than colors, some colors are left over.
    """
    paths = list(paths)
    owners = [int(_distances(path, palette).argmin()) for path in paths]
    for color in range(len(palette)):
        counts = np.bincount(owners, minlength=len(palette))
        free = [i for i, owner in enumerate(owners) if counts[owner] > 1]
        if counts[color] or not free:
            continue
        chosen = min(free, key=lambda i: float(_distances(paths[i], palette)[color]))
        owners[chosen] = color
    return [_colored(path, palette[owner]) for path, owner in zip(paths, owners, strict=True)]


def _distances(path: Path, palette: np.ndarray) -> np.ndarray:
    return np.square(palette - path.fill[:3]).sum(axis=1)


def _colored(path: Path, color: np.ndarray) -> Path:
    return replace(path, fill=np.append(color, path.fill[3]).astype(np.float32), ramp=None)
