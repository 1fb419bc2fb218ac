# SPDX-License-Identifier: GPL-3.0-or-later
"""Inheritance: the values that an element gets from the elements around it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from ..drawing import Kind
from .lengths import Frame
from .properties import Style

Measured = Literal["", "fill", "stroke"]


class Surroundings(NamedTuple):
    """The state at one place of a document.

    transform: [3, 3], to pixels of the drawing. frame: the nearest viewport in user units.
    """

    transform: np.ndarray
    style: Style
    frame: Frame
    kind: Kind = "structural"
    depth: int = 0
    silhouette: bool = False  # in a clip path: outlines count, not their paint
    context: Style | None = None  # in a marker: the style of the line that carries it
    measured: Measured = ""  # for a bounding box: outlines count, neither paint nor effects
    group: str = ""  # the object of the picture, as of `Path`
