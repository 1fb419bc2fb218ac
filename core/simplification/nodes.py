# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings with fewer nodes: runs of cubics become one cubic each, within a tolerance.

Corners stay, cubics that can't be merged stay exactly as they are, and no outline gets a crossing
that it did not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..bezier import SAMPLES, cubics
from ..drawing import Path, pack
from ..refinement.simplicity import crossing_cubics
from .spans import Chain, Spans, chain_of, find_spans

_RETRIES = 4  # of paths that would cross, each with half the tolerance
_HALVINGS = 12  # of the interval in which a tolerance is looked for


def merge_nodes(paths: Sequence[Path], tolerance: float) -> list[Path]:
    """Return the paths with as few nodes as the tolerance allows, in pixels; strokes stay."""
    result = list(paths)
    if not tolerance > 0.0:
        return result
    crossed = _crossed(paths)
    waiting = [i for i, path in enumerate(paths) if path.nodes and path.stroke is None]
    for attempt in range(_RETRIES):
        if not waiting:
            break
        merged = _merged([paths[number] for number in waiting], tolerance * 0.5**attempt)
        new = _crossed(merged)
        again = []
        for number, path, crosses in zip(waiting, merged, new, strict=True):
            if crosses and not crossed[number]:
                again.append(number)
            else:
                result[number] = path
        waiting = again
    return result


def merge_nodes_to(paths: Sequence[Path], nodes: int, largest: float) -> list[Path]:
    """Return the paths with at most that many nodes, as exact as that allows.

    largest: tolerance in pixels beyond which nothing is merged: where it takes more, the result
    has more nodes.
    """
    if sum(path.nodes for path in paths) <= nodes:
        return list(paths)
    low, high = 0.0, largest
    best = merge_nodes(paths, high)
    if sum(path.nodes for path in best) > nodes:
        return best
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5 if low else high / 8.0
        merged = merge_nodes(paths, middle)
        if sum(path.nodes for path in merged) <= nodes:
            best, high = merged, middle
        else:
            low = middle
    return best


def _crossed(paths: Sequence[Path]) -> list[bool]:
    """Return which paths cross themselves."""
    flags = crossing_cubics(pack(paths), samples=SAMPLES)
    starts = np.cumsum([0, *(path.nodes for path in paths)])
    return [bool(flags[a:b].any()) for a, b in pairwise(starts.tolist())]


def _merged(paths: Sequence[Path], tolerance: float) -> list[Path]:
    outlines = [points for path in paths for points in path.subpaths if len(points)]
    lengths = np.array([len(points) // 3 for points in outlines])
    chain = chain_of(np.concatenate([cubics(points) for points in outlines]), lengths)
    spans = find_spans(chain, np.full(len(chain.cubics), tolerance))
    firsts = np.cumsum(lengths) - lengths
    ways = _by_start(spans)
    rewritten = iter(
        points if not _has_any(ways, first, count) else _shortest(chain, spans, ways, first, count)
        for points, first, count in zip(outlines, firsts.tolist(), lengths.tolist(), strict=True)
    )
    return [
        replace(
            path,
            subpaths=[next(rewritten) if len(p) else p for p in path.subpaths],
        )
        for path in paths
    ]


def _by_start(spans: Spans) -> dict[int, list[int]]:
    """Return the numbers of the spans that start at each cubic."""
    ways: dict[int, list[int]] = {}
    for number, start in enumerate(spans.starts.tolist()):
        ways.setdefault(start, []).append(number)
    return ways


def _has_any(ways: dict[int, list[int]], first: int, count: int) -> bool:
    return any(start in ways for start in range(first, first + count))


def _shortest(
    chain: Chain, spans: Spans, ways: dict[int, list[int]], first: int, count: int
) -> np.ndarray:
    """Return an outline [3·S, 2] of the fewest cubics, then the smallest sum of squared errors."""
    turns = (chain.arriving[first : first + count] * chain.leaving[first : first + count]).sum(1)
    shift = int(turns.argmin())  # the sharpest node stays
    costs: list[tuple[int, float]] = [(0, 0.0)] + [(count + 1, 0.0)] * count
    steps: list[tuple[int, np.ndarray]] = [(0, chain.cubics[first])] * (count + 1)
    for place in range(count):
        at = first + (shift + place) % count
        pieces, error = costs[place]
        choices = [(1, 0.0, chain.cubics[at])]
        choices += [
            (int(spans.lengths[n]), float(spans.errors[n]) ** 2, spans.cubics[n])
            for n in ways.get(at, ())
        ]
        for length, square, cubic in choices:
            cost = (pieces + 1, error + square)
            if place + length <= count and cost < costs[place + length]:
                costs[place + length], steps[place + length] = cost, (length, cubic)
    chosen, place = [], count
    while place > 0:
        length, cubic = steps[place]
        chosen.append(cubic[:3])
        place -= length
    return np.concatenate(chosen[::-1]).astype(np.float32)
