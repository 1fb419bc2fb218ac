# SPDX-License-Identifier: GPL-3.0-or-later
"""Basic shapes of CSS, by which `clip-path` cuts without a `clipPath` element (CSS Shapes 1)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .calculation import calculated
from .lengths import Frame, length
from .paths import Chain, chains_of
from .shape_function import path_data
from .shapes import ellipse_chain, polygon_chain, rounded_box

_BOX = r"(?:fill|stroke|view|content|padding|border|margin)-box"
_VALUE = re.compile(rf"\s*({_BOX})?\s*(?:([a-z]+)\((.*)\))?\s*({_BOX})?\s*", re.DOTALL | re.I)
_PATH = re.compile(r"""\s*(?:(nonzero|evenodd)\s*,)?\s*(["'])(.*)\2\s*""", re.DOTALL | re.I)
_WORD = re.compile(r"calc(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))|\S+")  # three levels deep
_SIDES = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}
_SLASH = re.compile(r"/(?![^(]*\))")  # outside of parentheses
_ACROSS, _DOWN = ("left", "right"), ("top", "bottom")


class Outline(NamedTuple):
    """Lines in user units, and which winding is inside."""

    chains: list[Chain]
    rule: str = "nonzero"


class Box(NamedTuple):
    """The reference box of a shape, and the font size that lengths may refer to; user units."""

    left: float
    top: float
    width: float
    height: float
    em: float

    def across(self, text: str) -> float:
        """Return a horizontal length. Raises ValueError."""
        return _length(text, self.width, self.em)

    def down(self, text: str) -> float:
        """Return a vertical length. Raises ValueError."""
        return _length(text, self.height, self.em)


class BasicShape(NamedTuple):
    """A value of `clip-path`: a function, empty for the box itself, and the reference box."""

    function: str
    arguments: str
    box: str

    def outline(self, box: Box) -> Outline | None:
        """Return the shape's outline; None for what is invalid."""
        if not self.function:
            return _rounded(*box[:4], "", box)
        try:
            return _FUNCTIONS[self.function](self.arguments, box)
        except (KeyError, ValueError):
            return None


def basic_shape(text: str) -> BasicShape | None:
    """Return the shape that a value of `clip-path` stands for; None for a reference and the like.

    Without a box it is the border box, which for SVG is that of strokes (CSS Masking 1, 5.1).
    """
    match = _VALUE.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    before, function, arguments, after = match.groups()
    if (function or "").lower() == "url":
        return None
    return BasicShape((function or "").lower(), arguments or "", before or after or "border-box")


def _inset(text: str, box: Box) -> Outline:
    distances, _, radii = text.lower().partition("round")
    top, right, bottom, left = _four(_words(distances))
    x, y = box.left + box.across(left), box.top + box.down(top)
    width = box.left + box.width - box.across(right) - x
    height = box.top + box.height - box.down(bottom) - y
    return _rounded(x, y, width, height, radii, box)


def _xywh(text: str, box: Box) -> Outline:
    sides, _, radii = text.lower().partition("round")
    x, y, width, height = _words(sides)
    return _rounded(box.left + box.across(x), box.top + box.down(y), box.across(width),
                    box.down(height), radii, box)  # fmt: skip


def _rect(text: str, box: Box) -> Outline:
    edges, _, radii = text.lower().partition("round")
    top, right, bottom, left = _words(edges)
    x, x1 = (side if word == "auto" else box.across(word)
             for word, side in ((left, 0.0), (right, box.width)))  # fmt: skip
    y, y1 = (side if word == "auto" else box.down(word)
             for word, side in ((top, 0.0), (bottom, box.height)))  # fmt: skip
    return _rounded(box.left + x, box.top + y, x1 - x, y1 - y, radii, box)


def _rounded(x: float, y: float, width: float, height: float, radii: str, box: Box) -> Outline:
    """Return a rectangle whose corners have these radii, as `border-radius` says them."""
    if not all(map(math.isfinite, (x, y, width, height))):
        raise ValueError
    if width <= 0.0 or height <= 0.0:
        return Outline([])
    across, *rest = _SLASH.split(radii, maxsplit=1)
    down = rest[0] if rest else ""
    rx = [box.across(each) for each in _four(_words(across) or ["0"])]
    ry = [box.down(each) for each in _four(_words(down) or _words(across) or ["0"])]
    if min(*rx, *ry) < 0.0:
        raise ValueError
    sums = ((rx[0] + rx[1], width), (rx[2] + rx[3], width), (ry[0] + ry[3], height),
            (ry[1] + ry[2], height))  # fmt: skip
    share = min([1.0, *(side / both for both, side in sums if both > 0.0)])
    corners = [(share * a, share * b) for a, b in zip(rx, ry)]
    return Outline([rounded_box(x, y, width, height, corners)])


def _words(text: str) -> list[str]:
    """Return the words of a text, those with parentheses whole."""
    return _WORD.findall(text)


