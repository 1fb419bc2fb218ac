# SPDX-License-Identifier: GPL-3.0-or-later
"""The outline of a stroke of changing width, with its caps and joins.

Offset curves are fitted to the tangents at both ends of pieces that turn by little (Tiller and
Hanson, "Offsets of two-dimensional profiles", 1984). Filled with the non-zero rule.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..bezier import between
from ..drawing import Stroke

# Turn of one piece of an offset curve at most, and how often cubics are halved for it.
_TURN, _MOST_HALVINGS = np.radians(18.0), 6

# Turn between two cubics from which there is a join, in radians.
_LEAST_JOIN = 1e-3


Cubic = list[complex]  # four control points


class _Ends(NamedTuple):
    """For each piece: its last point, and the way from its ends to a side there."""

    last: list[complex]
    head: list[complex]
    tail: list[complex]


class _Pieces(NamedTuple):
    """Cubics that turn by little, of all strokes in order.

    cubics: complex [N, 4]. radii: [N, 2], at both ends. owner: int [N], rising, the stroke.
    """

    cubics: np.ndarray
    radii: np.ndarray
    owner: np.ndarray


def stroke_outline(stroke: Stroke) -> list[np.ndarray]:
    """Return the outline of a stroke: closed sub-paths, float32 [3·S, 2], as in `Path`."""
    return stroke_outlines([stroke])[0]


def stroke_outlines(strokes: Sequence[Stroke]) -> list[list[np.ndarray]]:
    """Return the outlines of many strokes, which takes less time than one after the other."""
    if not strokes:
        return []
    pieces = _pieces(strokes)
    first, last = _directions(pieces.cubics)
    closed = np.array([stroke.closed for stroke in strokes])
    starts = np.searchsorted(pieces.owner, np.arange(len(strokes) + 1))
    following = np.arange(1, len(pieces.owner) + 1)
    full = starts[1:] > starts[:-1]
    following[starts[1:][full] - 1] = starts[:-1][full]
    turns = np.angle(first[following] * last.conj())
    turns[starts[1:][full & ~closed] - 1] = np.nan  # no join: the line ends there
    sides = [(sign, _offset(pieces, first, last, sign).tolist()) for sign in (1.0, -1.0)]
    # Plain numbers from here on: most strokes are short.
    corners, angles = pieces.cubics[:, 0].tolist(), turns.tolist()
    ends = _Ends(
        pieces.cubics[:, 3].tolist(),
        (-1j * first * pieces.radii[:, 0]).tolist(),
        (1j * last * pieces.radii[:, 1]).tolist(),
    )
    outlines = []
    for stroke, begin, end in zip(strokes, starts[:-1].tolist(), starts[1:].tolist()):
        if begin == end:
            center = complex(*stroke.points[0].tolist())
            outlines.append([_subpath(_arc(center, float(stroke.widths.max()) / 2.0, 2 * math.pi))])
            continue
        part = slice(begin, end)
        left, right = (
            _joined(offset[part], sign, corners[part], angles[part], stroke)
            for sign, offset in sides
        )
        back = [cubic[::-1] for cubic in reversed(right)]
        if stroke.closed:
            outlines.append([_subpath(left), _subpath(back)])
            continue
        tail = _cap(ends.last[end - 1], ends.tail[end - 1], stroke)
        head = _cap(corners[begin], ends.head[begin], stroke)
        outlines.append([_subpath([*left, *tail, *back, *head])])
    return outlines


def _pieces(strokes: Sequence[Stroke]) -> _Pieces:
    """Return the cubics of all strokes, halved until they turn by little."""
    points = np.concatenate([stroke.points for stroke in strokes]).astype(np.float64)
    points = points @ [1.0, 1.0j]
    counts = np.array([len(stroke.widths) - 1 for stroke in strokes])
    owner = np.repeat(np.arange(len(strokes)), counts)
    # Each stroke has one anchor more than cubics.
    begins = 3 * np.arange(len(owner)) + owner
    cubics = points[begins[:, None] + np.arange(4)]
    radii = np.concatenate([stroke.widths for stroke in strokes]).astype(np.float64) / 2.0
    anchors = np.arange(len(owner)) + owner
    ends = np.stack([radii[anchors], radii[anchors + 1]], axis=1)
    long = np.abs(cubics - cubics[:, :1]).max(axis=1, initial=0.0) > 1e-6
    cubics, ends, owner = cubics[long], ends[long], owner[long]
    for _ in range(_MOST_HALVINGS):
        steps = np.diff(cubics, axis=1)
        turns = np.abs(np.angle(steps[:, 1:] * steps[:, :-1].conj())).sum(axis=1)
        parts = np.where(turns > _TURN, 2, 1)
        which = np.repeat(np.arange(len(cubics)), parts)
        number = np.arange(len(which)) - np.repeat(np.cumsum(parts) - parts, parts)
        start, end = number / parts[which], (number + 1) / parts[which]
        first, last = ends[which].T
        ends = np.stack([first + (last - first) * start, first + (last - first) * end], axis=1)
        cubics, owner = between(cubics[which], start, end), owner[which]
    return _Pieces(cubics, ends, owner)


def _directions(cubics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit tangents at the start and at the end of cubics: complex [N] each."""
    size = np.abs(cubics - cubics[:, :1]).max(axis=1, initial=0.0)
    found = []
    for steps in (
        [cubics[:, k] - cubics[:, 0] for k in (1, 2, 3)],
        [cubics[:, 3] - cubics[:, k] for k in (2, 1, 0)],
    ):
        direction = steps[2]
        for step in steps[1::-1]:
            direction = np.where(np.abs(step) > 1e-6 * size, step, direction)
        found.append(direction / np.maximum(np.abs(direction), 1e-12))
    return found[0], found[1]


