# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on the shapes of a drawing: fill rules, clipping, masking, opacity of groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..bezier import outline_area
from .bands import ramp_region
from .document import Notes, Report, ignore
from .effort import Effort
from .fill_rules import fill_alike
from .jobs import Job, Operand, Outline
from .layers import Shape
from .operations import Steps, finished

_MOST_IN_GROUP = 1000  # shapes of a translucent group that are cut where they overlap
_MOST_AT_ONCE = 500  # shapes between two reports of progress
_MOST_CUT = 40_000  # cubics of clip paths, each counted for every shape that it cuts
_MOST_SUBPATHS = 250  # of one path: Blender fills curves in quadratic time
_MOST_UNRESOLVED = 1000  # nodes of an outline that is too complex: Blender would take minutes
_TOO_COMPLEX = "outline that is too complex; divide it in a drawing program"
_TOO_MUCH_CUT = "shape under a clip path that is too complex"
_LIGHT_STEPS, _FEW_STEPS, _MOST_LEVELS, _RAMP_STEPS = 64, 16, 48, 16  # of masks
_LUMINANCE = np.array([0.2125, 0.7154, 0.0721])  # of masks (CSS Masking 1, chapter 7.10)


def resolved(
    shapes: Sequence[Shape], notes: Notes, effort: Effort, report: Report = ignore
) -> list[Shape]:
    """Return shapes whose outlines fill the same under both fill rules.

    Blender fills even-odd, drawings are filled non-zero.
    """
    result: list[Shape] = []
    for first in range(0, len(shapes), _MOST_AT_ONCE):
        report(first / len(shapes))
        result += finished(_resolved(shapes[first : first + _MOST_AT_ONCE], notes), effort)
    return result


def _resolved(shapes: Sequence[Shape], notes: Notes) -> Steps[list[Shape]]:
    unknown = [number for number, shape in enumerate(shapes) if not (shape.exact or shape.simple)]
    alike = fill_alike([shapes[number].subpaths for number in unknown])
    waiting = [number for number, is_alike in zip(unknown, alike.tolist()) if not is_alike]
    chosen = [shapes[number] for number in waiting]
    outlines = yield [Job([shape.operand]) for shape in chosen]
    for which, shape in enumerate(chosen):
        if outlines[which] is None and len(shape.subpaths) > 1:
            outlines[which] = yield from _resolved_in_parts(shape, notes)
    return _with_outlines(shapes, waiting, outlines, notes, same_area=True)


def _resolved_in_parts(shape: Shape, notes: Notes) -> Steps[Outline | None]:
    """Return an outline that is too complex as a whole from parts of it that don't meet."""
    islands = _islands(shape.subpaths)
    if len(islands) < 2:
        return None
    parts = yield [Job([Operand(island, shape.rule)]) for island in islands]
    if all(part is None for part in parts):
        return None
    notes.left_out.update([_TOO_COMPLEX] * parts.count(None))
    return [points for part in parts for points in part or []]


def divided(shapes: Sequence[Shape]) -> list[Shape]:
    """Return shapes, those of very many sub-paths in several that don't overlap."""
    result: list[Shape] = []
    for shape in shapes:
        if shape.exact or shape.stroke or len(shape.subpaths) <= _MOST_SUBPATHS:
            result.append(shape)
            continue
        group: list[np.ndarray] = []
        for island in _islands(shape.subpaths):
            if group and len(group) + len(island) > _MOST_SUBPATHS:
                result.append(replace(shape, subpaths=group))
                group = []
            group = group + island
        result.append(replace(shape, subpaths=group))
    return result


