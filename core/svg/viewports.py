# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, view boxes and their alignment: of the file, of nested drawings and of symbols."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np

from .lengths import Frame, leading_numbers, length

_ALIGNMENT = re.compile(r"x(Min|Mid|Max)Y(Min|Mid|Max)")
_SHARES = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
_LARGEST = 1e7  # pixels: larger sizes are mistakes


def view_box(text: str | None) -> np.ndarray | None:
    """Return x, y, width and height [4]; None for what is absent or invalid."""
    box = np.array(leading_numbers(text or ""))
    is_valid = len(box) == 4 and np.isfinite(box).all() and (box[2:] > 0.0).all()
    return box if is_valid else None


def size_of(attributes: Mapping[str, str], em: float) -> tuple[float, float] | None:
    """Return the size of a file in pixels; None where it says none.

    A missing side follows from the view box; percentages refer to a window that isn't there.
    """
    box = view_box(attributes.get("viewBox"))
    width, height = (_side(attributes.get(name), em) for name in ("width", "height"))
    if box is not None:
        ratio = box[3] / box[2]
        if width is None:
            width = box[2] if height is None else height / ratio
        if height is None:
            height = width * ratio
    if width is None or height is None:
        return None
    width, height = float(width), float(height)
    return (width, height) if 1e-300 < min(width, height) <= max(width, height) <= _LARGEST else (
        None
    )  # fmt: skip


def _side(text: str | None, em: float) -> float | None:
    if text is None or text.strip().endswith("%"):
        return None
    side = length(text, math.nan, em)
    return side if side is not None and 0.0 < side <= _LARGEST else None


def fitted(
    box: np.ndarray | None, alignment: str, width: float, height: float
) -> tuple[np.ndarray, Frame, bool]:
    """Return how a view box fits into a viewport at the origin (SVG 2, chapter 8.2).

    The matrix [3, 3], the inner viewport in user units, and whether what doesn't fit has to be
    cut off because the box fills more than the viewport.
    """
    matrix = np.identity(3)
    if box is None:
        return matrix, Frame(width, height), False
    outer = np.array([width, height])
    scale = outer / box[2:]
    words = alignment.split()
    match = _ALIGNMENT.fullmatch(words[0]) if words else None
    if words[:1] != ["none"]:
        pick = np.max if words[1:2] == ["slice"] else np.min
        scale = np.full(2, pick(scale))
    shares = np.array([_SHARES[match[1]], _SHARES[match[2]]]) if match else np.full(2, 0.5)
    matrix[[0, 1], [0, 1]] = scale
    matrix[:2, 2] = shares * (outer - scale * box[2:]) - scale * box[:2]
    return matrix, Frame(float(box[2]), float(box[3])), words[1:2] == ["slice"]
