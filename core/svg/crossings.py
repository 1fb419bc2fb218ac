# SPDX-License-Identifier: GPL-3.0-or-later
"""Segments split until they meet at their ends only (snap rounding)."""

from __future__ import annotations

import numpy as np

from .effort import Effort, TooComplex
from .segments import Segments, close_pairs, points_at, runs, slopes_at

ROUNDS = 12  # of splitting: rounding to the grid may make new crossings
_SETTLED = 3  # rounds after which curves that run along each other must not split ever more
_GROWTH = 4  # of the splits a round against the first, from then on
_MOST_SPLITS = 300_000  # by crossings in a round: more would take seconds
_REFINED = 2  # rounds in which crossings are moved onto the curves
_NEAR = 0.75  # grid steps from a segment at which an end counts as lying on it
_SNAPPED = 16.0  # grid steps from an end at which a crossing counts as being there
_FARTHEST = 4096.0  # grid steps that a crossing of curves may be from that of segments

Splits = tuple[np.ndarray, np.ndarray, np.ndarray]  # segments, parameters, points


def split_at_crossings(
    segments: Segments, cubics: np.ndarray, effort: Effort
) -> tuple[Segments, np.ndarray]:
    """Return segments that meet at ends only, and how often segments of jobs were split, [jobs].

    It is `ROUNDS` where some still cross. cubics: [K, 4, 2], grid steps. Raises TooComplex for
    too many comparisons or crossings, and curves that coincide but for rounding,
    which would be split without end.
    """
    touched = np.zeros(int(segments.job.max(initial=-1)) + 1, int)
    waiting, done, first = segments, [], 0
    for number in range(ROUNDS):
        owner, t, points = _splits(waiting, cubics, number < _REFINED, effort)
        if not len(owner):
            break
        first = len(owner) if number == 0 else first
        if number >= _SETTLED and len(owner) > _GROWTH * first:
            raise TooComplex
        active = np.zeros(len(touched), bool)
        active[waiting.job[owner]] = True
        touched += active
        still = active[waiting.job]
        done.append(waiting.pick(~still))
        renumbered = np.cumsum(still) - 1
        waiting = _split(waiting.pick(still), renumbered[owner], t, points)
    return Segments(*(np.concatenate(values) for values in zip(*done, waiting))), touched


def _splits(segments: Segments, cubics: np.ndarray, refine: bool, effort: Effort) -> Splits:
    """Return where segments have to be split: crossings, and ends that lie on others."""
    first, second = close_pairs(segments, effort)
    a, b = segments.start[first], segments.end[first]
    c, d = segments.start[second], segments.end[second]
    sides = [_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)]
    crossed = (sides[0] * sides[1] < 0.0) & (sides[2] * sides[3] < 0.0)
    if 2 * np.count_nonzero(crossed) > _MOST_SPLITS:
        raise TooComplex
    found = [_crossed(segments, cubics, first[crossed], second[crossed], sides, crossed, refine)]
    for line, point, turn in (
        (first, c, sides[0]), (first, d, sides[1]), (second, a, sides[2]), (second, b, sides[3]),
    ):  # fmt: skip
        length = np.hypot(*(segments.end[line] - segments.start[line]).T)
        found.append(_touched(segments, line, point, np.abs(turn) <= _NEAR * length))
    owner, t, points = (np.concatenate(values) for values in zip(*found))
    new = (points != segments.start[owner]).any(axis=1) & (points != segments.end[owner]).any(
        axis=1
    )
    return owner[new], t[new], points[new]


