# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing over time of the drawings of a shot: forward and backward, so that nothing lags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..drawing import Drawing, Path, pack
from ..refinement.simplicity import crossing_cubics
from ..svg import quantized


def smoothed(drawings: Sequence[Drawing], frames: float) -> list[Drawing]:
    """Return the drawings of a shot with points and colors smoothed over about so many frames.

    Each path is filtered over the frames in which it is visible without a break. Points that don't
    move stay where they are, to the bit; a path that would cross itself is left as it is.
    """
    tables = [{path.name: path for path in drawing.paths} for drawing in drawings]
    for name in sorted({name for table in tables for name in table}):
        for first, last in _lives([name in table for table in tables]):
            life = [tables[i][name] for i in range(first, last)]
            for i, path in enumerate(_smoothed_life(life, frames), start=first):
                tables[i][name] = path
    return [
        quantized(replace(drawing, paths=[table[path.name] for path in drawing.paths]))
        for drawing, table in zip(drawings, tables, strict=True)
    ]


def _lives(visible: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the ranges of frames in which a path is visible."""
    flags = np.diff(np.concatenate([[0], np.asarray(visible, int), [0]]))
    return list(zip(np.flatnonzero(flags > 0), np.flatnonzero(flags < 0), strict=True))


def _smoothed_life(life: Sequence[Path], frames: float) -> list[Path]:
    points = np.stack([np.concatenate(path.subpaths) for path in life]).astype(np.float64)
    fills = np.stack([path.fill for path in life]).astype(np.float64)
    decay = frames / (1 + frames)
    moved = filtered(points, decay).astype(np.float32)
    colors = filtered(fills, decay).astype(np.float32)
    result = []
    for path, flat, fill in zip(life, moved, colors, strict=True):
        ends = np.cumsum([len(part) for part in path.subpaths])[:-1]
        new = replace(path, subpaths=np.split(flat, ends), fill=fill)
        is_simple = not crossing_cubics(pack([new])).any()
        result.append(new if is_simple else path)
    return result


def filtered(values: np.ndarray, decay: float) -> np.ndarray:
    """Return values [T, ...] less their fast changes, by an exponential filter in both directions.

    The motion from the first frame to the last is taken out before and put back, so that steady
    motion is left as it is. What is constant comes back exactly.
    """
    count = len(values)
    if count < 3:
        return values
    share = (np.arange(count) / (count - 1)).reshape(-1, *[1] * (values.ndim - 1))
    steady = values[:1] + share * (values[-1:] - values[:1])
    rest = values - steady
    for _ in range(2):
        for i in range(1, count):
            rest[i] = decay * rest[i - 1] + (1 - decay) * rest[i]
        rest = rest[::-1]
    is_still = np.all(values == values[:1], axis=0)
    return np.where(is_still, values, steady + rest)
