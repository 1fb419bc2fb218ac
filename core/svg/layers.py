# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes on their way from a file to a drawing: filled outlines in pixels, in painting order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..drawing import Kind, Ramp
from .boolean import Operand

Matrix = np.ndarray  # [3, 3]


@dataclass
class Shape:
    """A filled outline.

    subpaths: float64 [3·S, 2] each, pixels. rule: which winding is inside, "nonzero" or
    "evenodd". fill: float32 [4], sRGB and opacity. exact: our own, not to be changed.
    """

    subpaths: list[np.ndarray]
    rule: str
    fill: np.ndarray
    ramp: Ramp | None
    kind: Kind
    name: str
    region: int
    exact: bool = False

    @property
    def operand(self) -> Operand:
        """The outline for Boolean operations."""
        return Operand(self.subpaths, self.rule)


def bounds_of(subpaths: list[np.ndarray]) -> np.ndarray:
    """Return the least box around sub-paths [3·S, 2] each: two corners, [2, 2]."""
    start = np.concatenate(subpaths)[::3]
    end = np.concatenate([np.roll(points[::3], -1, axis=0) for points in subpaths])
    out, back = (np.concatenate(subpaths)[k::3] for k in (1, 2))
    first, middle, last = out - start, back - out, end - back
    with np.errstate(all="ignore"):
        # Where the derivative, (a·t + 2·b)·t + c, is zero.
        a, b, c = first - 2.0 * middle + last, middle - first, first
        q = -(b + np.copysign(np.sqrt(b * b - a * c), b))
        turns = np.nan_to_num(np.stack([q / a, c / q]), posinf=0.0, neginf=0.0).clip(0.0, 1.0)
        t, s = turns, 1.0 - turns
        extremes = s**3 * start + 3 * s * s * t * out + 3 * s * t * t * back + t**3 * end
    reached = np.concatenate([start, *extremes])
    return np.stack([reached.min(axis=0), reached.max(axis=0)])


def transformed(points: np.ndarray, matrix: Matrix) -> np.ndarray:
    """Return points [M, 2] under an affine map."""
    with np.errstate(all="ignore"):  # what overflows stays infinite
        moved: np.ndarray = points @ matrix[:2, :2].T + matrix[:2, 2]
    return moved