def _islands(subpaths: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Return sub-paths in groups whose boxes don't overlap: holes with what has them."""
    boxes = _boxes(subpaths)
    order = np.argsort(boxes[:, 0, 0], kind="stable")
    (left, top), (right, bottom) = boxes[order].transpose(1, 2, 0)
    group = np.arange(len(order))
    for i in range(1, len(order)):
        meets = (right[:i] >= left[i]) & (top[:i] <= bottom[i]) & (bottom[:i] >= top[i])
        for other in np.unique(group[:i][meets]):
            group[: i + 1][group[: i + 1] == other] = i
    groups: dict[int, list[np.ndarray]] = {}
    for number, which in zip(order.tolist(), group.tolist()):
        groups.setdefault(which, []).append(subpaths[number])
    return list(groups.values())


def clipped(shapes: list[Shape], region: list[Shape], notes: Notes) -> Steps[list[Shape]]:
    """Return the parts of shapes inside a region, one shape, as `united` returns it.

    What lies beside it and what lies within a rectangle needs no Boolean operation.
    """
    if not region:
        return []
    outline = region[0].subpaths
    box = _control_bounds(outline)
    if len(outline) == 1 and _is_rectangle(outline[0], box):
        return (yield from clipped_to_box(shapes, box, notes))
    return (yield from _cut(_meeting(shapes, box), region[0].operand, notes))


def united(shapes: list[Shape], notes: Notes) -> Steps[list[Shape]]:
    """Return the union of shapes as one shape; nothing for an empty one."""
    shapes = [shape for shape in shapes if shape.subpaths]
    if len(shapes) < 2:
        return shapes
    outlines = [shape.subpaths for shape in shapes]
    is_plain = fill_alike(outlines) & np.array([len(outline) == 1 for outline in outlines])
    pieces = [_clockwise(outline[0]) for outline, plain in zip(outlines, is_plain) if plain]
    # A second operand, an empty one, makes all outlines wind clockwise.
    jobs = [
        Job([shape.operand, Operand([])]) for shape, plain in zip(shapes, is_plain) if not plain
    ]
    for outline in (yield jobs):
        pieces += outline or []
        notes.simplified.update([_TOO_COMPLEX] if outline is None else [])
    (whole,) = yield [Job([Operand(pieces)])]
    pieces = pieces if whole is None else whole
    return [replace(shapes[0], subpaths=pieces, rule="nonzero")] if pieces else []


def _clockwise(points: np.ndarray) -> np.ndarray:
    """Return a sub-path turned so that its area is positive, y down."""
    return points if outline_area(points) >= 0.0 else np.roll(points[::-1], 1, axis=0)


def _is_rectangle(points: np.ndarray, box: np.ndarray) -> bool:
    """Return whether a sub-path is the outline of its box [2, 2], to the last digits."""
    slack = 1e-9 * float(np.abs(box).max())
    corners = points[::3]
    steps = np.abs(np.roll(corners, -1, axis=0) - corners) > slack
    at_corner = (np.abs(corners[:, None] - box).min(axis=1) <= slack).all()
    on_line = (np.abs(points[:, None] - box).min(axis=1) <= slack).any(axis=1).all()
    return len(corners) == 4 and bool(at_corner and on_line and (steps.sum(axis=1) == 1).all())


def _meeting(shapes: Sequence[Shape], box: np.ndarray) -> list[Shape]:
    """Return the shapes that are not beside a box [2, 2]."""
    bounds = _bounds_of(shapes)
    meets = (bounds[:, 0] < box[1]).all(axis=1) & (bounds[:, 1] > box[0]).all(axis=1)
    return [shapes[number] for number in np.flatnonzero(meets)]


def clipped_to_box(shapes: list[Shape], box: np.ndarray, notes: Notes) -> Steps[list[Shape]]:
    """Return the parts of shapes inside an upright box [2, 2], pixels."""
    frame = Operand([_rectangle(box)])
    slack = 1e-6 * float(np.abs(box).max())
    bounds = _bounds_of(shapes)
    beyond = (bounds[:, 0] < box[0] - slack).any(axis=1) | (bounds[:, 1] > box[1] + slack).any(
        axis=1
    )
    waiting = [number for number in np.flatnonzero(beyond).tolist() if not shapes[number].exact]
    if not waiting:
        return shapes
    outlines = yield [Job([shapes[number].operand, frame], "intersect") for number in waiting]
    return _with_outlines(shapes, waiting, outlines, notes)


def masked(
    shapes: list[Shape], mask: list[Shape], by_alpha: bool, notes: Notes
) -> Steps[list[Shape]]:
    """Return the parts of shapes that a mask lets through, as opaque as it says.

    mask: what it is made of, in painting order. by_alpha: by opacity, not by luminance. Where it
    has too many levels of light, or gradients, it is simplified.
    """
    levels: dict[float, Outline] = {}  # of light, and where they are
    first = 0
    for last in range(1, len(mask) + 1):
        if last < len(mask) and mask[first].stack and mask[last].stack == mask[first].stack:
            continue  # bands of one gradient
        pieces = yield from _disjoint(mask[first:last], by_alpha, notes)
        levels = yield from _painted(levels, pieces, by_alpha, notes)
        first = last
    result: list[Shape] = []
    for light, region in levels.items():
        whole = replace(mask[0], subpaths=region, rule="nonzero")
        found = yield from clipped(shapes, [whole], notes)
        result += found if light >= 1.0 else (yield from faded(found, light, notes))
    return result


def _painted(
    levels: dict[float, Outline], shapes: list[Shape], by_alpha: bool, notes: Notes
) -> Steps[dict[float, Outline]]:
    """Return the levels of light of a mask after more shapes, which don't meet, were painted."""
    steps = _LIGHT_STEPS if len(levels) + len(shapes) <= _MOST_LEVELS else _FEW_STEPS
    jobs: list[Job] = []
    places: list[float] = []  # of the outlines of jobs
    covered: dict[float, list[Operand]] = {light: [] for light in levels}
    for shape in shapes:
        value, opacity = _light(shape.fill, by_alpha), float(shape.fill[3])
        box = _control_bounds(shape.subpaths)
        near = [each for each in levels if _overlap(_control_bounds(levels[each]), box)]
        for light in near:
            covered[light].append(shape.operand)
            jobs.append(Job([Operand(levels[light]), shape.operand], "intersect"))
            places.append(round((value + (1.0 - opacity) * light) * steps) / steps)
        jobs.append(Job([shape.operand, *(Operand(levels[light]) for light in near)], "subtract"))
        places.append(round(value * steps) / steps)
    for light, operands in covered.items():
        jobs.append(Job([Operand(levels[light]), *operands], "subtract"))
        places.append(light)
    pieces: dict[float, list[Outline]] = {}
    for light, outline in zip(places, (yield jobs)):
        notes.simplified.update(["mask that is too complex"] if outline is None else [])
        if outline and light > 0.0:
            pieces.setdefault(light, []).append(outline)
    united = yield [Job([Operand(each) for each in found]) for found in pieces.values()]
    return {
        light: [points for each in found for points in each] if outline is None else outline
        for (light, found), outline in zip(pieces.items(), united)
    }


def _light(fill: np.ndarray, by_alpha: bool) -> float:
    """Return how much a mask of one color lets through."""
    return float(fill[3]) * (1.0 if by_alpha else float(_LUMINANCE @ fill[:3]))


def _overlap(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one[0] < other[1]).all() and (one[1] > other[0]).all())


