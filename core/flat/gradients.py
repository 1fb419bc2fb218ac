# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear and radial gradients with any number of stops, by least squares over pixels.

Along its axis a gradient has a profile: its color as a function of the position, linear between
stops. An axis (a direction, or a center) is the right one if the pixels of each position have one
color; so the axis sought has the least squared distance of the pixels from the best profile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..drawing import RampKind

# Places of the profile while the axis is sought, and of the one that stops are found in.
_COARSE, _FINE = 24, 96

# Pixels that are looked at while the axis is sought.
_MOST_PIXELS = 1200

# Root mean square distance, of 255, up to which a linear profile needs no comparison with a radial
# one, and up to which a gradient fits; 8 bits leave 0.3. Beyond the last, with few places, there is
# none.
_EXACT, _LARGEST_ERROR, _HOPELESS = 0.5, 0.9, 5.0

# How much smaller the error of a radial gradient has to be, which can bend to more shapes.
_RADIAL_GAIN = 0.75

# How much larger the error with few stops may be than that of the finest profile; stops at most.
_SLACK, _MOST_STOPS = 1.3, 10

# Change of color, of 255, from stop to stop that isn't seen.
_FAINT = 1.5

# How far a radial ramp's color at the center may be outside of what colors can be, of 255.
_OUTSIDE = 2.0

# Steps of the search for an axis.
_SEARCH_STEPS = 12


class Gradient(NamedTuple):
    """Colors along an axis, constant before the first stop and after the last.

    axis: float64 [2], the unit direction of a linear gradient or the center of a radial one,
    pixels. places: float64 [K], pixels along the direction or from the center. colors: float64
    [K, 4], at the places, premultiplied, of 255.
    """

    kind: RampKind
    axis: np.ndarray
    places: np.ndarray
    colors: np.ndarray

    @property
    def is_constant(self) -> bool:
        """True where the color doesn't change visibly."""
        return bool(np.abs(np.ptp(self.colors, axis=0)).max() <= _FAINT)

    def position(self, points: np.ndarray) -> np.ndarray:
        """Return where points [P, 2] lie along the axis, in pixels: [P]."""
        return _positions(self.kind, self.axis, points)

    def at(self, points: np.ndarray) -> np.ndarray:
        """Return the colors at points [P, 2]: [P, 4], premultiplied, of 255."""
        position = self.position(points)
        return np.stack([np.interp(position, self.places, c) for c in self.colors.T], axis=1)


