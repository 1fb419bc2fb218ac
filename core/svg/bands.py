# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradients that no single ramp can show, as several shapes: a band for each part of them.

Between two stops of a linear gradient a ramp is exact, and so it is around the center of a
circle, if the color that it would have in the center exists. All else is shown in steps of one
color: ellipses, focal points, and opacity that changes. Bands of opaque gradients overlap, each
painted over the one before, so that no background shows between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..bezier import circle
from ..drawing import Ramp, RampKind
from .jobs import Job, Operand
from .layers import area_factor, inverse, stretch, transformed
from .operations import Steps

MOST_BANDS = 40  # of one shape
_STEP = 10.0 / 255.0  # between two bands of one color each
_OPACITY_STEP = 1.0 / 24.0
_OVERLAP = 2.0  # pixels
_VISIBLE = 1.0 / 255.0
_ROUND = 1.1  # ratio of an ellipse's axes up to which a circle stands for it


@dataclass(frozen=True)
class Gradient:
    """A gradient in its own coordinates.

    axis: start and end, or center and a point of the circle, [2, 2]. focus: [2], and radius of
    the inner circle. offsets: [K], rising; colors: [K, 4], sRGB and opacity. spread: "pad",
    "repeat" or "reflect".
    """

    kind: RampKind
    axis: np.ndarray
    focus: np.ndarray
    inner: float
    offsets: np.ndarray
    colors: np.ndarray
    spread: str

    @property
    def radius(self) -> float:
        """The circle's radius; the axis's length."""
        return float(np.hypot(*(self.axis[1] - self.axis[0])))

    @property
    def is_focal(self) -> bool:
        """True where circles of one color have different centers, or start from one."""
        away = np.hypot(*(self.focus - self.axis[0])) > 1e-3 * self.radius
        return self.kind == "radial" and bool(away or self.inner > 0.0)


@dataclass(frozen=True)
class _Part:
    """The gradient from `start` to `end`, which may be infinite; colors: [2, 4], at `at`."""

    start: float
    end: float
    at: tuple[float, float]
    colors: np.ndarray

    @property
    def is_flat(self) -> bool:
        """True where all colors are the same."""
        return bool(np.abs(self.colors[1] - self.colors[0]).max() <= _VISIBLE / 2.0)

    def center(self) -> np.ndarray:
        """Return the color [3] where the offset is 0, inside [0, 1] or not."""
        first, last = self.at
        slope = (self.colors[1] - self.colors[0]) / (last - first)
        color: np.ndarray = (self.colors[0] - first * slope)[:3]
        return color


@dataclass(frozen=True)
class Band:
    """A part of a shape. fill: [4]. ramp: in pixels; None for one color."""

    outline: list[np.ndarray]
    fill: np.ndarray
    ramp: Ramp | None


@dataclass(frozen=True)
class Plan:
    """The parts of a gradient that a shape shows.

    matrix, frame: [3, 3], from the gradient's coordinates, and from (along, across) its axis, to
    pixels. points: of the shape, [M, 2], along and across. stepped: whether each has one color.
    stops: how many parts there were before those of one color were made.
    """

    gradient: Gradient
    matrix: np.ndarray
    frame: np.ndarray
    points: np.ndarray
    parts: list[_Part]
    stepped: bool
    stops: int


def plan_of(gradient: Gradient, operand: Operand, matrix: np.ndarray) -> Plan | None:
    """Return how to show a shape, pixels, in bands; None where that takes too many.

    matrix: [3, 3], from the gradient's coordinates to pixels.
    """
    frame = matrix @ _frame(gradient)
    if abs(area_factor(frame)) < 1e-12 or not np.isfinite(frame).all():
        return None
    points = transformed(np.concatenate(operand.outline), inverse(frame))
    parts = _parts(gradient, points)
    if parts is None:
        return None
    stepped = gradient.kind == "radial" and (gradient.is_focal or stretch(matrix) > _ROUND)
    if not 1 <= len(parts) <= MOST_BANDS:
        return None
    steps = [_steps(part, gradient.kind, stepped) for part in parts]
    # Where there are too many, each is larger.
    share = (MOST_BANDS - len(parts)) / max(sum(count for count, _ in steps) - len(parts), 1)
    stops = len(parts)
    counts = [1 + int((count - 1) * min(share, 1.0)) for count, _ in steps]
    parts = [
        piece
        for part, count, (_, is_flat) in zip(parts, counts, steps)
        for piece in _divided(part, count, is_flat)
    ]
    return Plan(gradient, matrix, frame, points, parts, stepped, stops)