def _four(values: Sequence[str]) -> list[str]:
    """Return values for all four sides or corners. Raises ValueError."""
    if not 1 <= len(values) <= 4:
        raise ValueError
    orders = ((0, 0, 0, 0), (0, 1, 0, 1), (0, 1, 2, 1), (0, 1, 2, 3))
    return [values[number] for number in orders[len(values) - 1]]


def _circle(text: str, box: Box) -> Outline:
    radius, center = _radii_and_center(text, box)
    sides = _distances(center, box)
    size = math.hypot(box.width, box.height) / math.sqrt(2.0)
    (word,) = radius or ["closest-side"]
    r = _radius(word, [*sides[0], *sides[1]], size, box.em)
    return Outline(ellipse_chain(center, r, r))


def _ellipse(text: str, box: Box) -> Outline:
    radii, center = _radii_and_center(text, box)
    across, down = radii or ["closest-side"] * 2
    sides = _distances(center, box)
    rx = _radius(across, sides[0], box.width, box.em)
    ry = _radius(down, sides[1], box.height, box.em)
    return Outline(ellipse_chain(center, rx, ry))


def _radii_and_center(text: str, box: Box) -> tuple[list[str], complex]:
    words = _words(text.lower())
    if "at" not in words:
        return words, _position(["center"], box)
    number = words.index("at")
    return words[:number], _position(words[number + 1 :], box)


def _radius(word: str, sides: Sequence[float], whole: float, em: float) -> float:
    """Return a radius. sides: distances of the center from the sides. Raises ValueError."""
    if word in ("closest-side", "farthest-side"):
        return min(sides) if word == "closest-side" else max(sides)
    radius = _length(word, whole, em)
    if radius < 0.0:
        raise ValueError
    return radius


def _distances(center: complex, box: Box) -> tuple[list[float], list[float]]:
    across = [abs(center.real - box.left), abs(box.left + box.width - center.real)]
    return across, [abs(center.imag - box.top), abs(box.top + box.height - center.imag)]


def _position(words: list[str], box: Box) -> complex:
    """Return a position of one, two or four words (CSS Values 4, 9.3). Raises ValueError."""
    if len(words) == 1:
        words = ["center", *words] if words[0] in _DOWN else [*words, "center"]
    if len(words) == 4:
        pairs = {words[0]: words[1], words[2]: words[3]}
        (side,), (edge,) = pairs.keys() & set(_ACROSS), pairs.keys() & set(_DOWN)
        x, y = box.across(pairs[side]), box.down(pairs[edge])
        x = x if side == "left" else box.width - x
        y = y if edge == "top" else box.height - y
        return complex(box.left + x, box.top + y)
    first, second = words
    if first in _DOWN or second in _ACROSS:
        first, second = second, first
    if first in _DOWN or second in _ACROSS:
        raise ValueError
    x, y = (
        _SIDES[word] * whole if word in _SIDES else _length(word, whole, box.em)
        for word, whole in ((first, box.width), (second, box.height))
    )
    return complex(box.left + x, box.top + y)


def _polygon(text: str, box: Box) -> Outline:
    rule, corners = "nonzero", [_words(corner) for corner in text.lower().split(",")]
    if corners[0] in (["nonzero"], ["evenodd"]):
        ((rule,), *corners) = corners
    if not corners:
        raise ValueError
    points = [complex(box.left + box.across(x), box.top + box.down(y)) for x, y in corners]
    return Outline([polygon_chain(np.array(points))], rule)


def _path(text: str, box: Box) -> Outline:
    match = _PATH.fullmatch(text)
    chains, is_whole = chains_of(match[3]) if match else ([], False)
    if match is None or not is_whole:
        raise ValueError
    corner = complex(box.left, box.top)
    moved = [Chain(chain.points + corner, chain.closed) for chain in chains]
    return Outline(moved, (match[1] or "nonzero").lower())


def _shape(text: str, box: Box) -> Outline:
    start, *commands = (_words(each) for each in text.lower().split(","))
    rule = "nonzero"
    if start[:1] in (["nonzero"], ["evenodd"]):
        rule, *start = start
    if start[:1] != ["from"] or not commands:
        raise ValueError

    def at(x: str, y: str) -> tuple[float, float]:
        place = _position([x, y], box)
        return place.real, place.imag

    data = path_data(start[1:], commands, at, lambda x, y: (box.across(x), box.down(y)))
    return Outline(chains_of(data)[0], rule)


def _length(text: str, whole: float, em: float) -> float:
    value = calculated(text, lambda word: length(word, whole, em))
    value = length(text, whole, em) if value is None else value
    if value is None:
        raise ValueError(text)
    return value


_FUNCTIONS: dict[str, Callable[[str, Box], Outline]] = {
    "inset": _inset,
    "xywh": _xywh,
    "rect": _rect,
    "circle": _circle,
    "ellipse": _ellipse,
    "polygon": _polygon,
    "path": _path,
    "shape": _shape,
}


def box_of(corners: np.ndarray, frame: Frame) -> Box:
    """Return a box from its corners [2, 2]."""
    (left, top), (right, bottom) = corners.tolist()
    return Box(left, top, right - left, bottom - top, frame.em)
