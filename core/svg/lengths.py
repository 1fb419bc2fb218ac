# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers, lengths, percentages and angles of SVG and CSS.

What is invalid is None, never an error: the caller goes on as if it were absent.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(NUMBER, re.ASCII)
_PLAIN = re.compile(NUMBER, re.ASCII)
_DIGITS = frozenset("0123456789")
_LENGTH = re.compile(rf"\s*({NUMBER})\s*([a-zA-Z]*|%)\s*", re.ASCII)

# CSS pixels a unit: 96 to the inch
_ABSOLUTE = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0,
    "q": 24 / 25.4,
}  # fmt: skip
_DEGREES = {"": 1.0, "deg": 1.0, "grad": 0.9, "rad": 180.0 / math.pi, "turn": 360.0}
MEDIUM = 16.0  # the font size where none is given


class Frame(NamedTuple):
    """Reference of relative lengths: the nearest viewport's size and the font's, pixels."""

    width: float
    height: float
    em: float = MEDIUM

    @property
    def diagonal(self) -> float:
        """Reference of percentages without a direction (SVG 2, chapter 8.9)."""
        return math.hypot(self.width, self.height) / math.sqrt(2.0)


def numbers(text: str) -> list[float]:
    """Return all numbers in a list of coordinates."""
    return [float(number) for number in _NUMBER.findall(text)]


def leading_numbers(text: str) -> list[float]:
    """Return the numbers of a list up to the first character that doesn't belong there."""
    found = []
    position = 0
    for match in _NUMBER.finditer(text):
        if text[position : match.start()].strip(" \t\r\n\f,"):
            break
        found.append(float(match[0]))
        position = match.end()
    return found


def length(text: str | None, whole: float, em: float = MEDIUM) -> float | None:
    """Return a length in pixels, percentages of `whole`; None for what is no finite length."""
    if text and text[-1] in _DIGITS and _PLAIN.fullmatch(text):  # most are plain numbers
        value = float(text)
        return value if math.isfinite(value) else None
    match = _LENGTH.fullmatch(text) if text else None
    if match is None:
        return None
    value, unit = float(match[1]), match[2].lower()
    factor = _ABSOLUTE.get(unit)
    if factor is None:
        relative = {"%": whole / 100.0, "em": em, "rem": MEDIUM, "ex": em / 2.0, "ch": em / 2.0}
        if unit not in relative:
            return None
        factor = relative[unit]
    return value * factor if math.isfinite(value * factor) else None


def fraction(text: str | None) -> float | None:
    """Return a number or percentage as a number in [0, 1]; None for anything else."""
    match = _LENGTH.fullmatch(text) if text else None
    if match is None or match[2] not in ("", "%"):
        return None
    return min(max(float(match[1]) / (100.0 if match[2] else 1.0), 0.0), 1.0)


def degrees(text: str) -> float | None:
    """Return an angle in degrees; None for anything else."""
    match = _LENGTH.fullmatch(text)
    factor = _DEGREES.get(match[2].lower()) if match else None
    return None if match is None or factor is None else float(match[1]) * factor
