# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes as filled outlines (SVG 2, chapter 13.7), and as strokes of a drawing.

A stroke is the union of pieces: the strip along each cubic, joins and caps. Offset curves are
fitted to the tangents at both ends of pieces that turn by little (Tiller and Hanson, "Offsets of
two-dimensional profiles", 1984).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..bezier import between
from ..drawing import Cap, Join, Stroke
from .paths import Chain
from .segments import runs

_TURN = np.radians(30.0)  # at most, of one piece of an offset curve
_MOST_PIECES = 64
_MOST_DASHES = 10_000
_KAPPA = 4.0 / 3.0 * math.tan(math.pi / 8.0)
_DISC = [turn * point for turn in (1, 1j, -1, -1j) for point in (1, 1 + 1j * _KAPPA, 1j + _KAPPA)]
Piece = list[complex]  # a closed sub-path: anchor, handle, handle, ...


@dataclass(frozen=True)
class Pen:
    """Style of a stroke. dashes: lengths of dashes and gaps in turn; empty for none."""

    width: float
    cap: str = "butt"
    join: str = "miter"
    miter_limit: float = 4.0
    dashes: tuple[float, ...] = ()
    offset: float = 0.0


class _Ends(NamedTuple):
    """For each cubic its ends, and the directions of the line there."""

    start: list[complex]
    end: list[complex]
    first: list[complex]
    last: list[complex]


def stroked(chains: list[Chain], pen: Pen) -> list[np.ndarray]:
    """Return closed sub-paths [3·S, 2] whose union, non-zero, is the stroke."""
    lines = [part for chain in chains for part in _dashed(chain, pen)]
    cubics, owner = _monotone([_cubics(line.points) for line in lines])
    radius = pen.width / 2.0
    first, last = _directions(cubics)
    sides = [_offset(cubics, first, last, distance) for distance in (radius, -radius)]
    # Plain numbers from here on: most lines are short.
    strips = zip(cubics.tolist(), *(each.tolist() for side in sides for each in side))
    bodies = [_strip(*each) for each in strips]
    ends = _Ends(cubics[:, 0].tolist(), cubics[:, 3].tolist(), first.tolist(), last.tolist())
    begins = np.searchsorted(owner, np.arange(len(lines) + 1)).tolist()
    pieces: list[Piece] = []
    for line, begin, end in zip(lines, begins[:-1], begins[1:]):
        if begin == end:
            pieces += _dot(complex(line.points[0]), radius, pen.cap)
            continue
        pieces += [piece for body in bodies[begin:end] for piece in body]
        pieces += _joins_and_caps(line.closed, ends, range(begin, end), pen)
    return _as_arrays([_clockwise(piece) for piece in pieces])


def _joins_and_caps(closed: bool, ends: _Ends, numbers: range, pen: Pen) -> list[Piece]:
    """Return what fills the corners of a line and lies beyond its ends."""
    radius, pieces = pen.width / 2.0, []
    following = [*numbers[1:], *(numbers[:1] if closed else ())]
    for i, k in zip(numbers, following):
        pieces += _join(ends.start[k], ends.last[i], ends.first[k], radius, pen)
    if not closed:
        i, k = numbers[0], numbers[-1]
        pieces += _cap(ends.start[i], -ends.first[i], radius, pen.cap)
        pieces += _cap(ends.end[k], ends.last[k], radius, pen.cap)
    return pieces


def _as_arrays(pieces: list[Piece]) -> list[np.ndarray]:
    """Return closed sub-paths as arrays [3·S, 2]."""
    if not pieces:
        return []
    points = np.array([point for piece in pieces for point in piece], complex)
    ends = np.cumsum([len(piece) for piece in pieces])[:-1]
    return np.split(points.view(np.float64).reshape(-1, 2), ends)


def as_stroke(chain: Chain, pen: Pen, transform: np.ndarray) -> Stroke | None:
    """Return a line under an affine map [3, 3] as a stroke of a drawing; None where it is none.

    Pens that the map makes elliptical, dashes, and joins cut off are none. Square ends become
    longer blunt ones.
    """
    (a, b), (c, d) = transform[:2, :2].tolist()
    square = a * a + b * b + c * c + d * d
    is_even = abs(a * a + c * c - b * b - d * d) <= 2e-6 * square
    is_even = is_even and abs(a * b + c * d) <= 1e-6 * square
    if not is_even or pen.dashes or pen.join not in ("round", "miter"):
        return None
    points = chain.points
    if pen.cap != "round" and not _has_length(points):
        return None
    if pen.cap == "square" and not chain.closed:
        points = _lengthened(points, pen.width / 2.0)
    width = pen.width * math.sqrt(abs(a * d - b * c))
    widths = np.full(len(points) // 3 + 1, width, np.float32)
    line = points.view(np.float64).reshape(-1, 2) @ transform[:2, :2].T + transform[:2, 2]
    cap: Cap = "round" if pen.cap == "round" else "butt"
    join: Join = "round" if pen.join == "round" else "miter"
    return Stroke(line.astype(np.float32), widths, chain.closed, cap, join, pen.miter_limit)


def _lengthened(points: np.ndarray, length: float) -> np.ndarray:
    """Return a line that goes on straight at both ends."""
    first, last = _directions(_cubics(points))
    start, end = points[0] - length * first[0], points[-1] + length * last[-1]
    ahead, home = _straight(start, points[0]), _straight(points[-1], end)
    return np.concatenate([[start, *ahead], points, [*home, end]])


def _clockwise(piece: Piece) -> Piece:
    """Return a piece turned so that all of a stroke wind the same way."""
    area = 0.0
    for point, following in zip(piece, piece[1:] + piece[:1]):
        area += point.real * following.imag - point.imag * following.real
    return piece if area >= 0.0 else piece[:1] + piece[:0:-1]


def _cubics(points: np.ndarray) -> np.ndarray:
    """Return a chain as cubics, complex [S, 4], less those without a length."""
    cubics = np.stack([points[:-1:3], points[1::3], points[2::3], points[3::3]], axis=1)
    reach = np.abs(cubics - cubics[:, :1]).max(axis=1)
    kept: np.ndarray = cubics[reach > 1e-12 * (1.0 + np.abs(points).max())]
    return kept


def _has_length(points: np.ndarray) -> bool:
    """Return whether a chain has a cubic with a length."""
    if not (points != points[0]).any():
        return False
    return bool(np.abs(points - points[0]).max() > 1e-12 * (1.0 + np.abs(points).max()))


def _monotone(lines: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the cubics of lines, complex [S, 4] each, split so that each turns by little.

    All together, complex [S', 4], and which line each is of, int [S'].
    """
    cubics = np.concatenate([np.zeros((0, 4), complex), *lines])
    line = np.repeat(np.arange(len(lines)), [len(each) for each in lines])
    steps = np.diff(cubics, axis=1)
    with np.errstate(all="ignore"):
        turns = np.abs(np.angle(steps[:, 1:] * steps[:, :-1].conj())).sum(axis=1)
    if not (turns > _TURN).any():
        return cubics, line
    pieces = np.ceil(np.nan_to_num(turns) / _TURN).clip(1, _MOST_PIECES).astype(int)
    owner = np.repeat(np.arange(len(cubics)), pieces)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start, end = number / pieces[owner], (number + 1) / pieces[owner]
    return between(cubics[owner], start, end), line[owner]


def _directions(cubics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit tangents at the start and at the end of cubics, complex [S] each."""
    steps = [cubics[:, k] - cubics[:, 0] for k in (1, 2, 3)]
    back = [cubics[:, 3] - cubics[:, k] for k in (2, 1, 0)]
    size = np.abs(cubics - cubics[:, :1]).max(axis=1, initial=0.0)

    def unit(choices: list[np.ndarray]) -> np.ndarray:
        found = choices[2]
        for choice in choices[1::-1]:
            found = np.where(np.abs(choice) > 1e-6 * size, choice, found)
        return found / np.maximum(np.abs(found), 1e-300)

    return unit(steps), unit(back)


def _offset(
    cubics: np.ndarray, first: np.ndarray, last: np.ndarray, distance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the curves at a distance to the right, y down: complex [S, 4]; which are reversed."""
    start, end = cubics[:, 0] + 1j * distance * first, cubics[:, 3] + 1j * distance * last
    chord, moved = cubics[:, 3] - cubics[:, 0], end - start
    scale = (moved * chord.conj()).real / np.maximum(np.abs(chord) ** 2, 1e-300)
    handles = [
        start + scale * (cubics[:, 1] - cubics[:, 0]),
        end + scale * (cubics[:, 2] - cubics[:, 3]),
    ]
    return np.stack([start, *handles, end], axis=1), scale <= 0.0


def _strip(
    cubic: Piece, right: Piece, turns_right: bool, left: Piece, turns_left: bool
) -> list[Piece]:
    """Return the area swept by a pen along a cubic that turns by little, from both its sides."""
    if turns_right or turns_left:  # more tightly than the pen: its ends cross on that side
        outer, inner = (left, right) if turns_right else (right, left)
        halves = [_polygon([cubic[0], cubic[3], inner[k]]) for k in (0, 3)]
        return [*halves, _band(cubic, outer)]
    return [_band(left, right)]


def _band(one: Piece, other: Piece) -> Piece:
    """Return the area between two cubics as a closed sub-path."""
    back = other[::-1]
    ahead, home = _straight(one[3], back[0]), _straight(back[3], one[0])
    return [*one, *ahead, *back, *home]


def _straight(start: complex, end: complex) -> tuple[complex, complex]:
    return start + (end - start) / 3.0, end - (end - start) / 3.0


def _join(at: complex, before: complex, after: complex, radius: float, pen: Pen) -> list[Piece]:
    """Return what fills the outer side of a corner."""
    turn = cmath.phase(after * before.conjugate())
    if abs(turn) < 1e-4:
        return []
    if pen.join == "round" and abs(turn) > _TURN / 8.0:
        return [_disc(at, radius)]
    spoke = radius * (-1j if turn > 0.0 else 1j)
    start, end = at + spoke * before, at + spoke * after
    straight = abs(math.cos(turn / 2.0))  # sine of half the angle between the lines
    if straight * pen.miter_limit < 1.0 and pen.join == "miter-clip":
        further = radius * (pen.miter_limit - straight) / abs(math.sin(turn / 2.0))
        return [_polygon([at, start, start + further * before, end - further * after, end])]
    if pen.join == "bevel" or straight * pen.miter_limit < 1.0:
        return [_polygon([at, start, end])]
    tip = at + spoke / straight * before * cmath.exp(0.5j * turn)
    return [_polygon([at, start, tip, end])]


def _cap(at: complex, direction: complex, radius: float, cap: str) -> list[Piece]:
    """Return what is drawn beyond the end of a line."""
    if cap == "round":
        return [_disc(at, radius)]
    if cap == "square":
        side, ahead = 1j * radius * direction, radius * direction
        return [_polygon([at + side, at + side + ahead, at - side + ahead, at - side])]
    return []


def _dot(at: complex, radius: float, cap: str) -> list[Piece]:
    """Return a line without a length: nothing but its caps."""
    if cap == "round":
        return [_disc(at, radius)]
    square = (-1 - 1j, 1 - 1j, 1 + 1j, -1 + 1j)
    return [_polygon([at + radius * corner for corner in square])] if cap == "square" else []


def _disc(at: complex, radius: float) -> Piece:
    return [at + radius * point for point in _DISC]


def _polygon(corners: list[complex]) -> Piece:
    return [
        point
        for start, end in zip(corners, corners[1:] + corners[:1])
        for point in (start, *_straight(start, end))
    ]


def _dashed(chain: Chain, pen: Pen) -> list[Chain]:
    """Return the dashes of a line; the line itself where it has none."""
    period = float(sum(pen.dashes))
    if not period > 0.0:
        return [chain]
    cubics, _ = _monotone([_cubics(chain.points)])
    if not len(cubics):
        return [chain]
    t = np.linspace(0.0, 1.0, 9)
    lengths = _lengths(cubics, t)  # [S, 9], along the line up to t
    total = float(lengths[-1, -1])
    if total / period * len(pen.dashes) > _MOST_DASHES:
        return [chain]
    ends = []
    at, number = -(pen.offset % period), 0
    while at < total:
        end = at + pen.dashes[number % len(pen.dashes)]
        if number % 2 == 0 and end >= 0.0:
            ends.append((max(at, 0.0), min(end, total)))
        at, number = end, number + 1
    return _parts(cubics, lengths, t, np.array(ends).reshape(-1, 2))


def _lengths(cubics: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the length of the line up to parameters of each cubic: [S, T]."""
    s = 1.0 - t
    basis = np.stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3])
    steps = np.abs(np.diff(cubics @ basis, axis=1))
    inner = np.concatenate([np.zeros((len(cubics), 1)), np.cumsum(steps, axis=1)], axis=1)
    before = np.concatenate([[0.0], np.cumsum(inner[:-1, -1])])
    return inner + before[:, None]


def _parts(cubics: np.ndarray, lengths: np.ndarray, t: np.ndarray, ends: np.ndarray) -> list[Chain]:
    """Return the parts of a line between pairs of lengths [N, 2]."""
    most = len(cubics) - 1
    first = np.searchsorted(lengths[:, -1], ends[:, 0], "right").clip(0, most)
    last = np.maximum(np.searchsorted(lengths[:, -1], ends[:, 1]).clip(0, most), first)
    low, high = _at(lengths[first], t, ends[:, 0]), _at(lengths[last], t, ends[:, 1])
    counts = last - first + 1
    part, place = runs(counts)
    start = np.where(place == 0, low[part], 0.0)
    end = np.where(place == counts[part] - 1, high[part], 1.0)
    pieces = between(cubics[first[part] + place], start, end)
    return [
        Chain(np.append(each[:, :3].ravel(), each[-1, 3]), False)
        for each in np.split(pieces, np.cumsum(counts)[:-1])
        if len(each)
    ]


def _at(lengths: np.ndarray, t: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the parameters [N] where lengths [N, T], rising, given for parameters t, are reached.

    wanted: [N].
    """
    after = (lengths < wanted[:, None]).sum(axis=1).clip(1, len(t) - 1)
    rows = np.arange(len(lengths))
    low, high = lengths[rows, after - 1], lengths[rows, after]
    with np.errstate(all="ignore"):
        share = np.where(high > low, (wanted - low) / (high - low), 0.0).clip(0.0, 1.0)
    found: np.ndarray = t[after - 1] + share * (t[after] - t[after - 1])
    return found
