# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of cubics that one cubic can replace: all runs of all outlines are fitted at once.

The cubic keeps both ends, and the tangents of those that are smooth; its handles are fitted by
least squares to samples of the run, whose parameters are improved by Newton's method (Schneider,
"An Algorithm for Automatically Fitting Digitized Curves", Graphics Gems, 1990).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..bezier import bernstein

_SAMPLES = 8  # for each cubic of a run
_LONGEST = 12  # cubics of a run, unless told otherwise
_NEWTON_STEPS = 4
_CORNER = np.cos(np.radians(50.0))  # nodes that turn more are corners, and stay
_SMOOTH = np.cos(np.radians(3.0))  # nodes that turn less are smooth
_STIFF = 1e6  # weight of a smooth end's tangent against the distances of samples
_LONGEST_HANDLE = 0.8  # as a share of the run's length
_MOST_AT_ONCE = 20_000  # runs, which bounds the memory


class Chain(NamedTuple):
    """The cubics of closed outlines, in one array.

    cubics: float64 [N, 4, 2]. following: int [N], the next cubic of the same outline. counts:
    int [N], cubics of that outline. arriving, leaving: unit tangents [N, 2] before and after each
    cubic's first node; zero where there is none. corners, smooth: bool [N], of that node.
    """

    cubics: np.ndarray
    following: np.ndarray
    counts: np.ndarray
    arriving: np.ndarray
    leaving: np.ndarray
    corners: np.ndarray
    smooth: np.ndarray


class Spans(NamedTuple):
    """Cubics that replace runs of several others.

    starts, lengths: int [K], first cubic and number of cubics of each run; cubics: float64
    [K, 4, 2]; errors: float64 [K], largest distance from the run.
    """

    starts: np.ndarray
    lengths: np.ndarray
    cubics: np.ndarray
    errors: np.ndarray


def chain_of(cubics: np.ndarray, lengths: np.ndarray) -> Chain:
    """Return a chain from cubics [N, 4, 2] of outlines with these numbers of cubics."""
    firsts = np.cumsum(lengths) - lengths
    following = np.arange(1, len(cubics) + 1)
    following[firsts + lengths - 1] = firsts
    previous = np.empty_like(following)
    previous[following] = np.arange(len(cubics))
    leaving = _first_direction(cubics)
    arriving = -_first_direction(cubics[previous][:, ::-1])
    cosines = (arriving * leaving).sum(axis=1)
    corners, smooth = cosines < _CORNER, cosines > _SMOOTH
    return Chain(cubics, following, np.repeat(lengths, lengths), arriving, leaving, corners, smooth)


def find_spans(chain: Chain, tolerances: np.ndarray, longest: int = _LONGEST) -> Spans:
    """Find runs that one cubic can replace within the tolerance [N] of their first cubic.

    A run has no corner inside, is shorter than its outline, and of `longest` cubics at most.
    """
    found: list[Spans] = []
    active = np.flatnonzero(chain.counts > 1)
    ends = active
    for length in range(2, longest + 1):
        ends = chain.following[ends]
        possible = ~chain.corners[ends] & (chain.counts[active] > length)
        active, ends = active[possible], ends[possible]
        spans = _fit_all(chain, active, length)
        fits = spans.errors <= tolerances[active]
        found.append(Spans(*(values[fits] for values in spans)))
        active, ends = active[fits], ends[fits]
        if not len(active):
            break
    return Spans(*(np.concatenate(values) for values in zip(*found, strict=True)))