def bands_of(plan: Plan, operand: Operand) -> Steps[list[Band] | None]:
    """Return a shape in bands from the lowest on; None where one is too complex."""
    gradient, matrix = plan.gradient, plan.matrix
    opaque = bool((gradient.colors[:, 3] >= 1.0 - _VISIBLE).all())
    outlines = yield [
        Job(
            [operand, *_region(gradient, part, plan.points, plan.frame, matrix, opaque)],
            "intersect",
        )
        for part in plan.parts
    ]
    bands = []
    for part, outline in zip(plan.parts, outlines):
        if outline is None:
            return None
        if outline:
            bands.append(Band(outline, *_paint(gradient, part, matrix, plan.stepped)))
    return bands if gradient.kind == "linear" else bands[::-1]


def _frame(gradient: Gradient) -> np.ndarray:
    """Return the map [3, 3] from (along, across) the axis to the gradient's coordinates."""
    (x, y), (u, v) = gradient.axis[0], gradient.axis[1] - gradient.axis[0]
    return np.array([[u, -v, x], [v, u, y], [0.0, 0.0, 1.0]])


def _parts(gradient: Gradient, points: np.ndarray) -> list[_Part] | None:
    """Return the gradient from stop to stop, as far as a shape goes; None for too many.

    points: of the shape, [M, 2], along and across the axis.
    """
    along = points[:, 0] if gradient.kind == "linear" else np.hypot(*points.T)
    low = float(along.min()) if gradient.kind == "linear" else 0.0
    high = float(along.max())
    offsets, colors = gradient.offsets, gradient.colors
    if gradient.spread in ("repeat", "reflect"):
        first, last = int(np.floor(low)), int(np.ceil(high))
        if (last - first) * max(len(offsets) - 1, 1) > MOST_BANDS:
            return None
        offsets = np.concatenate([[0.0], offsets, [1.0]])
        colors = np.concatenate([colors[:1], colors, colors[-1:]])
        turns = [number % 2 == 1 and gradient.spread == "reflect" for number in range(first, last)]
        offsets = np.concatenate(
            [n + (1.0 - offsets[::-1] if turned else offsets)
             for n, turned in zip(range(first, last), turns)] or [offsets]
        )  # fmt: skip
        colors = np.concatenate(
            [colors[::-1] if turned else colors for turned in turns] or [colors]
        )
    ends = np.concatenate([[-np.inf if gradient.kind == "linear" else 0.0], offsets, [np.inf]])
    all_colors = np.concatenate([colors[:1], colors, colors[-1:]])
    parts = [
        _Part(start, end, (start, end), np.array(pair))
        for start, end, pair in zip(ends[:-1], ends[1:], pairwise(all_colors))
        if end > start and end > low - 1e-9 and start < high + 1e-9
    ]
    return _merged(parts)


def _merged(parts: list[_Part]) -> list[_Part]:
    """Return parts with the flat ends taken in by the parts beside them."""
    if len(parts) > 1 and np.isinf(parts[0].start) and _meet(parts[0], parts[1]):
        parts = [replace(parts[1], start=-np.inf), *parts[2:]]
    if len(parts) > 1 and np.isinf(parts[-1].end) and _meet(parts[-2], parts[-1]):
        parts = [*parts[:-2], replace(parts[-2], end=np.inf)]
    return parts


def _meet(one: _Part, other: _Part) -> bool:
    return bool(np.array_equal(one.colors[1], other.colors[0]))


def _steps(part: _Part, kind: RampKind, stepped: bool) -> tuple[int, bool]:
    """Return in how many pieces a part can be shown, and whether each has one color."""
    change = np.abs(part.colors[1] - part.colors[0])
    if part.is_flat:
        return 1, True
    if kind == "linear":
        return (math.ceil(change[3] / _OPACITY_STEP) if change[3] > _VISIBLE else 1), False
    center = part.center()
    in_gamut = bool(((center > -_VISIBLE) & (center < 1.0 + _VISIBLE)).all())
    stepped = stepped or not in_gamut or bool(change[3] > _VISIBLE)
    return (math.ceil(change.max() / _STEP) if stepped else 1), stepped


def _divided(part: _Part, count: int, stepped: bool) -> list[_Part]:
    """Return a part in pieces; stepped: of one color each."""
    if count == 1 and part.is_flat:
        return [part]
    shares = np.linspace(0.0, 1.0, count + 1)
    at = part.at[0] + shares * (part.at[1] - part.at[0])
    colors = part.colors[0] + shares[:, None] * (part.colors[1] - part.colors[0])
    both = np.stack([colors[:-1], colors[1:]], axis=1)
    both[..., 3] = both[..., 3].mean(axis=1, keepdims=True)
    if stepped:
        both[:] = both.mean(axis=1, keepdims=True)
    starts, ends = [part.start, *at[1:-1].tolist()], [*at[1:-1].tolist(), part.end]
    places = pairwise(at.tolist())
    return [_Part(*each) for each in zip(starts, ends, places, both)]


