# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shape of SVG as closed sub-paths of cubics.

A shape is first written as the path that the standard says it equals (SVG 2, chapter
"Basic Shapes"). Path data in our own strict form is read here; any other goes through
svgpathtools.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import SvgError

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(NUMBER, re.ASCII)

# Absolute M, C ... and Z with numbers apart by one space or a minus: what our writer writes.
_PLAIN = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
_NEXT = rf"(?: |(?=-)){_PLAIN}"
_OWN_SUBPATH = re.compile(rf"M{_PLAIN}{_NEXT}(?:C{_PLAIN}(?:{_NEXT}){{5}})+Z", re.ASCII)

_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_LENGTH = re.compile(rf"\s*({NUMBER})\s*([a-z%]*)\s*", re.ASCII)


def numbers(text: str) -> list[float]:
    """All numbers in a list of coordinates."""
    return [float(number) for number in _NUMBER.findall(text)]


def length(text: str | None, whole: float = math.nan, default: float = 0.0) -> float:
    """A length in pixels (96 to the inch), per cents of `whole`. Raises SvgError."""
    if text is None or text.strip() == "auto":
        return default
    match = _LENGTH.fullmatch(text)
    factor = whole / 100.0 if match and match[2] == "%" else _UNITS.get(match[2] if match else "?")
    if match is None or factor is None or not math.isfinite(value := float(match[1]) * factor):
        raise SvgError(f"'{text[:40]}' is no length that can be read.", "Use pixels.")
    return value


def subpaths_of(tag: str, attributes: Mapping[str, str], canvas: np.ndarray) -> list[np.ndarray]:
    """The outline of a shape in its own coordinates: float64 [3·S, 2] each.

    canvas: width and height that per cents refer to. Raises SvgError.
    """
    return _subpaths_of_data(SHAPES[tag](attributes, canvas))


def _subpaths_of_data(data: str) -> list[np.ndarray]:
    """Path data as closed sub-paths; open ones are closed by a straight line."""
    pieces = [piece + "Z" for piece in data.split("Z")[:-1]]
    if "".join(pieces) == data and all(map(_OWN_SUBPATH.fullmatch, pieces)):
        return [_closed(np.array(numbers(piece)).reshape(-1, 2)) for piece in pieces]
    return _foreign_subpaths(data)


def _closed(points: np.ndarray) -> np.ndarray:
    """An open chain of cubics [3·S + 1, 2] as a closed sub-path [3·S', 2]."""
    if np.array_equal(points[0], points[-1]):
        return points[:-1]
    way = points[0] - points[-1]
    return np.concatenate([points, [points[-1] + way / 3.0, points[-1] + way * (2.0 / 3.0)]])


def _foreign_subpaths(data: str) -> list[np.ndarray]:
    """Path data of any form, by svgpathtools. Raises SvgError."""
    try:
        from svgpathtools import parse_path
    except ImportError:
        raise needs_svgpathtools() from None
    pieces = re.findall(r"[Mm][^Mm]*", data)
    if "".join(pieces) != data.lstrip():
        raise _unreadable("It doesn't start with a move")
    subpaths = []
    position = 0j
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for piece in pieces:
                # The appended empty line tells where the piece ends, also for a lone move.
                *segments, marker = parse_path(piece + "l0,0", position)
                position = marker.end
                chain = [_cubic_points(segment) for segment in segments if _has_length(segment)]
                if chain:
                    joined = np.concatenate([[chain[0][0]], *(points[1:] for points in chain)])
                    subpaths.append(_closed(np.stack([joined.real, joined.imag], axis=1)))
    except Exception as problem:  # its parser raises nearly anything
        raise _unreadable(type(problem).__name__) from None
    return subpaths


def _unreadable(reason: str) -> SvgError:
    return SvgError(
        f"An outline can't be read: {reason}.",
        "Open the file in a drawing program and save it as plain SVG.",
    )


def needs_svgpathtools() -> SvgError:
    """The error for a file that only svgpathtools can read."""
    return SvgError(
        "Drawings from other programs need svgpathtools, which is not installed.",
        "pip install svgpathtools",
    )


def _has_length(segment: Any) -> bool:
    """False for the lines of rounding error that close many a path."""
    return type(segment).__name__ != "Line" or abs(segment.end - segment.start) > 1e-9 * (
        1.0 + abs(segment.start)
    )


def _cubic_points(segment: Any) -> np.ndarray:
    """A segment of svgpathtools as a chain of cubics: complex [3·S + 1]."""
    kind = type(segment).__name__
    start, end = segment.start, segment.end
    if kind == "CubicBezier":
        return np.array([start, segment.control1, segment.control2, end])
    if kind == "QuadraticBezier":
        third = segment.control * (2.0 / 3.0)
        return np.array([start, start / 3.0 + third, end / 3.0 + third, end])
    if kind == "Arc" and segment.radius.real > 0.0 and segment.radius.imag > 0.0:
        return _arc_points(segment)
    return np.array([start, start + (end - start) / 3.0, end - (end - start) / 3.0, end])


