# SPDX-License-Identifier: GPL-3.0-or-later
"""Basic shapes of SVG as chains of cubics (SVG 2, chapter 10).

Geometry comes from attributes or, as in SVG 2, from CSS properties of the same names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .lengths import Frame, leading_numbers, length
from .paths import Chain, chains_of

Geometry = Mapping[str, str]

_KAPPA = 4.0 / 3.0 * math.tan(math.pi / 8.0)  # handles of a quarter circle


def _unit_circle() -> np.ndarray:
    turn = 1j ** np.arange(4)  # clockwise on the screen, as SVG 2 says
    unit = np.stack([turn, turn * (1 + 1j * _KAPPA), turn * (1j + _KAPPA)], axis=1).ravel()
    return np.append(unit, unit[0])


_CIRCLE = _unit_circle()


def chains_of_shape(tag: str, geometry: Geometry, frame: Frame) -> tuple[list[Chain], bool]:
    """Return the outline of a shape in its own coordinates, and whether all could be read.

    Raises SvgError where svgpathtools is needed and missing.
    """
    return SHAPES[tag](geometry, frame)


def _path(geometry: Geometry, _frame: Frame) -> tuple[list[Chain], bool]:
    return chains_of(geometry.get("d", ""))


def _polygon(geometry: Geometry, _frame: Frame) -> tuple[list[Chain], bool]:
    chains = _polyline(geometry, _frame)[0]
    return [polygon_chain(chain.points[::3]) for chain in chains], True


def polygon_chain(corners: np.ndarray) -> Chain:
    """Return a closed chain of straight cubics through complex points [S]."""
    return _straight(np.append(corners, corners[0]), True)


def _polyline(geometry: Geometry, _frame: Frame) -> tuple[list[Chain], bool]:
    values = leading_numbers(geometry.get("points", ""))
    points = np.array(values[: len(values) // 2 * 2]).reshape(-1, 2) @ [1.0, 1.0j]
    return ([_straight(points, False)] if len(points) > 1 else []), True


def _line(geometry: Geometry, frame: Frame) -> tuple[list[Chain], bool]:
    x1, x2 = (_size(geometry, name, frame.width, frame.em) or 0.0 for name in ("x1", "x2"))
    y1, y2 = (_size(geometry, name, frame.height, frame.em) or 0.0 for name in ("y1", "y2"))
    return [_straight(np.array([complex(x1, y1), complex(x2, y2)]), False)], True


def _rectangle(geometry: Geometry, frame: Frame) -> tuple[list[Chain], bool]:
    x, width, rx = (_size(geometry, n, frame.width, frame.em) for n in ("x", "width", "rx"))
    y, height, ry = (_size(geometry, n, frame.height, frame.em) for n in ("y", "height", "ry"))
    if not (width and height and width > 0.0 and height > 0.0):
        return [], True
    corner = complex(x or 0.0, y or 0.0)
    rx, ry = _both_radii(*(None if (radius or 0.0) < 0.0 else radius for radius in (rx, ry)))
    if not (rx > 0.0 and ry > 0.0):
        return [Chain(corner + width * _SQUARE.real + 1j * height * _SQUARE.imag, True)], True
    rx, ry = min(rx, width / 2.0), min(ry, height / 2.0)
    return [rounded_box(corner.real, corner.imag, width, height, [(rx, ry)] * 4)], True


def rounded_box(
    left: float, top: float, width: float, height: float, radii: Sequence[tuple[float, float]]
) -> Chain:
    """Return a rounded rectangle, clockwise from the end of its first corner, the top left one.

    radii: across and down, of the four corners, clockwise.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = radii
    points: list[complex] = [complex(x0, 0.0)]
    corners = [(width, 0.0, -x1, 1j * y1), (width, height, -1j * y2, -x2),
               (0.0, height, x3, -1j * y3), (0.0, 0.0, 1j * y0, x0)]  # fmt: skip
    for x, y, before, after in corners:
        start, end = complex(x, y) + before, complex(x, y) + after
        last = points[-1]
        if abs(start - last) > 1e-9 * (width + height):
            points += [last + (start - last) / 3.0, start - (start - last) / 3.0, start]
        if start != end:
            points += [start - _KAPPA * before, end - _KAPPA * after, end]
    return Chain(complex(left, top) + np.array(points), True)


def _ellipse(geometry: Geometry, frame: Frame) -> tuple[list[Chain], bool]:
    cx, rx = (_size(geometry, name, frame.width, frame.em) for name in ("cx", "rx"))
    cy, ry = (_size(geometry, name, frame.height, frame.em) for name in ("cy", "ry"))
    rx, ry = _both_radii(*(None if (radius or 0.0) < 0.0 else radius for radius in (rx, ry)))
    return ellipse_chain(complex(cx or 0.0, cy or 0.0), rx, ry), True


def _circle(geometry: Geometry, frame: Frame) -> tuple[list[Chain], bool]:
    cx = _size(geometry, "cx", frame.width, frame.em) or 0.0
    cy = _size(geometry, "cy", frame.height, frame.em) or 0.0
    radius = _size(geometry, "r", frame.diagonal, frame.em) or 0.0
    return ellipse_chain(complex(cx, cy), radius, radius), True


def ellipse_chain(center: complex, rx: float, ry: float) -> list[Chain]:
    """Return an ellipse, clockwise; nothing for one without an area."""
    if not (rx > 0.0 and ry > 0.0):
        return []
    return [Chain(center + rx * _CIRCLE.real + 1j * ry * _CIRCLE.imag, True)]


def _both_radii(rx: float | None, ry: float | None) -> tuple[float, float]:
    """Return both radii of an ellipse or corner; where one is missing, it is the other."""
    if rx is None:
        rx = ry
    if ry is None:
        ry = rx
    return rx or 0.0, ry or 0.0


def _size(geometry: Geometry, name: str, whole: float, em: float) -> float | None:
    return length(geometry.get(name), whole, em)


def _straight(corners: np.ndarray, closed: bool) -> Chain:
    """Return a chain of straight cubics through complex points [S + 1]."""
    points = np.empty(3 * len(corners) - 2, complex)
    thirds = (corners[1:] - corners[:-1]) / 3.0
    points[::3], points[1::3], points[2::3] = corners, corners[:-1] + thirds, corners[1:] - thirds
    return Chain(points, closed)


_SQUARE = _straight(np.array([0.0, 1.0, 1.0 + 1.0j, 1.0j, 0.0]), True).points

SHAPES: dict[str, Callable[[Geometry, Frame], tuple[list[Chain], bool]]] = {
    "path": _path,
    "rect": _rectangle,
    "circle": _circle,
    "ellipse": _ellipse,
    "line": _line,
    "polygon": _polygon,
    "polyline": _polyline,
}
