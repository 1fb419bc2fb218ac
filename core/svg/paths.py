# SPDX-License-Identifier: GPL-3.0-or-later
"""Path data as chains of cubics. Data with an error is drawn up to it (SVG 2, chapter 9.5.4)."""

from __future__ import annotations

import cmath
import math
import re
from typing import Any, NamedTuple

import numpy as np

from ..errors import SvgError
from .lengths import NUMBER, numbers
from .work import ARC, CHARACTERS, COMMAND

# Absolute M, C ... and Z with numbers apart by one space or a minus: what our writer writes.
_PLAIN = r"-?\d++(?:\.\d++)?(?:e[-+]?\d++)?"
_NEXT = rf"(?: |(?=-)){_PLAIN}"
_OWN_SUBPATH = re.compile(rf"M{_PLAIN}{_NEXT}(?:C{_PLAIN}(?:{_NEXT}){{5}})++Z", re.ASCII)

_OWN_LINE = re.compile(rf"M{_PLAIN}{_NEXT}(?:C{_PLAIN}(?:{_NEXT}){{5}})++Z?", re.ASCII)

_COMMAND = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])([^MmZzLlHhVvCcSsQqTtAa]*)")
_LETTER = re.compile("[MmZzLlHhVvCcSsQqTtAa]")
_SEPARATOR = r"[ \t\r\n\f]*+,?+[ \t\r\n\f]*+"
_NUMBERS = re.compile(
    rf"[ \t\r\n\f]*+(?:[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?{_SEPARATOR})*+", re.ASCII
)
_NUMBER = rf"((?>{NUMBER})){_SEPARATOR}"  # whole: its last digit is no flag
_ARC = re.compile(
    rf"[ \t\r\n\f]*+{_NUMBER * 3}([01]){_SEPARATOR}([01]){_SEPARATOR}{_NUMBER * 2}", re.ASCII
)
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}


class Chain(NamedTuple):
    """Cubics one after the other: complex [3·S + 1], anchor, handle, handle, anchor ..."""

    points: np.ndarray
    closed: bool


def is_own_form(data: str) -> bool:
    """Return whether path data is exactly what our writer writes."""
    position = 0
    while match := _OWN_SUBPATH.match(data, position):
        position = match.end()
    return position == len(data) > 0


def own_subpaths(data: str) -> list[np.ndarray]:
    """Return the closed sub-paths of data in our own form: float64 [3·S, 2] each."""
    pieces = (np.array(numbers(piece)).reshape(-1, 2) for piece in data.split("Z")[:-1])
    return [closed(points) for points in pieces]


def is_own_line(data: str) -> bool:
    """Return whether path data is what our writer writes for the line of a stroke."""
    return _OWN_LINE.fullmatch(data) is not None


def own_line(data: str) -> np.ndarray:
    """Return the cubics of a line in our own form: float64 [3·S + 1, 2]."""
    return np.array(numbers(data.removesuffix("Z"))).reshape(-1, 2)


def closed(points: np.ndarray) -> np.ndarray:
    """Return an open chain of cubics [3·S + 1, 2] as a closed sub-path [3·S', 2]."""
    if points[0, 0] == points[-1, 0] and points[0, 1] == points[-1, 1]:
        return points[:-1]
    step = points[0] - points[-1]
    return np.concatenate([points, [points[-1] + step / 3.0, points[-1] + step * (2.0 / 3.0)]])


def chains_of(data: str) -> tuple[list[Chain], bool]:
    """Return the sub-paths of path data, and whether it has no error.

    Raises SvgError where it has arcs and svgpathtools is missing.
    """
    pen = _Pen()
    position = len(data) - len(data.lstrip())
    for match in _COMMAND.finditer(data, position):
        if match.start() != position or not pen.take(match[1], match[2]):
            break
        position = match.end()
    is_whole = not data[position:].strip() or data.strip() == "none"
    return pen.finished(), is_whole


def work_of(data: str, points: str = "") -> int:
    """Return the work of reading path data, and a list of points."""
    arcs = 0
    if "a" in data or "A" in data:
        commands = (match for match in _COMMAND.finditer(data) if match[1] in "Aa")
        arcs = sum(len(_ARC.findall(match[2])) for match in commands)
    letters = len(_LETTER.findall(data))
    return COMMAND * letters + ARC * arcs + (len(data) + len(points)) // CHARACTERS


