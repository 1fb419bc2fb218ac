# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes on their way from a file to a drawing: filled outlines in pixels, in painting order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..drawing import Kind, Ramp, Stroke
from .jobs import Operand

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


def area_factor(matrix: Matrix) -> float:
    """Return the determinant of an affine map's linear part."""
    (a, b), (c, d) = matrix[:2, :2].tolist()
    return float(a * d - b * c)


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse of an affine map [3, 3] with an area."""
    (a, b, x), (c, d, y) = matrix[:2].tolist()
    area = a * d - b * c
    a, b, c, d = d / area, -b / area, -c / area, a / area
    return np.array([[a, b, -a * x - b * y], [c, d, -c * x - d * y], [0.0, 0.0, 1.0]])


def stretch(matrix: Matrix) -> float:
    """Return the ratio of the axes of the ellipse that a circle becomes under an affine map."""
    (a, b), (c, d) = matrix[:2, :2].tolist()
    sum_of_axes, difference = math.hypot(a + d, b - c), math.hypot(a - d, b + c)
    smallest = abs(sum_of_axes - difference)
    return (sum_of_axes + difference) / smallest if smallest > 0.0 else math.inf


def silhouette(subpaths: list[np.ndarray], rule: str = "nonzero") -> Shape:
    """Return an outline that no paint belongs to."""
    return Shape(subpaths, rule, np.array([0.0, 0.0, 0.0, 1.0]), None, "structural", "", -1)
