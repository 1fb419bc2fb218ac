# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains as strokes: few cubics with sharp corners, and one width or several."""

from __future__ import annotations

import ctypes

import numpy as np

from ..bezier import bernstein, split
from ..drawing import Stroke
from ..native import structures
from ..native.library import array, function
from .centering import lengths_of, smoothed_line
from .joining import Chain

_fit = function(
    "semvec_fit_edge",
    *(ctypes.POINTER(structures.Edge), array(np.float64), array(np.int32)),
)

# Largest distance of a cubic from the samples, in pixels; the value of a node: a squared distance
# integrated along the line, in pixels cubed; the weight of samples that are not sure.
_LIMIT, _NODE_PRICE, _UNSURE = 0.5, 1.5, 0.02

# Corners turn by so many degrees more than their sides bend; their sides begin so many radii and
# pixels from the corner, and are so many pixels and radii long.
_TURN = 32.0
_CLEAR_OF_RADIUS, _CLEAR, _SIDE, _SIDE_OF_RADIUS = 1.0, 1.0, 5.0, 1.5

# Samples on either side over which tangents are taken.
_TANGENTS = (7, 3)

# A width is constant where nine in ten samples are within so many pixels and so much of it.
_EVEN, _EVEN_SHARE = 0.45, 0.14

# Distance of interpolated widths from the measured ones above which a cubic is divided.
_WIDTH_ERROR, _WIDTH_SHARE, _DIVISIONS = 0.45, 0.1, 24


def fit_stroke(chain: Chain) -> Stroke:
    """Fit a chain with as few cubics as come near to it."""
    points, width = chain.points, chain.width
    length = lengths_of(points)[-1]
    if length < 0.35 * width + 0.5 and not chain.closed:
        return _dot(points.mean(axis=0), width)
    corners, points = _with_corners(chain)
    widths = _steady(chain)
    if chain.closed:
        start = int(np.argmax(corners))
        around = np.arange(start, start + len(points) + 1) % len(points)
    else:
        around = np.arange(len(points))
        corners[[0, -1]] = True
    sure, points, corners = chain.sure[around], points[around], corners[around]
    cubics = _cubics(points, corners, sure, chain.closed)
    if isinstance(widths, float):
        return _stroke(cubics, np.full(len(cubics) + 1, widths), chain.closed)
    return _tapered(cubics, points, widths[around], chain.closed)


def _dot(place: np.ndarray, width: float) -> Stroke:
    """Return a stroke without a length."""
    points = np.broadcast_to(place, (4, 2)).astype(np.float32)
    return Stroke(points, np.full(2, width, np.float32))


def _stroke(cubics: np.ndarray, widths: np.ndarray, closed: bool) -> Stroke:
    points = np.concatenate([cubics[:, :3].reshape(-1, 2), cubics[-1:, 3]])
    return Stroke(points.astype(np.float32), widths.astype(np.float32), closed)