def _offset(pieces: _Pieces, first: np.ndarray, last: np.ndarray, sign: float) -> np.ndarray:
    """Return the offset curves of all pieces on one side, complex [N, 4]."""
    cubics, radii = pieces.cubics, pieces.radii
    out = 1j * sign
    start = cubics[:, 0] + out * first * radii[:, 0]
    end = cubics[:, 3] + out * last * radii[:, 1]
    chord, moved = cubics[:, 3] - cubics[:, 0], end - start
    scale = (moved * chord.conj()).real / np.maximum(np.abs(chord) ** 2, 1e-12)
    handles = [
        start + scale * (cubics[:, 1] - cubics[:, 0]),
        end + scale * (cubics[:, 2] - cubics[:, 3]),
    ]
    # Handles grow with the width, so that they end on the side's own tangents.
    growth = (radii[:, 1] - radii[:, 0]) / 3.0
    handles = [handles[0] + out * first * growth, handles[1] - out * last * growth]
    return np.stack([start, *handles, end], axis=1)


def _joined(
    offset: list[Cubic], sign: float, corners: list[complex], turns: list[float], stroke: Stroke
) -> list[Cubic]:
    """Return one side of one stroke: cubics that follow each other.

    offset: of its pieces, on the side that sign says. corners: where the pieces start. turns: from
    each piece to the next; nan where none follows.
    """
    side: list[Cubic] = []
    for i, turn in enumerate(turns):
        side.append(offset[i])
        k = (i + 1) % len(offset)
        end, start = offset[i][3], offset[k][0]
        if abs(turn) < _LEAST_JOIN:
            if abs(end - start) > 1e-9:
                side += _lines([end, start])
        elif turn * sign < 0.0:  # the outer side
            side += _join(corners[k], end, start, turn, stroke)
        elif turn == turn:
            side += _lines([end, corners[k], start])
    return side


def _join(corner: complex, end: complex, start: complex, turn: float, stroke: Stroke) -> list[
    Cubic
]:  # fmt: skip
    """Return the outer side of a corner between two ends of a side."""
    if stroke.join == "round":
        return _arc(corner, end - corner, turn)
    straight = math.cos(turn / 2.0)  # the inverse of the miter's length
    if straight * stroke.miter_limit < 1.0:
        return _lines([end, start])
    tip = corner + (end - corner) * cmath.exp(0.5j * turn) / straight
    return _lines([end, tip, start])


def _cap(center: complex, spoke: complex, stroke: Stroke) -> list[Cubic]:
    """Return the end of a stroke from a spoke on to the opposite one."""
    if stroke.cap == "round":
        return _arc(center, spoke, -math.pi)
    return _lines([center + spoke, center - spoke])


def _arc(center: complex, spoke: complex, turn: float) -> list[Cubic]:
    """Return an arc around a center from a spoke on."""
    count = max(1, math.ceil(abs(turn) / (0.5 * math.pi) - 1e-9))
    step = turn / count
    reach = 4.0 / 3.0 * math.tan(step / 4.0)
    cubics: list[Cubic] = []
    for number in range(count):
        start, end = (spoke * cmath.exp(1j * step * (number + k)) for k in (0, 1))
        handles = start * (1 + 1j * reach), end * (1 - 1j * reach)
        cubics.append([center + start, center + handles[0], center + handles[1], center + end])
    return cubics


def _lines(places: list[complex]) -> list[Cubic]:
    """Return straight cubics from place to place."""
    return [
        [start, start + (end - start) / 3.0, end - (end - start) / 3.0, end]
        for start, end in pairwise(places)
    ]


def _subpath(cubics: list[Cubic]) -> np.ndarray:
    """Return cubics that follow each other as a sub-path."""
    points = np.array([point for cubic in cubics for point in cubic[:3]])
    return points.view(np.float64).reshape(-1, 2).astype(np.float32)
