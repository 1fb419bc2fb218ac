# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms of SVG attributes and of CSS as matrices [3, 3].

An attribute is read up to its first error, a CSS property whole or not at all, as browsers do.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping

import numpy as np

from .lengths import NUMBER, Frame, degrees, length

_FUNCTION = re.compile(r"[\s,]*([a-zA-Z0-9]+)\s*\(([^()]*)\)")
_ARGUMENTS = re.compile(rf"\s*({NUMBER}\s*(?:,\s*)?)*", re.ASCII)
_NUMBER = re.compile(NUMBER, re.ASCII)
_SIDES = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}
OWN_BOXES = ("fill-box", "content-box", "stroke-box", "border-box")  # values of transform-box


@functools.lru_cache(maxsize=1024)
def matrix_of(text: str) -> tuple[np.ndarray, bool]:
    """Return the matrix of a transform attribute, and whether all of it could be read.

    An attribute with an error is ignored as a whole (SVG 2, chapter 8.5).
    """
    matrix = np.identity(3)
    position = 0
    while match := _FUNCTION.match(text, position):
        step = _numeric(match[1], match[2])
        if step is None:
            return np.identity(3), False
        matrix = matrix @ step
        position = match.end()
    whole = not text[position:].strip(" \t\r\n\f,") and bool(np.isfinite(matrix).all())
    return (matrix, True) if whole else (np.identity(3), text.strip() == "none")


def css_matrix(text: str, frame: Frame, box: tuple[float, float]) -> np.ndarray | None:
    """Return the matrix of a CSS transform without its origin; None for what is invalid.

    box: width and height that percentages of translations refer to.
    """
    matrix = np.identity(3)
    if text.strip().lower() in ("none", ""):
        return matrix
    position = 0
    while match := _FUNCTION.match(text, position):
        arguments = [argument.strip() for argument in re.split(r"[,\s]+", match[2].strip())]
        step = _css(match[1].lower(), arguments, frame, box)
        if step is None:
            return None
        matrix = matrix @ step
        position = match.end()
    is_whole = position and not text[position:].strip() and np.isfinite(matrix).all()
    return matrix if is_whole else None


def separate(declared: Mapping[str, str]) -> str:
    """Return the properties translate, rotate and scale as the functions that they stand for."""
    parts = []
    for name in ("translate", "rotate", "scale"):  # in the order of CSS Transforms 2, chapter 8
        value = declared.get(name, "none").strip()
        if value.lower() not in ("none", ""):
            parts.append(f"{name}({', '.join(value.split())})")
    return " ".join(parts)


def origin_of(text: str, frame: Frame, box: np.ndarray) -> np.ndarray | None:
    """Return a transform-origin [2]. box: [2, 2], corners of what percentages refer to."""
    words = text.lower().split()[:2]
    if words[:1] in (["top"], ["bottom"]) or words[1:] in (["left"], ["right"]):
        words = [*words[1:], *words[:1]] if len(words) == 2 else ["center", *words]
    words = [*words, "center", "center"][:2] if words else []
    size = box[1] - box[0]
    found = [
        _SIDES[word] * whole if word in _SIDES else length(word, whole, frame.em)
        for word, whole in zip(words, size.tolist())
    ]
    if len(found) != 2 or found[0] is None or found[1] is None:
        return None
    return box[0] + np.array([found[0], found[1]])


def moved_origin(matrix: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Return the matrix about another origin [2]."""
    moved = matrix.copy()
    moved[:2, 2] += origin - matrix[:2, :2] @ origin
    return moved


def about_origin(
    matrix: np.ndarray, declared: Mapping[str, str], frame: Frame, box: np.ndarray
) -> np.ndarray:
    """Return the matrix [3, 3] about the transform-origin that is declared, as of `origin_of`."""
    origin = origin_of(declared.get("transform-origin", "0 0"), frame, box)
    return matrix if origin is None or not origin.any() else moved_origin(matrix, origin)


def _numeric(name: str, text: str) -> np.ndarray | None:
    """Return the matrix of one function of an attribute: plain numbers, units a mistake."""
    if not _ARGUMENTS.fullmatch(text):
        return None
    values = [float(number) for number in _NUMBER.findall(text)]
    known = {
        "matrix": (6,), "translate": (1, 2), "scale": (1, 2), "rotate": (1, 3), "skewX": (1,),
        "skewY": (1,),
    }  # fmt: skip
    is_valid = len(values) in known.get(name, ()) and all(map(math.isfinite, values))
    return _matrix(name, values) if is_valid else None


def _css(
    name: str, arguments: list[str], frame: Frame, box: tuple[float, float]
) -> np.ndarray | None:
    """Return the matrix of one function of a CSS property."""
    kind, axis = (name[:-1], name[-1]) if name[-1:] in "xyz" else (name, "")
    if name == "translate3d":
        kind, arguments = "translate", arguments[:2]
    if kind == "translate" and axis != "z":
        lengths = [
            length(argument, whole, frame.em)
            for argument, whole in zip(arguments, box[::-1] if axis == "y" else box)
        ]
        values = [value for value in lengths if value is not None]
    elif kind in ("rotate", "skew"):
        values = [value for value in map(degrees, arguments) if value is not None]
    else:
        values = [value for value in map(_plain, arguments) if value is not None]
    if len(values) != len(arguments) or not all(map(math.isfinite, values)):
        return None
    return _css_matrix(kind, axis, values)


def _css_matrix(kind: str, axis: str, values: list[float]) -> np.ndarray | None:
    match kind, axis, len(values):
        case (("translate" | "scale"), "", (1 | 2)):
            return _matrix(kind, values if kind == "scale" else [*values, 0.0][:2])
        case "translate", "x", 1:
            return _matrix("translate", [values[0], 0.0])
        case "translate", "y", 1:
            return _matrix("translate", [0.0, values[0]])
        case "scale", "x", 1:
            return _matrix("scale", [values[0], 1.0])
        case "scale", "y", 1:
            return _matrix("scale", [1.0, values[0]])
        case "rotate", ("" | "z"), 1:
            return _matrix("rotate", values)
        case "skew", ("" | "x"), 1:
            return _matrix("skewX", values)
        case "skew", "y", 1:
            return _matrix("skewY", values)
        case "skew", "", 2:
            x, y = (math.tan(math.radians(value)) for value in values)
            return np.array([[1.0, x, 0.0], [y, 1.0, 0.0], [0.0, 0.0, 1.0]])
        case "matri", "x", 6:
            return _matrix("matrix", values)
    return None


def _matrix(name: str, values: list[float]) -> np.ndarray:
    """Return the matrix of one function with a valid number of arguments."""
    matrix = np.identity(3)
    match name:
        case "matrix":
            matrix[:2] = np.array(values).reshape(3, 2).T
        case "translate":
            matrix[:2, 2] = [*values, 0.0][:2]
        case "scale":
            matrix[[0, 1], [0, 1]] = values[0], values[-1]
        case "rotate":
            cosine, sine = math.cos(math.radians(values[0])), math.sin(math.radians(values[0]))
            matrix[:2, :2] = [[cosine, -sine], [sine, cosine]]
            if len(values) == 3:
                return moved_origin(matrix, np.array(values[1:]))
        case "skewX":
            matrix[0, 1] = math.tan(math.radians(values[0]))
        case "skewY":
            matrix[1, 0] = math.tan(math.radians(values[0]))
    return matrix


def _plain(text: str) -> float | None:
    if text.endswith("%"):
        number = _plain(text[:-1])
        return None if number is None else number / 100.0
    return float(text) if _NUMBER.fullmatch(text) else None