def _steady(chain: Chain) -> float | np.ndarray:
    """Return the width of a chain, or its widths without noise: [K]."""
    width, sure = chain.width, chain.widths[chain.sure]
    if not len(sure):
        return width
    apart = np.abs(sure - width)
    if np.percentile(apart, 90) <= max(_EVEN, _EVEN_SHARE * width):
        return width
    index = np.arange(len(chain.widths))
    filled = np.interp(index, index[chain.sure], sure)
    ends = chain.widths[[0, -1]]
    if not chain.closed:  # where a taper ends says more than the samples before
        filled[0], filled[-1] = np.minimum(filled[[0, -1]], ends)
    reach = min(3, len(filled) // 4)
    windows = np.pad(filled, reach, mode="wrap" if chain.closed else "edge")
    stacked = [windows[k : k + len(filled)] for k in range(2 * reach + 1)]
    median = np.median(stacked, axis=0)
    if not chain.closed:
        median[[0, -1]] = filled[[0, -1]]
    return np.maximum(smoothed_line(median[:, None], 2.0, chain.closed)[:, 0], 0.2)


def _with_corners(chain: Chain) -> tuple[np.ndarray, np.ndarray]:
    """Return which samples are corners, bool [K], and the samples with corners made sharp."""
    points, count = chain.points.copy(), len(chain.points)
    flags = np.zeros(count, bool)
    radius = chain.width / 2.0
    clear = max(round(_CLEAR_OF_RADIUS * radius + _CLEAR), 2)
    side = round(_SIDE + _SIDE_OF_RADIUS * radius)
    while 2 * (clear + side) >= count and side > 3:
        side -= 1
    if 2 * (clear + side) >= count:
        return flags, points
    turns, places, free = _turns(chain, clear, side)
    for i in np.argsort(-turns, kind="stable"):
        if turns[i] < _TURN:
            break
        if not free[i]:
            continue
        near = np.arange(i - clear - 1, i + clear + 2)
        free[near % count if chain.closed else np.clip(near, 0, count - 1)] = False
        if np.hypot(*(places[i] - points[i])) > 1.6 * radius + 1.5:
            continue
        flags[i] = True
        before, after = chain.points[(i - clear) % count], chain.points[(i + clear) % count]
        for k in range(clear + 1):
            share = k / clear
            points[(i - k) % count] = places[i] + (before - places[i]) * share
            points[(i + k) % count] = places[i] + (after - places[i]) * share
    return flags, points


def _turns(chain: Chain, clear: int, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each sample the turn in degrees beyond what its sides bend, [K].

    Also where the sides meet, [K, 2], and whether the sample may be a corner: bool [K].
    """
    points, count = chain.points, len(chain.points)
    offsets = np.arange(clear, clear + side + 1)
    basis = offsets[:, None].astype(float) ** np.arange(3)
    inverse = np.linalg.pinv(basis[:, : 3 if side > 3 else 2])
    fits = []
    for sign in (-1, 1):
        near = points[(np.arange(count) + sign * offsets[:, None]) % count]
        fits.append(np.tensordot(inverse, near, 1))  # [2 or 3, K, 2]
    at = float(clear)
    (start_before, before), (start_after, after) = (_at(fit, at) for fit in fits)
    direction_before, direction_after = -_unit(before), _unit(after)
    turn = _degrees(direction_before, direction_after)
    middle = at + side
    bends = [_degrees(_unit(_at(fit, at)[1]), _unit(_at(fit, middle)[1])) for fit in fits]
    # An arc turns as much along its sides as in the gap between them, for their lengths.
    expected = np.minimum(*bends) * 2.0 * clear / side + 0.5 * np.maximum(*bends)
    gap = start_after - start_before
    determinant = _cross(direction_before, direction_after)
    with np.errstate(all="ignore"):
        reach = _cross(gap, direction_after) / determinant
        places = start_before + direction_before * reach[:, None]
    free = np.isfinite(places).all(axis=1)
    if not chain.closed:
        free[: clear + side] = free[count - clear - side :] = False
    return np.where(free, turn - expected, 0.0), np.nan_to_num(places), free


def _at(fit: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points and derivatives [K, 2] of polynomials [P, K, 2] at t."""
    curve = fit[2] if len(fit) > 2 else 0.0
    return fit[0] + t * fit[1] + t * t * curve, fit[1] + 2.0 * t * curve


def _cubics(points: np.ndarray, corners: np.ndarray, sure: np.ndarray, closed: bool) -> np.ndarray:
    """Fit samples [K + 1, 2], in which a closed line repeats its start: [S, 4, 2]."""
    count = len(points) - 1
    tangents = [_tangents(points, corners, reach, closed) for reach in _TANGENTS]
    arriving = np.stack([pair[0] for pair in tangents])
    leaving = np.stack([pair[1] for pair in tangents])
    step = float(lengths_of(points)[-1]) / max(count, 1)
    weight = np.where(sure, 1.0, _UNSURE)
    controls, segments = np.empty((3 * max(count, 1), 2)), np.zeros(1, np.int32)
    _fit(
        structures.Edge(
            points=np.ascontiguousarray(points),
            arriving=np.ascontiguousarray(arriving),
            leaving=np.ascontiguousarray(leaving),
            weights=np.full(count + 1, _LIMIT**-2) * weight,
            prices=np.full(count + 1, _LIMIT**2 * step / _NODE_PRICE),
            corners=corners.astype(np.uint8),
            count=count,
        ),
        controls,
        segments,
    )
    own = controls[: 3 * int(segments[0])].reshape(-1, 3, 2)
    ends = np.concatenate([own[1:, 0], points[-1:]])
    return np.concatenate([own, ends[:, None]], axis=1)


def _tangents(
    points: np.ndarray, corners: np.ndarray, reach: int, closed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return unit tangents before and after each sample [K + 1, 2], over samples of one side."""
    count = len(points) - 1
    index = np.arange(count + 1)
    at = np.flatnonzero(corners)
    wraps = closed and not corners[0]
    if wraps or not len(at):
        back, ahead = np.full(count + 1, reach), np.full(count + 1, reach)
    else:
        place = np.searchsorted(at, index, side="right") - 1
        back = np.minimum(index - at[place], reach)
        following = np.searchsorted(at, index)
        ahead = np.minimum(at[np.minimum(following, len(at) - 1)] - index, reach)
    both = np.minimum(back, ahead)
    arriving = _chords(points, index, np.where(both, both, 3), np.where(both, both, 0), wraps)
    leaving = _chords(points, index, np.where(both, both, 0), np.where(both, both, 3), wraps)
    return arriving, leaving


def _chords(
    points: np.ndarray, index: np.ndarray, back: np.ndarray, ahead: np.ndarray, wraps: bool
) -> np.ndarray:
    count = len(points) - 1
    start, end = index - back, index + ahead
    if wraps:
        start, end = start % count, end % count
    start, end = np.clip(start, 0, count), np.clip(end, 0, count)
    return _unit(points[end] - points[start])


def _tapered(cubics: np.ndarray, points: np.ndarray, widths: np.ndarray, closed: bool) -> Stroke:
    """Return a stroke of several widths, with nodes added where widths between them need it."""
    weights = bernstein(np.linspace(0.0, 1.0, 17))
    for _ in range(_DIVISIONS):
        samples = np.einsum("tk,skd->std", weights, cubics)
        wanted = _widths_near(samples, points, widths)
        share = np.linspace(0.0, 1.0, 17)
        between = wanted[:, :1] * (1.0 - share) + wanted[:, -1:] * share
        excess = np.abs(wanted - between) - np.maximum(_WIDTH_ERROR, _WIDTH_SHARE * between)
        worst = excess.max(axis=1)
        i = int(worst.argmax())
        if worst[i] <= 0.0:
            break
        k = int(np.clip(excess[i].argmax(), 3, 13))
        cubics = np.concatenate([cubics[:i], split(cubics[i], k / 16.0), cubics[i + 1 :]])
    samples = np.einsum("tk,skd->std", weights, cubics)
    wanted = _widths_near(samples, points, widths)
    anchors = np.append(wanted[:, 0], wanted[-1, -1])
    if closed:
        anchors[-1] = anchors[0]
    return _stroke(cubics, anchors, closed)


def _widths_near(samples: np.ndarray, points: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Return the widths at samples of cubics [S, T, 2], by their share of the line's length."""
    flat = samples.reshape(-1, 2)
    own, given = lengths_of(flat), lengths_of(points)
    along = own / max(own[-1], 1e-9) * given[-1]
    return np.interp(along, given, widths).reshape(samples.shape[:2])


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.sqrt(np.square(vectors).sum(axis=-1, keepdims=True))
    unit: np.ndarray = vectors / np.maximum(length, 1e-9)
    return unit


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cross: np.ndarray = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return cross


def _degrees(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip((a * b).sum(axis=-1), -1.0, 1.0)))