def _disjoint(bands: list[Shape], by_alpha: bool, notes: Notes) -> Steps[list[Shape]]:
    """Return a shape of a mask, or the bands of its gradient, in pieces of one color."""
    pieces, outlines = bands[-1:], []
    if len(bands) > 1 and bands[0].fill[3] < 1.0:
        pieces = bands
    elif len(bands) > 1:  # each is painted over the one before
        outlines = yield [Job([a.operand, b.operand], "subtract") for a, b in pairwise(bands)]
    for band, outline in zip(bands, outlines):
        pieces += [replace(band, subpaths=outline, rule="nonzero")] if outline else []
    result: list[Shape] = []
    for piece in pieces:
        result += yield from _flattened(piece, by_alpha, notes)
    return result


def _flattened(shape: Shape, by_alpha: bool, notes: Notes) -> Steps[list[Shape]]:
    """Return a shape of a mask in pieces of one color that don't meet."""
    ramp = shape.ramp
    if ramp is None:
        return [shape]
    end = np.append(ramp.color, shape.fill[3])
    if np.array_equal(ramp.start, ramp.end):
        return [replace(shape, fill=end, ramp=None)]
    notes.simplified["soft mask"] += 1
    change = abs(_light(end, by_alpha) - _light(shape.fill, by_alpha))
    count = max(1, math.ceil(change * _RAMP_STEPS))
    shares = np.append(np.arange(count) / count, np.inf)
    shares[0] = -np.inf
    colors = shape.fill + (np.arange(count)[:, None] + 0.5) / count * (end - shape.fill)
    box = _control_bounds(shape.subpaths)
    outlines = yield [
        Job([shape.operand, Operand(ramp_region(ramp, first, last, box), "evenodd")], "intersect")
        for first, last in pairwise(shares.tolist())
    ]
    return [
        replace(shape, subpaths=outline, rule="nonzero", fill=color, ramp=None)
        for outline, color in zip(outlines, colors)
        if outline
    ]


def faded(shapes: list[Shape], opacity: float, notes: Notes) -> Steps[list[Shape]]:
    """Return shapes of a group that is translucent as a whole: none shows through another."""
    factors = np.array([1.0, 1.0, 1.0, opacity])
    solid = shapes
    if len(shapes) > 1:
        solid = yield from _without_hidden_parts(shapes, notes)
    return [replace(shape, fill=shape.fill * factors) for shape in solid]


def _without_hidden_parts(shapes: list[Shape], notes: Notes) -> Steps[list[Shape]]:
    """Return shapes less what opaque ones above them cover."""
    if len(shapes) > _MOST_IN_GROUP:
        notes.simplified["opacity of a group"] += 1
        return shapes
    boxes = _bounds_of(shapes)
    opaque = np.array([shape.fill[3] >= 1.0 for shape in shapes])
    stacks = np.array([shape.stack for shape in shapes])
    waiting, jobs = [], []
    for number, shape in enumerate(shapes):
        above = boxes[number + 1 :]
        meets = (above[:, 0] < boxes[number, 1]).all(axis=1)
        meets &= (above[:, 1] > boxes[number, 0]).all(axis=1)
        if (meets & ~opaque[number + 1 :]).any():
            notes.simplified["opacity of a group"] += 1
        meets[1:] &= ~_is_of(stacks[number + 2 :], stacks[number])
        covering = np.flatnonzero(meets & opaque[number + 1 :]) + number + 1
        if len(covering):
            waiting.append(number)
            others = [shapes[other].operand for other in covering]
            jobs.append(Job([shape.operand, *others], "subtract"))
    return _with_outlines(shapes, waiting, (yield jobs), notes) if jobs else shapes