class _Pen:
    """The state of drawing: all sub-paths up to here, and the point where the pen is."""

    def __init__(self) -> None:
        self._chains: list[Chain] = []
        self._points: list[complex] = []
        self._start = self._at = 0j
        self._handle: complex | None = None  # of the last curve, for S or T
        self._last = ""

    def take(self, letter: str, text: str) -> bool:
        """Draw one command with all its arguments; False where there is an error in it."""
        command = letter.upper()
        if command != "M" and not self._last:
            return False
        if command == "Z":
            self._close()
            return not text.strip(" \t\r\n\f")
        if command == "A":
            values, is_whole = _arc_arguments(text)
        else:
            readable = _NUMBERS.match(text)
            end = readable.end() if readable else 0
            values, is_whole = numbers(text[:end]), end == len(text)
        count = _COUNTS[command]
        complete = len(values) - len(values) % count
        if command in "LC" and complete > 40 * count:
            self._draw_many(command, np.array(values[:complete]), letter.islower())
            return is_whole and complete == len(values)
        for i in range(0, complete, count):
            self._draw(command, values[i : i + count], letter.islower())
            command = "L" if command == "M" else command
        return is_whole and 0 < complete == len(values)

    def finished(self) -> list[Chain]:
        """Return all sub-paths with a length."""
        self._end(closed=False)
        return self._chains

    def _draw(self, command: str, values: list[float], relative: bool) -> None:
        """Draw one segment."""
        at = self._at
        origin = at if relative else 0j
        if command == "A":
            self._curve(_arc(at, values, origin), None)
            values = []
        elif command == "H":
            values = [values[0] + origin.real, at.imag]
        elif command == "V":
            values = [at.real, values[0] + origin.imag]
        else:
            values = [
                value + (origin.imag if i % 2 else origin.real) for i, value in enumerate(values)
            ]
        points = [complex(x, y) for x, y in zip(values[::2], values[1::2])]
        match command:
            case "M":
                self._end(closed=False)
                self._at = self._start = points[0]
                self._handle = None
            case "L" | "H" | "V":
                self._curve(_line(at, points[0]), None)
            case "C":
                self._curve(points, points[1])
            case "S":
                first = self._mirrored("CS")
                self._curve([first, *points], points[0])
            case "Q" | "T":
                control = points[0] if command == "Q" else self._mirrored("QT")
                self._curve(_quadratic(at, control, points[-1]), control)
        self._last = command

    def _draw_many(self, command: str, values: np.ndarray, relative: bool) -> None:
        """Draw many lines or curves at once."""
        steps = (values[::2] + 1j * values[1::2]).reshape(-1, _COUNTS[command] // 2)
        if relative:
            ends = self._at + np.cumsum(steps[:, -1])
            steps = steps + np.append(self._at, ends[:-1])[:, None]
        if command == "L":
            ends = steps[:, 0]
            thirds = np.diff(ends, prepend=self._at) / 3.0
            steps = np.stack([ends - 2.0 * thirds, ends - thirds, ends], axis=1)
        handle = complex(steps[-1, 1]) if command == "C" else None
        self._curve(steps.ravel().tolist(), handle)
        self._last = command

    def _mirrored(self, commands: str) -> complex:
        """Return the last handle mirrored about the pen, if the last command was one of these."""
        has_handle = self._last in commands and self._handle is not None
        return 2.0 * self._at - self._handle if has_handle else self._at  # type: ignore[operator]

    def _curve(self, points: list[complex], handle: complex | None) -> None:
        if points:
            if not self._points:
                self._points.append(self._at)
            self._points += points
            self._at = points[-1]
        self._handle = handle

    def _close(self) -> None:
        if self._points and self._points[-1] != self._start:
            near = 1e-9 * (1.0 + abs(self._start))
            if abs(self._points[-1] - self._start) > near:
                self._points += _line(self._points[-1], self._start)
            self._points[-1] = self._start
        self._end(closed=True)
        self._at, self._handle, self._last = self._start, None, "Z"

    def _end(self, closed: bool) -> None:
        if self._points:
            self._chains.append(Chain(np.array(self._points), closed))
            self._points = []
        elif closed:  # a point: nothing to fill, but caps of a stroke
            self._chains.append(Chain(np.array([self._start] * 4), True))


def _line(start: complex, end: complex) -> list[complex]:
    return [start + (end - start) / 3.0, end - (end - start) / 3.0, end]


def _quadratic(start: complex, control: complex, end: complex) -> list[complex]:
    third = control * (2.0 / 3.0)
    return [start / 3.0 + third, end / 3.0 + third, end]


def _arc_arguments(text: str) -> tuple[list[float], bool]:
    """Return the arguments of arcs, whose flags need no separators; and whether all is read."""
    values: list[float] = []
    position = 0
    while match := _ARC.match(text, position):
        values += map(float, match.groups())
        position = match.end()
    return values, position == len(text)


def _arc(start: complex, values: list[float], origin: complex) -> list[complex]:
    """Return an elliptical arc as cubics, less their start. Raises SvgError."""
    radii = abs(values[0]) + 1j * abs(values[1])
    end = origin + complex(values[5], values[6])
    if end == start:
        return []
    if not (radii.real > 0.0 and radii.imag > 0.0 and np.isfinite([radii, end, start]).all()):
        return _line(start, end)
    try:
        from svgpathtools import Arc
    except ImportError:
        raise needs_svgpathtools() from None
    try:
        with np.errstate(all="ignore"):
            arc = Arc(start, radii, values[2], bool(values[3]), bool(values[4]), end)
            points = _arc_points(arc)
    except (ValueError, ArithmeticError, AssertionError):
        return _line(start, end)
    return points if all(map(cmath.isfinite, points)) else _line(start, end)


def _arc_points(arc: Any) -> list[complex]:
    """Return an arc of svgpathtools as cubics of at most 90 degrees each, less their start."""
    angle = math.radians(arc.delta)
    count = max(1, math.ceil(abs(angle) / (0.5 * math.pi) - 1e-9))
    step, reach = angle / count, 4.0 / 3.0 * math.tan(angle / count / 4.0)
    turn = cmath.exp(1j * math.radians(arc.rotation))
    across, down, at = turn * arc.radius.real, turn * 1j * arc.radius.imag, math.radians(arc.theta)
    unit: list[complex] = []  # on the circle that becomes the ellipse
    for number in range(count):
        start, end = cmath.rect(1.0, at + number * step), cmath.rect(1.0, at + (number + 1) * step)
        unit += [start * (1.0 + 1j * reach), end * (1.0 - 1j * reach), end]
    points = [arc.center + across * each.real + down * each.imag for each in unit]
    points[-1] = arc.end
    return points


def needs_svgpathtools() -> SvgError:
    """Return the error for a file with arcs where svgpathtools is missing."""
    return SvgError(
        "Drawings with elliptical arcs need svgpathtools, which is not installed.",
        "pip install svgpathtools",
    )