def _arc_points(arc: Any) -> np.ndarray:
    """An elliptical arc as cubics of at most 90 degrees each: complex [3·S + 1]."""
    count = max(1, math.ceil(abs(arc.delta) / 90.0 - 1e-9))
    angles = np.radians(arc.theta + arc.delta * np.arange(count + 1) / count)
    turn = np.exp(1j * math.radians(arc.rotation))
    reach = 4.0 / 3.0 * math.tan(math.radians(arc.delta) / count / 4.0)

    def place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return arc.center + turn * (arc.radius.real * x + 1j * arc.radius.imag * y)

    cosine, sine = np.cos(angles), np.sin(angles)
    anchors = place(cosine, sine)
    handles_out = place(cosine - reach * sine, sine + reach * cosine)[:-1]
    handles_in = place(cosine + reach * sine, sine - reach * cosine)[1:]
    anchors[0], anchors[-1] = arc.start, arc.end
    points = np.stack([anchors[:-1], handles_out, handles_in], axis=1).ravel()
    return np.append(points, anchors[-1])


def bounds(subpaths: list[np.ndarray]) -> np.ndarray:
    """The least box around sub-paths [3·S, 2] each: its least and greatest corner, [2, 2]."""
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


def wind_even_odd(subpaths: list[np.ndarray]) -> list[np.ndarray]:
    """Sub-paths turned so that non-zero winding fills what the even-odd rule would.

    A sub-path inside an even number of others runs one way, else the other. Exact
    where sub-paths don't cross.
    """
    outlines = [_flattened(points) for points in subpaths]
    turned = []
    for points, outline in zip(subpaths, outlines, strict=True):
        depth = sum(_contains(other, points[0]) for other in outlines if other is not outline)
        backwards = (_signed_area(outline) > 0.0) == (depth % 2 == 0)
        turned.append(np.roll(points[::-1], 1, axis=0) if backwards else points)
    return turned


def _flattened(points: np.ndarray, count: int = 8) -> np.ndarray:
    """The outline as a polygon of `count` points a cubic."""
    t = np.arange(count)[:, None, None] / count
    cubics = np.concatenate([points, points[:1]])
    a, b, c, d = cubics[:-1:3], cubics[1::3], cubics[2::3], cubics[3::3]  # [S, 2] each
    curve = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    return curve.swapaxes(0, 1).reshape(-1, 2)


def _contains(polygon: np.ndarray, point: np.ndarray) -> bool:
    """Whether a ray from the point crosses the polygon an odd number of times."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    spans = (start[:, 1] > point[1]) != (end[:, 1] > point[1])
    start, way = start[spans], (end - start)[spans]
    crossing = start[:, 0] + (point[1] - start[:, 1]) * way[:, 0] / way[:, 1]
    return bool(np.count_nonzero(crossing > point[0]) % 2)


def _signed_area(polygon: np.ndarray) -> float:
    x, y = (polygon - polygon[0]).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def _rectangle(attributes: Mapping[str, str], canvas: np.ndarray) -> str:
    x, y = length(attributes.get("x"), canvas[0]), length(attributes.get("y"), canvas[1])
    width = length(attributes.get("width"), canvas[0])
    height = length(attributes.get("height"), canvas[1])
    if width <= 0.0 or height <= 0.0:
        return ""
    rx = length(attributes.get("rx"), canvas[0], math.nan)
    ry = length(attributes.get("ry"), canvas[1], math.nan)
    rx, ry = (ry if math.isnan(rx) else rx), (rx if math.isnan(ry) else ry)
    if not (rx > 0.0 and ry > 0.0):
        return f"M{x},{y}h{width}v{height}h{-width}Z"
    rx, ry = min(rx, width / 2.0), min(ry, height / 2.0)
    across, down, arc = width - 2.0 * rx, height - 2.0 * ry, f"a{rx},{ry},0,0,1,"
    return (
        f"M{x + rx},{y}h{across}{arc}{rx},{ry}v{down}{arc}{-rx},{ry}"
        f"h{-across}{arc}{-rx},{-ry}v{-down}{arc}{rx},{-ry}Z"
    )


def _ellipse(attributes: Mapping[str, str], canvas: np.ndarray) -> str:
    diagonal = float(np.hypot(*canvas)) / math.sqrt(2.0)
    cx, cy = length(attributes.get("cx"), canvas[0]), length(attributes.get("cy"), canvas[1])
    radius = length(attributes.get("r"), diagonal, math.nan)
    rx = length(attributes.get("rx"), canvas[0], radius)
    ry = length(attributes.get("ry"), canvas[1], radius)
    rx, ry = (ry if math.isnan(rx) else rx), (rx if math.isnan(ry) else ry)
    if not (rx > 0.0 and ry > 0.0):
        return ""
    arc = f"A{rx},{ry},0,0,0,"
    return (
        f"M{cx + rx},{cy}{arc}{cx},{cy - ry}{arc}{cx - rx},{cy}"
        f"{arc}{cx},{cy + ry}{arc}{cx + rx},{cy}Z"
    )


def _polygon(attributes: Mapping[str, str], _canvas: np.ndarray) -> str:
    points = numbers(attributes.get("points", ""))
    return "M" + ",".join(map(str, points[: len(points) // 2 * 2])) + "Z" if points[3:] else ""


SHAPES: dict[str, Callable[[Mapping[str, str], np.ndarray], str]] = {
    "path": lambda attributes, _canvas: attributes.get("d", ""),
    "rect": _rectangle,
    "circle": _ellipse,
    "ellipse": _ellipse,
    "polygon": _polygon,
    "polyline": _polygon,
}