def _is_of(stacks: np.ndarray, stack: int) -> np.ndarray:
    """Return which shapes are of a stack, where the next one covers all that later ones do."""
    return (stacks == stack) & (stack > 0)


def _cut(shapes: list[Shape], region: Operand, notes: Notes) -> Steps[list[Shape]]:
    """Return the parts of shapes inside a region; those that would take too long are left out."""
    boxes = _boxes(region.outline)
    jobs, kept = [], []
    for shape, bounds in zip(shapes, _bounds_of(shapes)):
        near = _near(bounds, region, boxes)
        notes.cut += sum(map(len, near.outline)) // 3
        if not near.outline:
            continue
        if notes.cut > _MOST_CUT:
            notes.left_out[_TOO_MUCH_CUT] += 1
            continue
        kept.append(shape)
        jobs.append(Job([shape.operand, near], "intersect"))
    outlines = yield jobs
    notes.left_out.update([_TOO_MUCH_CUT] * outlines.count(None))
    outlines = [outline or [] for outline in outlines]
    return _with_outlines(kept, range(len(kept)), outlines, notes)


def _near(box: np.ndarray, operand: Operand, boxes: np.ndarray) -> Operand:
    """Return an operand less its sub-paths that lie beside a box [2, 2], where they do nothing.

    boxes: of its sub-paths, [N, 2, 2].
    """
    meets = (boxes[:, 0] <= box[1]).all(axis=1) & (boxes[:, 1] >= box[0]).all(axis=1)
    return operand._replace(outline=[operand.outline[i] for i in np.flatnonzero(meets)])


def _boxes(subpaths: Sequence[np.ndarray]) -> np.ndarray:
    """Return the boxes around the control points of sub-paths: [N, 2, 2]."""
    if not subpaths:
        return np.zeros((0, 2, 2))
    return _bounds(np.concatenate(subpaths), [len(points) for points in subpaths])


def _bounds_of(shapes: Sequence[Shape]) -> np.ndarray:
    """Return the boxes around the control points of shapes: [N, 2, 2]."""
    if not shapes:
        return np.zeros((0, 2, 2))
    points = np.concatenate([points for shape in shapes for points in shape.subpaths])
    return _bounds(points, [sum(map(len, shape.subpaths)) for shape in shapes])


def _bounds(points: np.ndarray, counts: list[int]) -> np.ndarray:
    """Return the boxes [N, 2, 2] around counts [N] points each, none of which is 0."""
    starts = np.cumsum([0, *counts[:-1]])
    low, high = (extreme.reduceat(points, starts, axis=0) for extreme in (np.minimum, np.maximum))
    return np.stack([low, high], axis=1)


def _with_outlines(
    shapes: Sequence[Shape],
    numbers: Sequence[int],
    outlines: Sequence[Outline | None],
    notes: Notes,
    same_area: bool = False,
) -> list[Shape]:
    """Return all shapes, those with the given numbers with other outlines; None: too complex.

    A shape whose outline is too complex stays as it is if Blender can fill it in time.

    same_area: whether those cover what the shapes did, so that strokes stay strokes.
    """
    result: list[Shape] = list(shapes)
    for number, outline in zip(numbers, outlines):
        nodes = sum(map(len, shapes[number].subpaths)) // 3
        if outline is None and nodes > _MOST_UNRESOLVED:
            notes.left_out[_TOO_COMPLEX] += 1
            result[number] = replace(shapes[number], subpaths=[])
        elif outline is None:
            notes.simplified[_TOO_COMPLEX] += 1
        else:
            result[number] = replace(
                shapes[number],
                subpaths=outline,
                rule="nonzero",
                exact=False,
                simple=True,
                stroke=shapes[number].stroke if same_area else None,
            )
    return [shape for shape in result if shape.subpaths]


def _control_bounds(subpaths: list[np.ndarray]) -> np.ndarray:
    points = np.concatenate(subpaths)
    return np.stack([points.min(axis=0), points.max(axis=0)])


def _rectangle(box: np.ndarray) -> np.ndarray:
    (left, top), (right, bottom) = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    step = np.roll(corners, -1, axis=0) - corners
    return np.stack([corners, corners + step / 3.0, corners + step / 1.5], axis=1).reshape(-1, 2)