def _fit_all(chain: Chain, starts: np.ndarray, length: int) -> Spans:
    """Fit the runs of `length` cubics from each of these on."""
    parts = [
        _fit(chain, starts[first : first + _MOST_AT_ONCE], length)
        for first in range(0, max(len(starts), 1), _MOST_AT_ONCE)
    ]
    return Spans(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _fit(chain: Chain, starts: np.ndarray, length: int) -> Spans:
    points, last = _samples(chain, starts, length)
    ends = chain.cubics[last, 3]
    after = chain.following[last]
    tangents = chain.leaving[starts], -chain.arriving[after]
    held = chain.smooth[starts], chain.smooth[after]
    steps = np.hypot(*np.moveaxis(np.diff(points, axis=1), 2, 0))
    total = steps.sum(axis=1, keepdims=True)
    along = np.cumsum(steps, axis=1) / np.maximum(total, 1e-12)
    t = np.concatenate([np.zeros((len(starts), 1)), along], axis=1)
    cubics = _fitted(points, t, ends, tangents, held)
    for _ in range(_NEWTON_STEPS):
        t = _nearer(cubics, points, t)
        cubics = _fitted(points, t, ends, tangents, held)
    handles = np.hypot(*np.moveaxis(cubics[:, 1:3] - cubics[:, ::3], 2, 0))
    forward = [((cubics[:, 1 + k] - cubics[:, 3 * k]) * tangents[k]).sum(axis=1) for k in (0, 1)]
    sound = (np.min(forward, axis=0) > 0.0) & (handles.max(axis=1) <= _LONGEST_HANDLE * total[:, 0])
    away = np.hypot(*np.moveaxis(_at(cubics, t) - points, 2, 0)).max(axis=1)
    errors = np.where(sound, away, np.inf)
    return Spans(starts, np.full(len(starts), length), cubics, errors)


def _samples(chain: Chain, starts: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points along runs [K, length·_SAMPLES + 1, 2], and the last cubic of each [K]."""
    weights = bernstein(np.arange(_SAMPLES) / _SAMPLES)
    pieces, current = [], starts
    for number in range(length):
        if number:
            current = chain.following[current]
        pieces.append(np.einsum("tk,nkd->ntd", weights, chain.cubics[current]))
    pieces.append(chain.cubics[current, 3:])
    return np.concatenate(pieces, axis=1), current


def _fitted(
    points: np.ndarray,
    t: np.ndarray,
    ends: np.ndarray,
    tangents: tuple[np.ndarray, np.ndarray],
    held: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return the cubics [K, 4, 2] nearest to points [K, M, 2] at t [K, M].

    tangents: unit vectors [K, 2] from the start and the end towards the handles. held: bool [K]
    each, whether the handle must lie on the tangent.
    """
    starts = points[:, 0]
    b0, b1, b2, b3 = np.moveaxis(bernstein(t), 2, 0)
    base = (b0 + b1)[..., None] * starts[:, None] + (b2 + b3)[..., None] * ends[:, None]
    inner = np.stack([b1, b2])
    squares = np.einsum("akm,bkm->kab", inner, inner)
    matrix = np.einsum("kab,xy->kaxby", squares, np.eye(2))
    for side in (0, 1):
        normal = np.stack([-tangents[side][:, 1], tangents[side][:, 0]], axis=1)
        stiff = _STIFF * held[side] * squares[:, side, side]
        matrix[:, side, :, side] += stiff[:, None, None] * normal[:, :, None] * normal[:, None]
        matrix[:, side, :, side] += 1e-9 * np.eye(2)
    wanted = np.einsum("akm,kmx->kax", inner, points - base)
    offsets = np.linalg.solve(matrix.reshape(-1, 4, 4), wanted.reshape(-1, 4, 1)).reshape(-1, 2, 2)
    return np.stack([starts, starts + offsets[:, 0], ends + offsets[:, 1], ends], axis=1)


def _nearer(cubics: np.ndarray, points: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return parameters whose points on the cubics are nearer to the points: a Newton step."""
    steps = np.diff(cubics, axis=1)
    bends = np.diff(steps, axis=1)
    s = 1.0 - t
    first = 3.0 * np.einsum("knd,nkm->kmd", steps, _quadratic(s, t))
    second = 6.0 * np.einsum("knd,nkm->kmd", bends, np.stack([s, t]))
    away = _at(cubics, t) - points
    slope = (first * first + away * second).sum(axis=2)
    change = (away * first).sum(axis=2) / np.where(slope > 1e-12, slope, 1.0)
    moved = np.where(slope > 1e-12, t - change, t).clip(0.0, 1.0)
    moved[:, 0], moved[:, -1] = 0.0, 1.0
    return moved


def _quadratic(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    return np.stack([s * s, 2.0 * s * t, t * t])


def _at(cubics: np.ndarray, t: np.ndarray) -> np.ndarray:
    return np.einsum("kmn,knd->kmd", bernstein(t), cubics)


def _first_direction(cubics: np.ndarray) -> np.ndarray:
    """Return unit tangents [N, 2] at the start of cubics; zero for those that are a point."""
    steps = cubics[:, 1:] - cubics[:, :1]
    lengths = np.hypot(*np.moveaxis(steps, 2, 0))
    usable = lengths > 1e-6
    chosen = np.argmax(usable, axis=1)
    rows = np.arange(len(cubics))
    unit = steps[rows, chosen] / np.maximum(lengths[rows, chosen], 1e-12)[:, None]
    return np.where(usable.any(axis=1)[:, None], unit, 0.0)
