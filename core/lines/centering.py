# SPDX-License-Identifier: GPL-3.0-or-later
"""Center and width of a line at sub-pixel precision, from the coverage across it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..segmentation.windows import sampled

# Pixels between the samples along a line and across it, and beyond the ink on both sides.
STEP, _ACROSS, _MARGIN = 1.0, 0.25, 2.5

# Rounds of centering; the standard deviation of smoothing between them, in pixels.
_ROUNDS, _SMOOTHING = 3, 1.2

# Growth of the coverage on the way out that shows another line beside this one.
_RISE = 0.12


class Center(NamedTuple):
    """Samples along a line: points float64 [K, 2], pixels; widths float64 [K], pixels."""

    points: np.ndarray
    widths: np.ndarray


def center(
    coverage: np.ndarray, points: np.ndarray, radii: np.ndarray, noise: float, closed: bool
) -> Center:
    """Move a line, [K, 2], onto the middle of its ink; radii: [K], of the ink, about."""
    points, radii = resampled(points, radii, STEP, closed)
    points = smoothed_line(points, 1.5, closed)
    widths = 2.0 * radii
    for _ in range(_ROUNDS):
        normals = normals_of(points, closed)
        offsets, widths = _moments(coverage, points, normals, radii, noise)
        # A shift beyond the ink is another line's.
        offsets = np.clip(offsets, -radii - 0.5, radii + 0.5)
        moved = points + normals * offsets[:, None]
        points = smoothed_line(moved, _SMOOTHING, closed)
    offsets, widths = _moments(coverage, points, normals_of(points, closed), radii, noise)
    return Center(points + normals_of(points, closed) * offsets[:, None], widths)


def _moments(
    coverage: np.ndarray, points: np.ndarray, normals: np.ndarray, radii: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the offset of the ink's middle along the normal, and its width: [K] each."""
    reach = float(np.percentile(radii, 95)) + _MARGIN
    places = np.arange(-round(reach / _ACROSS), round(reach / _ACROSS) + 1) * _ACROSS
    profile = sampled(coverage, points[:, None] + normals[:, None] * places[:, None])
    own = np.abs(places) <= radii[:, None] + _MARGIN
    middle = len(places) // 2
    # The own peak may lie beside the middle; rises on the way to it are no other line's.
    near = np.abs(places) <= np.maximum(0.8 * radii[:, None], 0.8)
    peak = places[np.where(near, profile, -np.inf).argmax(axis=1)][:, None]
    open_ = np.empty(profile.shape, bool)
    for half, sign in ((slice(middle, None), 1.0), (slice(middle, None, -1), -1.0)):
        values = np.where(sign * places[half] < sign * peak, np.inf, profile[:, half])
        lowest = np.minimum.accumulate(values, axis=1)
        rises = np.isfinite(values) & (values > lowest + _RISE + 3.0 * noise)
        open_[:, half] = ~np.logical_or.accumulate(rises, axis=1)
    weights = np.where(open_ & own, profile, 0.0)
    total = weights.sum(axis=1)
    offsets = (weights * places).sum(axis=1) / np.maximum(total, 1e-6)
    return np.where(total * _ACROSS > 0.1, offsets, 0.0), np.maximum(total * _ACROSS, 0.1)


def resampled(
    points: np.ndarray, values: np.ndarray, step: float, closed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return a line sampled evenly; a closed one [K, 2] without its start repeated at the end."""
    if closed and not np.array_equal(points[0], points[-1]):
        points, values = np.concatenate([points, points[:1]]), np.append(values, values[0])
    lengths = lengths_of(points)
    count = max(round(lengths[-1] / step), 4 if closed else 1)
    places = np.linspace(0.0, lengths[-1], count + 1)[: count + (not closed)]
    x, y = (np.interp(places, lengths, points[:, axis]) for axis in (0, 1))
    return np.stack([x, y], axis=1), np.interp(places, lengths, values)


def lengths_of(points: np.ndarray) -> np.ndarray:
    """Return the length of a line up to each of its points: [K]."""
    steps = np.sqrt(np.square(np.diff(points, axis=0)).sum(axis=1))
    return np.concatenate([[0.0], np.cumsum(steps)])


def smoothed_line(values: np.ndarray, deviation: float, closed: bool) -> np.ndarray:
    """Smooth samples [K, ...] along a line by a Gaussian; the ends of an open line stay."""
    reach = min(int(np.ceil(3.0 * deviation)), len(values) - 1)
    if reach < 1:
        return values
    window = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / deviation))
    window /= window.sum()
    if closed:
        padded = np.concatenate([values[-reach:], values, values[:reach]])
    else:  # point symmetric about the ends, which keeps a straight line as it is
        before = 2.0 * values[0] - values[reach:0:-1]
        after = 2.0 * values[-1] - values[-2 : -reach - 2 : -1]
        padded = np.concatenate([before, values, after])
    return np.stack([np.convolve(each, window, "valid") for each in padded.T], axis=-1)


def normals_of(points: np.ndarray, closed: bool) -> np.ndarray:
    """Return the unit normals of a line [K, 2]."""
    if closed:
        along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    else:
        along = np.gradient(points, axis=0) if len(points) > 1 else np.array([[1.0, 0.0]])
    length = np.maximum(np.sqrt(np.square(along).sum(axis=1, keepdims=True)), 1e-9)
    return np.stack([-along[:, 1], along[:, 0]], axis=1) / length