def _region(
    gradient: Gradient,
    part: _Part,
    points: np.ndarray,
    frame: np.ndarray,
    matrix: np.ndarray,
    opaque: bool,
) -> list[Operand]:
    """Return where a part is drawn, in pixels; opaque ones are painted over by later ones."""
    low, high = points.min(axis=0) - 1.0, points.max(axis=0) + 1.0
    if gradient.kind == "linear":
        start = max(part.start, low[0])
        # Opaque ones reach a little under the next one: more would shine through at edges.
        overlap = _OVERLAP * math.hypot(*inverse(frame)[0, :2]) if opaque else 0.0
        end = min(part.end + overlap, high[0])
        return [Operand([_box(start, low[1], end, high[1], frame)])]
    outer = (
        _box(low[0], low[1], high[0], high[1], frame)
        if np.isinf(part.end)
        else _disc(gradient, part.end, matrix)
    )
    if opaque or part.start <= 0.0:
        return [Operand([outer])]
    return [Operand([outer, _disc(gradient, part.start, matrix)], "evenodd")]


def ramp_region(ramp: Ramp, first: float, last: float, box: np.ndarray) -> list[np.ndarray]:
    """Return where a ramp is between two shares of its length, even-odd; they may be infinite.

    box: [2, 2], which it fills. All in pixels.
    """
    start, axis = ramp.start.astype(np.float64), (ramp.end - ramp.start).astype(np.float64)
    u, v = axis.tolist()
    frame = np.array([[u, -v, start[0]], [v, u, start[1]], [0.0, 0.0, 1.0]])
    corners = np.array([box[0], [box[1, 0], box[0, 1]], box[1], [box[0, 0], box[1, 1]]])
    inside = transformed(corners, inverse(frame))
    low, high = inside.min(axis=0) - 1.0, inside.max(axis=0) + 1.0
    if ramp.kind == "linear":
        first, last = max(first, min(low[0], 0.0)), min(last, max(high[0], 1.0) + 1.0)
        return [_box(first, low[1], last, high[1], frame)]
    disc = circle((0, 0), 1.0, 8).astype(np.float64)
    discs = [transformed(each * disc, frame) for each in (first, last) if 0.0 < each < np.inf]
    return discs if last < np.inf else [_box(low[0], low[1], high[0], high[1], frame), *discs]


def _box(left: float, top: float, right: float, bottom: float, frame: np.ndarray) -> np.ndarray:
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return polygon_in(corners, frame)


def polygon_in(corners: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Return a closed sub-path through corners [S, 2] under a map [3, 3]: float64 [3·S, 2]."""
    step = (np.roll(corners, -1, axis=0) - corners) / 3.0
    points = np.stack([corners, corners + step, corners + 2.0 * step], axis=1).reshape(-1, 2)
    return transformed(points, frame)


def _disc(gradient: Gradient, offset: float, matrix: np.ndarray) -> np.ndarray:
    """Return the circle of one offset, pixels."""
    center = gradient.focus + offset * (gradient.axis[0] - gradient.focus)
    radius = gradient.inner + offset * (gradient.radius - gradient.inner)
    return transformed(center + radius * circle((0, 0), 1.0, 8).astype(np.float64), matrix)


def _paint(
    gradient: Gradient, part: _Part, matrix: np.ndarray, stepped: bool
) -> tuple[np.ndarray, Ramp | None]:
    """Return the fill [4] and the ramp of a part."""
    if part.is_flat or stepped:
        return part.colors[0], None
    start, axis = gradient.axis[0], gradient.axis[1] - gradient.axis[0]
    first = 0.0 if gradient.kind == "radial" else part.at[0]
    color = part.center().clip(0.0, 1.0) if gradient.kind == "radial" else part.colors[0, :3]
    ramp = Ramp(gradient.kind, start + first * axis, start + part.at[1] * axis, part.colors[1, :3])
    return np.append(color, part.colors[0, 3]), ramp.placed(matrix)


def needs_bands(gradient: Gradient, is_exact: bool, matrix: np.ndarray) -> bool:
    """Return whether one ramp would visibly differ. is_exact: its colors are those of a ramp."""
    if not is_exact or gradient.spread != "pad" or gradient.is_focal:
        return True
    return gradient.kind == "radial" and stretch(matrix) > _ROUND


def stepped(plan: Plan) -> list[str]:
    """Return what of a gradient its bands show in steps, as notes."""
    notes, gradient = [], plan.gradient
    if np.ptp(gradient.colors[:, 3]) > _VISIBLE:
        notes.append("gradient of changing opacity")
    if gradient.is_focal:
        notes.append("focal point of a gradient")
    elif plan.stepped:
        notes.append("gradient of elliptical shape")
    elif not notes and len(plan.parts) > plan.stops:
        notes.append("radial gradient of strong colors")
    return notes
