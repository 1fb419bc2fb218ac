# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of a drawing's paths: the names of groups and paths, and the order in a layer.

A group is one object of the picture (`Path.group`). Of the paths of one kind, those of a group are
painted one after the other where that does not change the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from ..bezier import bounds
from ..drawing import Path, pack
from ..rendering.native import render
from ..svg.names import identifier_of

# Pixels around a path that count as covered: its edge may share a pixel with a neighbor's.
_MARGIN = 1


def is_group_name(path: Path) -> bool:
    """Return whether a path is named after its group and a number, as `named` names it."""
    start, _, number = path.name.rpartition(".")
    return bool(path.group) and number.isdigit() and start == identifier_of(path.group)


def named(paths: Sequence[Path]) -> list[Path]:
    """Return the paths with the names of their groups and numbers: person.000, person.001, ..."""
    counts: Counter[str] = Counter()
    result = []
    for path in paths:
        name = path.name
        if path.group and name != "background":
            name = f"{identifier_of(path.group)}.{counts[path.group]:03d}"
            counts[path.group] += 1
        result.append(replace(path, name=name))
    return result


def collected(paths: Sequence[Path], width: int, height: int) -> list[int]:
    """Return an order in which the paths of a group follow each other, as positions in `paths`.

    The picture stays the same: paths that overlap, on a canvas of width x height pixels, keep their
    order, and so do the runs of one kind. The longest run of a group comes first.
    """
    order: list[int] = []
    positions = range(len(paths))
    for _, run in groupby(positions, key=lambda position: paths[position].kind):
        members = list(run)
        chosen = _collected_run([paths[member] for member in members], width, height)
        order += [members[index] for index in chosen]
    return order


def _collected_run(paths: Sequence[Path], width: int, height: int) -> list[int]:
    """Return the order of paths of one kind."""
    above, waiting = _overlaps(paths, width, height)
    queues: dict[str, list[int]] = {}
    for index, path in enumerate(paths):
        queues.setdefault(path.group, []).append(index)
    order: list[int] = []
    while queues:
        group = max(queues, key=lambda name: (_free(queues[name], waiting), -queues[name][0]))
        count = _free(queues[group], waiting)
        for index in queues[group][:count]:
            order.append(index)
            for other in above[index]:
                waiting[other] -= 1
        queues[group] = queues[group][count:]
        queues = {name: queue for name, queue in queues.items() if queue}
    return order


def _free(queue: Sequence[int], waiting: np.ndarray) -> int:
    """Return how many paths of a group can be painted next."""
    return next((i for i, index in enumerate(queue) if waiting[index]), len(queue))


def _overlaps(paths: Sequence[Path], width: int, height: int) -> tuple[list[list[int]], np.ndarray]:
    """Return which later paths of other groups overlap each path, and of how many earlier: [N]."""
    above: list[list[int]] = [[] for _ in paths]
    waiting = np.zeros(len(paths), int)
    groups = np.array([path.group for path in paths])
    masks = [_covered(path, width, height) for path in paths]
    boxes = np.array([box for box, _ in masks]).reshape(-1, 4)
    for i in range(len(paths)):
        later = boxes[i + 1 :]
        near = (later[:, :2] < boxes[i, 2:]).all(axis=1) & (later[:, 2:] > boxes[i, :2]).all(axis=1)
        for j in (np.flatnonzero(near & (groups[i + 1 :] != groups[i])) + i + 1).tolist():
            if _meet(masks[i], masks[j]):
                above[i].append(j)
                waiting[j] += 1
    return above, waiting


_Mask = tuple[np.ndarray, np.ndarray]  # left, top, right, bottom; bool of that size


def _covered(path: Path, width: int, height: int) -> _Mask:
    """Return the pixels that a path touches, and those around them, within their box."""
    least, most = bounds(path.subpaths)
    limits = np.array([width, height])
    low = np.clip(np.floor(least) - _MARGIN, 0, limits).astype(int)
    high = np.clip(np.ceil(most) + _MARGIN, low, limits).astype(int)
    columns, rows = (high - low).tolist()
    box = np.concatenate([low, high])
    if not (columns and rows):
        return box, np.zeros((rows, columns), bool)
    moved = [(points - low).astype(np.float32) for points in path.subpaths]
    white = replace(path, subpaths=moved, fill=np.ones(4, np.float32), ramp=None, stroke=None)
    covered = render(pack([white]), columns, rows, (0.0, 0.0, 0.0))[..., 0] > 0
    around = np.pad(covered, _MARGIN)
    shifts = [
        around[y : y + rows, x : x + columns]
        for y in range(2 * _MARGIN + 1)
        for x in range(2 * _MARGIN + 1)
    ]
    return box, np.any(shifts, axis=0)


def _meet(first: _Mask, second: _Mask) -> bool:
    """Return whether two masks have a pixel in common; their boxes overlap."""
    left, top = np.maximum(first[0][:2], second[0][:2])
    right, bottom = np.minimum(first[0][2:], second[0][2:])
    parts = [
        mask[top - box[1] : bottom - box[1], left - box[0] : right - box[0]]
        for box, mask in (first, second)
    ]
    return bool((parts[0] & parts[1]).any())