def _turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return on which side of lines a-b points c lie: exact for grid steps."""
    u, v = b - a, c - a
    return u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]


def _touched(
    segments: Segments, line: np.ndarray, point: np.ndarray, on_line: np.ndarray
) -> Splits:
    """Return splits where points lie on segments, between their ends."""
    line, point = line[on_line], point[on_line]
    start = segments.start[line]
    step = segments.end[line] - start
    along = ((point - start) * step).sum(axis=1) / (step * step).sum(axis=1)
    inside = (along > 0.0) & (along < 1.0)
    line, along = line[inside], along[inside]
    t = segments.before[line] + along * (segments.after[line] - segments.before[line])
    return line, t, point[inside]


def _crossed(
    segments: Segments,
    cubics: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    sides: list[np.ndarray],
    crossed: np.ndarray,
    refine: bool,
) -> Splits:
    """Return splits of both segments where they cross."""
    along = sides[2][crossed] / (sides[2] - sides[3])[crossed]
    across = sides[0][crossed] / (sides[0] - sides[1])[crossed]
    start = segments.start[first]
    points = start + along[:, None] * (segments.end[first] - start)
    t = segments.before[first] + along * (segments.after[first] - segments.before[first])
    u = segments.before[second] + across * (segments.after[second] - segments.before[second])
    if refine and len(t):
        t, u, points = _on_curves(cubics, segments, first, second, t, u, points)
    points = _snapped(np.rint(points), segments, first, second)
    return np.r_[first, second], np.r_[t, u], np.concatenate([points, points])


def _snapped(
    points: np.ndarray, segments: Segments, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Return crossings, those next to an end of one of both segments moved onto it.

    Lines that cross at a narrow angle would else be split again and again, a step at a time.
    """
    ends = np.stack(
        [segments.start[first], segments.end[first], segments.start[second], segments.end[second]]
    )
    distance = np.abs(ends - points).max(axis=2)
    nearest = distance.argmin(axis=0)
    close = np.take_along_axis(distance, nearest[None], axis=0)[0] <= _SNAPPED
    return np.where(close[:, None], ends[nearest, np.arange(len(points))], points)


def _on_curves(
    cubics: np.ndarray,
    segments: Segments,
    first: np.ndarray,
    second: np.ndarray,
    t: np.ndarray,
    u: np.ndarray,
    points: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return crossings of segments moved to those of their curves, by Newton's method."""
    one, two = cubics[segments.curve[first]], cubics[segments.curve[second]]
    v, w = t, u
    with np.errstate(all="ignore"):
        for _ in range(4):
            gap = points_at(two, w) - points_at(one, v)
            p, q = slopes_at(one, v), slopes_at(two, w)
            size = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
            v = v + (gap[:, 0] * q[:, 1] - gap[:, 1] * q[:, 0]) / size
            w = w + (gap[:, 0] * p[:, 1] - gap[:, 1] * p[:, 0]) / size
        here, there = points_at(one, v), points_at(two, w)
        good = (np.abs(here - there) < 1.0).all(axis=1)
        good &= (np.abs(here - points) < _FARTHEST).all(axis=1)
        good &= (v > segments.before[first]) & (v < segments.after[first])
        good &= (w > segments.before[second]) & (w < segments.after[second])
    pick = good[:, None]
    return np.where(good, v, t), np.where(good, w, u), np.where(pick, here, points)


def _split(segments: Segments, owner: np.ndarray, t: np.ndarray, points: np.ndarray) -> Segments:
    """Return segments cut at points on them; pieces without a length are left out."""
    order = np.lexsort((t, owner))
    owner, t, points = owner[order], t[order], points[order]
    counts = np.bincount(owner, minlength=len(segments.curve))
    source, place = runs(counts + 1)
    firsts = np.cumsum(counts) - counts
    last = place == counts[source]
    index = (firsts[source] + place).clip(0, len(t) - 1)
    previous = (firsts[source] + place - 1).clip(0, len(t) - 1)
    start = np.where((place == 0)[:, None], segments.start[source], points[previous])
    end = np.where(last[:, None], segments.end[source], points[index])
    before = np.where(place == 0, segments.before[source], t[previous])
    after = np.where(last, segments.after[source], t[index])
    pieces = Segments(start, end, segments.curve[source], before, after, segments.job[source])
    return pieces.pick((start != end).any(axis=1))
