# SPDX-License-Identifier: GPL-3.0-or-later
"""The outline of a stroke of changing width, with its caps and joins.

Offset curves are fitted to the tangents at both ends of pieces that turn by little (Tiller and
Hanson, "Offsets of two-dimensional profiles", 1984). Filled with the non-zero rule.
"""

from __future__ import annotations

import numpy as np

from ..bezier import between
from ..drawing import Stroke

# Turn of one piece of an offset curve at most, and how often cubics are halved for it.
_TURN, _MOST_HALVINGS = np.radians(18.0), 6

# Turn between two cubics from which there is a join, in radians.
_LEAST_JOIN = 1e-3


def stroke_outline(stroke: Stroke) -> list[np.ndarray]:
    """Return the outline of a stroke: closed sub-paths, float32 [3·S, 2], as in `Path`."""
    points = stroke.points.astype(np.float64) @ [1.0, 1.0j]
    cubics, radii = _pieces(points, stroke.widths.astype(np.float64) / 2.0)
    if not len(cubics):
        disc = _arc(points[0], float(stroke.widths.max()) / 2.0, 2.0 * np.pi)
        return [_subpath(disc)]
    first, last = _directions(cubics)
    sides = [_side(cubics, radii, first, last, sign, stroke) for sign in (1.0, -1.0)]
    back = sides[1][::-1, ::-1]
    if stroke.closed:
        return [_subpath(side) for side in (sides[0], back)]
    end = _cap(cubics[-1, 3], 1j * last[-1] * radii[-1, 1], stroke)
    start = _cap(cubics[0, 0], -1j * first[0] * radii[0, 0], stroke)
    return [_subpath(np.concatenate([sides[0], end, back, start]))]


def _pieces(points: np.ndarray, radii: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return cubics that turn by little, complex [N, 4], and their radii at both ends, [N, 2]."""
    cubics = np.stack([points[:-1:3], points[1::3], points[2::3], points[3::3]], axis=1)
    ends = np.stack([radii[:-1], radii[1:]], axis=1)
    long = np.abs(cubics - cubics[:, :1]).max(axis=1) > 1e-6
    cubics, ends = cubics[long], ends[long]
    if not len(cubics):
        return cubics, ends
    for _ in range(_MOST_HALVINGS):
        steps = np.diff(cubics, axis=1)
        turns = np.abs(np.angle(steps[:, 1:] * steps[:, :-1].conj())).sum(axis=1)
        parts = np.where(turns > _TURN, 2, 1)
        owner = np.repeat(np.arange(len(cubics)), parts)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(parts) - parts, parts)
        start, end = number / parts[owner], (number + 1) / parts[owner]
        first, last = ends[owner].T
        ends = np.stack([first + (last - first) * start, first + (last - first) * end], axis=1)
        cubics = between(cubics[owner], start, end)
    return cubics, ends


def _directions(cubics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit tangents at the start and at the end of cubics: complex [N] each."""
    size = np.abs(cubics - cubics[:, :1]).max(axis=1)
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


def _side(
    cubics: np.ndarray,
    radii: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    sign: float,
    stroke: Stroke,
) -> np.ndarray:
    """Return one side of a stroke as cubics [M, 4] that follow each other."""
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
    offset = np.stack([start, *handles, end], axis=1)
    parts = []
    for i in range(len(offset)):
        parts.append(offset[i : i + 1])
        k = (i + 1) % len(offset)
        if k == 0 and not stroke.closed:
            break
        turn = float(np.angle(first[k] * np.conj(last[i])))
        if abs(turn) < _LEAST_JOIN:
            if abs(end[i] - start[k]) > 1e-9:
                parts.append(_lines([end[i], start[k]]))
        elif turn * sign < 0.0:  # the outer side
            parts.append(_join(cubics[k, 0], end[i], start[k], turn, stroke))
        else:
            parts.append(_lines([end[i], cubics[k, 0], start[k]]))
    return np.concatenate(parts)


def _join(corner: complex, end: complex, start: complex, turn: float, stroke: Stroke) -> np.ndarray:
    """Return the outer side of a corner between two ends of a side, as cubics [N, 4]."""
    if stroke.join == "round":
        return _arc(corner, end - corner, turn)
    straight = float(np.cos(turn / 2.0))  # the inverse of the miter's length
    if straight * stroke.miter_limit < 1.0:
        return _lines([end, start])
    tip = corner + (end - corner) * np.exp(0.5j * turn) / straight
    return _lines([end, tip, start])


def _cap(center: complex, spoke: complex, stroke: Stroke) -> np.ndarray:
    """Return the end of a stroke from a spoke on to the opposite one, as cubics [N, 4]."""
    if stroke.cap == "round":
        return _arc(center, spoke, -np.pi)
    return _lines([center + spoke, center - spoke])


def _arc(center: complex, spoke: complex, turn: float) -> np.ndarray:
    """Return an arc around a center from a spoke on, as cubics [N, 4]."""
    count = max(1, int(np.ceil(abs(turn) / (0.5 * np.pi) - 1e-9)))
    step = turn / count
    spokes = spoke * np.exp(1j * step * np.arange(count + 1))
    reach = 4.0 / 3.0 * np.tan(step / 4.0)
    handles_out = spokes[:-1] * (1 + 1j * reach)
    handles_in = spokes[1:] * (1 - 1j * reach)
    return center + np.stack([spokes[:-1], handles_out, handles_in, spokes[1:]], axis=1)


def _lines(places: list[complex]) -> np.ndarray:
    """Return straight cubics [N, 4] from place to place."""
    start, end = np.array(places[:-1]), np.array(places[1:])
    third = (end - start) / 3.0
    return np.stack([start, start + third, end - third, end], axis=1)


def _subpath(cubics: np.ndarray) -> np.ndarray:
    """Return cubics [N, 4] that follow each other as a sub-path."""
    points = cubics[:, :3].ravel()
    return np.stack([points.real, points.imag], axis=1).astype(np.float32)