def fit_gradient(points: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> Gradient | None:
    """Fit a gradient to pixels, or return None where none fits.

    points: [P, 2], their middles. values: [P, 4], premultiplied, of 255. slopes: [P, 2, 4], how
    the values change to the right and downwards, which only starts the search.
    """
    some = slice(None, None, -(-len(points) // _MOST_PIXELS))
    few = points[some].astype(np.float64), values[some].astype(np.float64)
    kind: RampKind = "linear"
    axis, error = _best_linear(*few, slopes[some])
    if error > _EXACT:
        center, radial = _best_radial(*few, slopes[some])
        if radial < _RADIAL_GAIN * error:
            kind, axis, error = "radial", center, radial
    if error > _HOPELESS:
        return None
    return _with_stops(kind, axis, points, values)


def pieces_of(gradient: Gradient) -> list[Gradient] | None:
    """Split a gradient into pieces of two stops; None where a piece is no ramp of SVG.

    The constant parts at the ends belong to the pieces beside them, except for the middle of a
    radial gradient: radial pieces begin at the center, with the color that they would have there.
    """
    change = np.abs(np.diff(gradient.colors, axis=0)).max(axis=1)
    first, last = 0, len(change)
    while last - first > 1 and change[first] <= _FAINT and gradient.kind == "linear":
        first += 1
    while last - first > 1 and change[last - 1] <= _FAINT:
        last -= 1
    pieces = []
    for i in range(first, last):
        piece = gradient._replace(
            places=gradient.places[i : i + 2], colors=gradient.colors[i : i + 2]
        )
        if gradient.kind == "radial":
            piece = _from_center(piece)
            opacity = piece.colors[1, 3]
            if (np.abs(piece.colors - np.clip(piece.colors, 0.0, opacity)) > _OUTSIDE).any():
                return None
        pieces.append(piece)
    return pieces


def _from_center(piece: Gradient) -> Gradient:
    """Return a radial piece continued to its center."""
    (start, end), (inner, outer) = piece.places, piece.colors
    inner = outer - (outer - inner) * (end / max(end - start, 1e-6))
    return piece._replace(places=np.array([0.0, end]), colors=np.stack([inner, outer]))


def _positions(kind: str, axis: np.ndarray, points: np.ndarray) -> np.ndarray:
    if kind == "linear":
        return points @ axis
    return np.hypot(*(points - axis).T)


def _best_linear(
    points: np.ndarray, values: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the direction [2] of the best linear profile, and its error."""
    tensor = np.einsum("pik,pjk->ij", slopes, slopes)
    first = np.linalg.eigh(tensor)[1][:, 1]
    angle = np.array([np.arctan2(first[1], first[0])])

    def error(candidate: np.ndarray) -> float:
        direction = np.array([np.cos(candidate[0]), np.sin(candidate[0])])
        return _profile_error(points @ direction, values)

    (angle,), least = _searched(error, angle, 0.1)
    return np.array([np.cos(angle), np.sin(angle)]), least


def _best_radial(
    points: np.ndarray, values: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the center [2] of the best radial profile, and its error."""
    tensor = np.einsum("pik,pjk->pij", slopes, slopes)
    across = np.trace(tensor, axis1=1, axis2=2)[:, None, None] * np.eye(2) - tensor
    total = across.sum(axis=0) + 1e-9 * np.eye(2)
    center = np.linalg.solve(total, np.einsum("pij,pj->i", across, points))
    size = float(np.ptp(points, axis=0).max())
    middle = points.mean(axis=0)
    center = middle + np.clip(center - middle, -3 * size, 3 * size)
    return _searched(
        lambda c: _profile_error(np.hypot(*(points - c).T), values), center, 0.1 * size
    )


def _searched(
    error: Callable[[np.ndarray], float], start: np.ndarray, step: float
) -> tuple[np.ndarray, float]:
    """Minimize an error by steps along each axis that halve where none is better."""
    best, least = start, error(start)
    for _ in range(_SEARCH_STEPS):
        moves = [sign * step * axis for axis in np.eye(len(start)) for sign in (-1, 1)]
        errors = [error(best + move) for move in moves]
        if min(errors) < least:
            least, best = min(errors), best + moves[int(np.argmin(errors))]
        else:
            step *= 0.4
    return best, least


def _profile_error(position: np.ndarray, values: np.ndarray) -> float:
    """Return the root mean square distance of values [P, 4] from their best profile."""
    places = _even_places(position, _COARSE)
    return _distance(position, values, places, _profile(position, values, places))


def _even_places(position: np.ndarray, count: int) -> np.ndarray:
    low, high = float(position.min()), float(position.max())
    return np.linspace(low, max(high, low + 1e-6), count)


def _profile(position: np.ndarray, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the colors [K, 4] at places [K] that fit values [P, 4], linear in between, best."""
    cell = np.clip(np.searchsorted(places, position, side="right") - 1, 0, len(places) - 2)
    share = np.clip((position - places[cell]) / np.diff(places)[cell], 0.0, 1.0)
    count = len(places)
    diagonal = np.bincount(cell, (1 - share) ** 2, count)
    diagonal += np.bincount(cell + 1, share**2, count)
    beside = np.bincount(cell, share * (1 - share), count)[:-1]
    # A little of the second differences' squares where there are no pixels.
    bend: np.ndarray = np.diff(np.eye(count), 2, axis=0)
    matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    matrix += 1e-4 * (bend.T @ bend) + 1e-9 * np.eye(count)
    sums = [
        np.bincount(cell, (1 - share) * v, count) + np.bincount(cell + 1, share * v, count)
        for v in values.T
    ]
    return np.linalg.solve(matrix, np.stack(sums, axis=1))


def _with_stops(
    kind: RampKind, axis: np.ndarray, points: np.ndarray, values: np.ndarray
) -> Gradient | None:
    """Return a gradient along an axis with the fewest stops that show its profile."""
    position = _positions(kind, axis, points)
    fine = _even_places(position, int(np.clip(np.ptp(position), 2, _FINE)))
    profile = _profile(position, values, fine)
    least = _distance(position, values, fine, profile)
    if least > _LARGEST_ERROR:
        return None
    allowed = max(_EXACT, _SLACK * least)
    some = slice(None, None, -(-len(position) // _MOST_PIXELS))
    few = position[some], values[some]
    places = fine[[0, -1]]
    while len(places) <= _MOST_STOPS:
        colors = _profile(position, values, places)
        if _distance(position, values, places, colors) <= allowed:
            return Gradient(kind, axis, places, colors)
        places = _moved(np.sort(np.append(places, _most_bent(fine, profile, places))), *few)
    return None


def _moved(places: np.ndarray, position: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return stops whose inner ones are moved for the least distance of values [P, 4]."""
    step = 0.5 * float(np.diff(places).min())
    ends = places[[0, -1]]

    def stops(inner: np.ndarray) -> np.ndarray:
        return np.sort(np.clip([ends[0], *inner, ends[1]], *ends)) + 1e-6 * np.arange(len(places))

    def error(inner: np.ndarray) -> float:
        moved = stops(inner)
        return _distance(position, values, moved, _profile(position, values, moved))

    return stops(_searched(error, places[1:-1], step)[0])


def _most_bent(fine: np.ndarray, profile: np.ndarray, places: np.ndarray) -> float:
    """Return where a profile [K, 4] at fine places is furthest from the lines between stops."""
    at_stops = [np.interp(places, fine, c) for c in profile.T]
    line = np.stack([np.interp(fine, places, c) for c in at_stops], axis=1)
    return float(fine[np.abs(profile - line).max(axis=1).argmax()])


def _distance(
    position: np.ndarray, values: np.ndarray, places: np.ndarray, colors: np.ndarray
) -> float:
    """Return the root mean square of the distances of values [P, 4] from a profile."""
    off = np.stack([np.interp(position, places, c) for c in colors.T], axis=1) - values
    return float(np.sqrt(np.square(off).max(axis=1).mean()))
