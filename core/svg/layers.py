# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes on their way from a file to a drawing: filled outlines in pixels, in painting order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..drawing import Kind, Ramp, Stroke
from .boolean import Operand

Matrix = np.ndarray  # [3, 3]


@dataclass
class Shape:
    """A filled outline.

    subpaths: float64 [3·S, 2] each, pixels. rule: which winding is inside, "nonzero" or
    "evenodd". fill: float [4], sRGB and opacity. exact: our own, not to be changed. simple: fills
    the same under both rules. stack: the same number for the bands of one gradient, of which each
    lies within the one before; 0 for all other shapes. stroke: the line that this is the
    outline of, where it is one that drawings have. group: as of `Path`.
    """

    subpaths: list[np.ndarray]
    rule: str
    fill: np.ndarray
    ramp: Ramp | None
    kind: Kind
    name: str
    region: int
    exact: bool = False
    simple: bool = False
    stack: int = 0
    stroke: Stroke | None = None
    group: str = ""

    @property
    def operand(self) -> Operand:
        """The outline for Boolean operations."""
        return Operand(self.subpaths, self.rule)


def transformed(points: np.ndarray, matrix: Matrix) -> np.ndarray:
    """Return points [M, 2] under an affine map."""
    moved: np.ndarray = points @ matrix[:2, :2].T + matrix[:2, 2]
    return moved
