# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes as filled outlines (SVG 2, chapter 13.7), and as strokes of a drawing.

A stroke is the union of pieces: the strip along each cubic, joins and caps. Offset curves are
fitted to the tangents at both ends of pieces that turn by little (Tiller and Hanson, "Offsets of
two-dimensional profiles", 1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..bezier import between
from ..drawing import Cap, Join, Stroke
from .paths import Chain

_TURN = np.radians(30.0)  # at most, of one piece of an offset curve
_MOST_PIECES = 64
_MOST_DASHES = 10_000
_KAPPA = 4.0 / 3.0 * np.tan(np.pi / 8.0)


@dataclass(frozen=True)
class Pen:
    """Style of a stroke. dashes: lengths of dashes and gaps in turn; empty for none."""

    width: float
    cap: str = "butt"
    join: str = "miter"
    miter_limit: float = 4.0
    dashes: tuple[float, ...] = ()
    offset: float = 0.0


def stroked(chains: list[Chain], pen: Pen) -> list[np.ndarray]:
    """Return closed sub-paths [3·S, 2] whose union, non-zero, is the stroke."""
    pieces: list[np.ndarray] = []
    for chain in chains:
        for part in _dashed(chain, pen):
            pieces += _stroked(part, pen)
    return [_clockwise(np.stack([each.real, each.imag], axis=1)) for each in pieces]


def as_stroke(chain: Chain, pen: Pen, transform: np.ndarray) -> Stroke | None:
    """Return a line under an affine map [3, 3] as a stroke of a drawing; None where it is none.

    Pens that the map makes elliptical, dashes, and joins cut off are none. Square ends become
    longer blunt ones.
    """
    plane = transform[:2, :2].astype(np.float64)
    square = plane.T @ plane
    is_even = np.abs(square - 0.5 * np.trace(square) * np.eye(2)).max() <= 1e-6 * np.trace(square)
    if not is_even or pen.dashes or pen.join not in ("round", "miter"):
        return None
    points = chain.points
    if not len(_cubics(points)) and pen.cap != "round":
        return None
    if pen.cap == "square" and not chain.closed:
        points = _lengthened(points, pen.width / 2.0)
    widths = np.full(len(points) // 3 + 1, pen.width, np.float32)
    line = np.stack([points.real, points.imag], axis=1)
    cap: Cap = "round" if pen.cap == "round" else "butt"
    join: Join = "round" if pen.join == "round" else "miter"
    stroke = Stroke(line, widths, chain.closed, cap, join, pen.miter_limit)
    return stroke.placed(transform)


def _lengthened(points: np.ndarray, length: float) -> np.ndarray:
    """Return a line that goes on straight at both ends."""
    first, last = _directions(_cubics(points))
    start, end = points[0] - length * first[0], points[-1] + length * last[-1]
    ahead, home = _straight(start, points[0]), _straight(points[-1], end)
    return np.concatenate([[start, *ahead], points, [*home, end]])


def _clockwise(points: np.ndarray) -> np.ndarray:
    """Return a sub-path turned so that all of a stroke wind the same way."""
    x, y = points.T
    area = float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    return points if area >= 0.0 else np.roll(points[::-1], 1, axis=0)


def _stroked(chain: Chain, pen: Pen) -> list[np.ndarray]:
    """Return the pieces of one line, complex [3·S] each."""
    cubics = _monotone(_cubics(chain.points))
    radius = pen.width / 2.0
    if not len(cubics):
        return _dot(chain.points[0], radius, pen.cap)
    first, last = _directions(cubics)
    pieces = [
        piece for cubic, a, b in zip(cubics, first, last) for piece in _strip(cubic, a, b, radius)
    ]
    nexts = [*range(1, len(cubics)), *([0] if chain.closed else [])]
    for i, k in zip(range(len(cubics)), nexts):
        pieces += _join(cubics[k, 0], last[i], first[k], radius, pen)
    if not chain.closed:
        pieces += _cap(cubics[0, 0], -first[0], radius, pen.cap)
        pieces += _cap(cubics[-1, 3], last[-1], radius, pen.cap)
    return pieces


def _cubics(points: np.ndarray) -> np.ndarray:
    """Return a chain as cubics, complex [S, 4], less those without a length."""
    cubics = np.stack([points[:-1:3], points[1::3], points[2::3], points[3::3]], axis=1)
    reach = np.abs(cubics - cubics[:, :1]).max(axis=1)
    kept: np.ndarray = cubics[reach > 1e-12 * (1.0 + np.abs(points).max())]
    return kept


def _monotone(cubics: np.ndarray) -> np.ndarray:
    """Return cubics split so that each turns by little: complex [S', 4]."""
    if not len(cubics):
        return cubics
    steps = np.diff(cubics, axis=1)
    with np.errstate(all="ignore"):
        turns = np.abs(np.angle(steps[:, 1:] * steps[:, :-1].conj())).sum(axis=1)
    if not (turns > _TURN).any():
        return cubics
    pieces = np.ceil(np.nan_to_num(turns) / _TURN).clip(1, _MOST_PIECES).astype(int)
    owner = np.repeat(np.arange(len(cubics)), pieces)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start, end = number / pieces[owner], (number + 1) / pieces[owner]
    return between(cubics[owner], start, end)


def _directions(cubics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit tangents at the start and at the end of cubics, complex [S] each."""
    steps = [cubics[:, k] - cubics[:, 0] for k in (1, 2, 3)]
    back = [cubics[:, 3] - cubics[:, k] for k in (2, 1, 0)]
    size = np.abs(cubics - cubics[:, :1]).max(axis=1)

    def unit(choices: list[np.ndarray]) -> np.ndarray:
        found = choices[2]
        for choice in choices[1::-1]:
            found = np.where(np.abs(choice) > 1e-6 * size, choice, found)
        return found / np.maximum(np.abs(found), 1e-300)

    return unit(steps), unit(back)


def _strip(cubic: np.ndarray, first: complex, last: complex, radius: float) -> list[np.ndarray]:
    """Return the area swept by a pen along a cubic that turns by little."""
    right, turns_right = _offset(cubic, first, last, radius)
    left, turns_left = _offset(cubic, first, last, -radius)
    if turns_right or turns_left:  # more tightly than the pen: its ends cross on that side
        outer, inner = (left, right) if turns_right else (right, left)
        halves = [_polygon([cubic[0], cubic[3], inner[k]]) for k in (0, 3)]
        return [*halves, _band(cubic, outer)]
    return [_band(left, right)]


def _band(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the area between two cubics as a closed sub-path."""
    back = other[::-1]
    ahead, home = _straight(one[3], back[0]), _straight(back[3], one[0])
    return np.concatenate([one[:3], [one[3], *ahead], back[:3], [back[3], *home]])


def _straight(start: complex, end: complex) -> tuple[complex, complex]:
    return start + (end - start) / 3.0, end - (end - start) / 3.0


def _offset(
    cubic: np.ndarray, first: complex, last: complex, distance: float
) -> tuple[np.ndarray, bool]:
    """Return the curve at a distance to the right, y down: complex [4]; whether it is reversed."""
    start, end = cubic[0] + 1j * distance * first, cubic[3] + 1j * distance * last
    chord, moved = cubic[3] - cubic[0], end - start
    scale = float((moved * chord.conjugate()).real) / max(float(abs(chord)) ** 2, 1e-300)
    handles = [start + scale * (cubic[1] - cubic[0]), end + scale * (cubic[2] - cubic[3])]
    return np.array([start, *handles, end]), scale <= 0.0


def _join(at: complex, before: complex, after: complex, radius: float, pen: Pen) -> list[
    np.ndarray
]:  # fmt: skip
    """Return what fills the outer side of a corner."""
    turn = float(np.angle(after * before.conjugate()))
    if abs(turn) < 1e-4:
        return []
    if pen.join == "round" and abs(turn) > _TURN / 8.0:
        return [_disc(at, radius)]
    bevel = _bevel(at, before, after, radius, turn)
    sine = abs(np.cos(turn / 2.0))  # of half the angle between the lines
    if pen.join == "bevel" or sine * pen.miter_limit < 1.0:
        return [bevel]
    side = -1.0 if turn > 0.0 else 1.0
    tip = at + 1j * side * radius / sine * before * np.exp(0.5j * turn)
    corners = [at, at + 1j * side * radius * before, tip, at + 1j * side * radius * after]
    return [_polygon(corners)]


def _bevel(at: complex, before: complex, after: complex, radius: float, turn: float) -> np.ndarray:
    side = -1.0 if turn > 0.0 else 1.0
    return _polygon([at, at + 1j * side * radius * before, at + 1j * side * radius * after])


def _cap(at: complex, direction: complex, radius: float, cap: str) -> list[np.ndarray]:
    """Return what is drawn beyond the end of a line."""
    if cap == "round":
        return [_disc(at, radius)]
    if cap == "square":
        side, ahead = 1j * radius * direction, radius * direction
        return [_polygon([at + side, at + side + ahead, at - side + ahead, at - side])]
    return []


def _dot(at: complex, radius: float, cap: str) -> list[np.ndarray]:
    """Return a line without a length: nothing but its caps."""
    if cap == "round":
        return [_disc(at, radius)]
    square = radius * np.array([-1 - 1j, 1 - 1j, 1 + 1j, -1 + 1j])
    return [_polygon(list(at + square))] if cap == "square" else []


def _disc(at: complex, radius: float) -> np.ndarray:
    turn = 1j ** np.arange(4)
    points = np.stack([turn, turn * (1 + 1j * _KAPPA), turn * (1j + _KAPPA)], axis=1).ravel()
    disc: np.ndarray = at + radius * points
    return disc


def _polygon(corners: list[complex]) -> np.ndarray:
    points = np.array(corners)
    step = np.roll(points, -1) - points
    return np.stack([points, points + step / 3.0, points + step / 1.5], axis=1).ravel()


def _dashed(chain: Chain, pen: Pen) -> list[Chain]:
    """Return the dashes of a line; the line itself where it has none."""
    period = float(sum(pen.dashes))
    if not period > 0.0:
        return [chain]
    cubics = _monotone(_cubics(chain.points))
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
    return [_part(cubics, lengths, t, start, end) for start, end in ends]


def _lengths(cubics: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the length of the line up to parameters of each cubic: [S, T]."""
    s = 1.0 - t
    basis = np.stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3])
    steps = np.abs(np.diff(cubics @ basis, axis=1))
    inner = np.concatenate([np.zeros((len(cubics), 1)), np.cumsum(steps, axis=1)], axis=1)
    before = np.concatenate([[0.0], np.cumsum(inner[:-1, -1])])
    return inner + before[:, None]


def _part(
    cubics: np.ndarray, lengths: np.ndarray, t: np.ndarray, start: float, end: float
) -> Chain:
    """Return the part of a line between two lengths."""
    first = int(np.searchsorted(lengths[:, -1], start, "right").clip(0, len(cubics) - 1))
    last = int(np.searchsorted(lengths[:, -1], end).clip(first, len(cubics) - 1))
    low, high = np.zeros(last - first + 1), np.ones(last - first + 1)
    low[0] = np.interp(start, lengths[first], t)
    high[-1] = np.interp(end, lengths[last], t)
    pieces = between(cubics[first : last + 1], low, high)
    return Chain(np.append(pieces[:, :3].ravel(), pieces[-1, 3]), False)
