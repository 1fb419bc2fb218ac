# SPDX-License-Identifier: GPL-3.0-or-later
"""Areas of a flat picture that were painted with a gradient, and the picture without them.

An area is smooth where second differences vanish, except for rounding; edges part smooth areas. One
that a gradient fits becomes a flat area of a color that stands for it, edges included. So all that
traces flat areas traces shades as well, and their paths get the gradient's ramp in the end.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..drawing import Path, Ramp
from ..segmentation.regions import connected_components
from .gradients import Gradient, fit_gradient, pieces_of
from .labels import mixture, nearby_labels
from .palette import in_blocks, pixel_codes, premultiplied

# Second differences of a smooth area, of 255: rounding of three values makes 2.
_SMOOTH = 3.0

# Pixels of an area at least, as a share of the picture's too, and areas at most.
_FEWEST_PIXELS, _SMALLEST_SHARE, _MOST_AREAS = 20, 1e-4, 200

# Range of a shade's channels at least, of 255, and that of its opacity at most.
_LEAST_RANGE, _MOST_OPACITY_RANGE = 5.0, 2.0

# Mean difference, of 255, up to which an area has a gradient that was found before.
_KNOWN = 0.8

# Pixels around an area, and the difference of 255, up to which others belong to it.
_REACH, _SAME = 2, 2.0

# Difference, of 255, of a stand-in from all other colors, if possible: edges are the more exact.
_APART = 40

# Root of the squared error up to which a pixel is a mixture of what lies nearby.
_MIXED = 24.0


class Shade(NamedTuple):
    """A gradient of two stops in a picture, and the color that stands for it, uint8 [4]."""

    gradient: Gradient
    stand_in: np.ndarray

    def painted(self, path: Path) -> Path:
        """Return a path with the gradient as its fill."""
        gradient = self.gradient
        opacity = float(gradient.colors[:, 3].mean()) / 255.0
        first, last = np.clip(gradient.colors[:, :3] / (255.0 * max(opacity, 1e-3)), 0.0, 1.0)
        fill = np.append(first, opacity).astype(np.float32)
        if gradient.is_constant:
            return replace(path, fill=fill)
        if gradient.kind == "linear":
            # Any place across does; the one nearest to the path's own middle is handy to edit.
            middle = np.concatenate(path.subpaths).mean(axis=0)
            base = middle - (middle @ gradient.axis) * gradient.axis
            start, end = (base + place * gradient.axis for place in gradient.places)
        else:
            start, end = gradient.axis, gradient.axis + np.array([gradient.places[1], 0.0])
        last = last.astype(np.float32)
        ramp = Ramp(gradient.kind, start.astype(np.float32), end.astype(np.float32), last)
        return replace(path, fill=fill, ramp=ramp)


class Flattened(NamedTuple):
    """A picture whose shades are flat.

    pixels: uint8 [H, W, 4]. shades: none where the picture has none. inside: bool [H, W], pixels
    within shades. explained: bool [H, W], those and the mixtures at their edges.
    """

    pixels: np.ndarray
    shades: Sequence[Shade] = ()
    inside: np.ndarray | None = None
    explained: np.ndarray | None = None


def flattened(pixels: np.ndarray, by_means: bool = False) -> Flattened:
    """Replace the shades of a picture, uint8 [H, W, 4] of `to_bytes`, by flat colors.

    by_means: whether these are the shades' mean colors, even where others are hardly different.
    """
    values = premultiplied(pixels)
    owner, gradients = _find_gradients(values)
    if not gradients:
        return Flattened(pixels)
    _grow(owner, gradients, values)
    codes = pixel_codes(pixels)
    flat_places = in_blocks(codes) & (owner < 0)
    flat_codes, flat_numbers = np.unique(codes[flat_places], return_inverse=True)
    flat_colors = flat_codes[:, None].view(np.uint8)
    shades, pieces = _shades(gradients, flat_colors, 1.0 if by_means else _APART)
    result = pixels.copy()
    places = np.full(owner.shape, -1, np.int32)
    for number, gradient in enumerate(gradients):
        rows, columns = np.nonzero(owner == number)
        own = pieces[number]
        nearest, painted = _painted(gradient, [shades[k] for k in own], rows, columns)
        places[rows, columns] = np.array(own)[nearest]
        result[rows, columns] = painted
    places[flat_places] = len(shades) + flat_numbers
    explained = _flatten_edges(result, values, places, shades, flat_colors)
    inside = owner >= 0
    return Flattened(result, shades, inside, explained | inside)


def with_shades(paths: list[Path], shades: Sequence[Shade]) -> list[Path]:
    """Return paths with the gradients that their colors stand for."""
    by_color = {tuple(shade.stand_in.tolist()): shade for shade in shades}
    painted = []
    for path in paths:
        shade = by_color.get(tuple(np.rint(path.fill * 255.0).astype(int).tolist()))
        painted.append(path if shade is None else shade.painted(path))
    return painted


def smooth_areas(pixels: np.ndarray) -> np.ndarray:
    """Return numbers of smooth areas, int32 [H, W], -1 elsewhere; pixels: uint8 [H, W, 4]."""
    return _smooth_areas(premultiplied(pixels))


def _find_gradients(values: np.ndarray) -> tuple[np.ndarray, list[Gradient]]:
    """Return the number of the gradient that each pixel has, -1 for none, and all gradients."""
    owner = np.full(values.shape[:2], -1, np.int32)
    areas = _smooth_areas(values)
    gradients: list[Gradient] = []
    counts = np.bincount(areas[areas >= 0])
    order = np.argsort(areas, axis=None, kind="stable")
    ends = np.cumsum(np.append((areas < 0).sum(), counts))
    even: list[tuple[np.ndarray, ...]] = []
    for number in np.argsort(-counts, kind="stable")[:_MOST_AREAS].tolist():
        rows, columns = np.divmod(order[ends[number] : ends[number + 1]], areas.shape[1])
        own = values[rows, columns]
        points = np.stack([columns, rows], axis=1) + 0.5
        spread = np.ptp(own, axis=0)
        if spread[3] > _MOST_OPACITY_RANGE:
            continue
        if spread[:3].max() < _LEAST_RANGE:
            even.append((rows, columns, points, own))
            continue
        known = _known(gradients, points, own)
        if known is None:
            found = fit_gradient(points, own, _slopes(values, rows, columns))
            if found is None or pieces_of(found) is None:
                continue
            known = len(gradients)
            gradients.append(found)
        owner[rows, columns] = known
    # Beyond their stops gradients are even.
    for rows, columns, points, own in even:
        known = _known(gradients, points, own)
        if known is not None:
            owner[rows, columns] = known
    return owner, gradients


def _smooth_areas(values: np.ndarray) -> np.ndarray:
    """Return numbers of the smooth areas that are not too small: int32 [H, W], -1 elsewhere."""
    areas = connected_components(np.where(_smooth(values), 0, -1))
    counts = np.bincount(areas[areas >= 0], minlength=1)
    large = counts >= max(_FEWEST_PIXELS, _SMALLEST_SHARE * areas.size)
    numbers = np.where(large, np.cumsum(large) - 1, -1)
    return np.append(numbers, -1)[areas].astype(np.int32)


def _grow(owner: np.ndarray, gradients: list[Gradient], values: np.ndarray) -> None:
    """Give pixels beside those of gradients to these where they have their color, in place."""
    for _ in range(_REACH):
        padded = np.pad(owner, 1, constant_values=-1)
        for beside in (padded[1:-1, 2:], padded[1:-1, :-2], padded[2:, 1:-1], padded[:-2, 1:-1]):
            rows, columns = np.nonzero((owner < 0) & (beside >= 0))
            found = beside[rows, columns]
            points = np.stack([columns, rows], axis=1) + 0.5
            for number in np.unique(found).tolist():
                some = np.flatnonzero(found == number)
                off = gradients[number].at(points[some]) - values[rows[some], columns[some]]
                some = some[np.abs(off).max(axis=1) <= _SAME]
                owner[rows[some], columns[some]] = number


def _smooth(values: np.ndarray) -> np.ndarray:
    """Find pixels that lie on a line with their neighbors, across and down: bool [H, W]."""
    smooth = np.zeros(values.shape[:2], bool)
    if min(smooth.shape) < 3:
        return smooth
    across = np.abs(values[:, :-2] - 2 * values[:, 1:-1] + values[:, 2:]).max(axis=2)
    down = np.abs(values[:-2] - 2 * values[1:-1] + values[2:]).max(axis=2)
    smooth[1:-1, 1:-1] = (across[1:-1] <= _SMOOTH) & (down[:, 1:-1] <= _SMOOTH)
    return smooth


def _slopes(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return how values change to the right and downwards at inner pixels: [P, 2, 4]."""
    right = values[rows, columns + 1] - values[rows, columns - 1]
    down = values[rows + 1, columns] - values[rows - 1, columns]
    return np.stack([right, down], axis=1) / 2.0


def _known(gradients: list[Gradient], points: np.ndarray, values: np.ndarray) -> int | None:
    """Return the number of a gradient that pixels have, None where they have none of them."""
    some = slice(None, None, -(-len(points) // 200))
    for number, gradient in enumerate(gradients):
        if np.abs(gradient.at(points[some]) - values[some]).max(axis=1).mean() <= _KNOWN:
            return number
    return None


def _shades(
    gradients: list[Gradient], flat: np.ndarray, apart: float
) -> tuple[list[Shade], list[list[int]]]:
    """Return the shades of all gradients, and the numbers of those that each one consists of.

    flat: uint8 [N, 4], the picture's flat colors. apart: difference of stand-ins, of 255.
    """
    shades: list[Shade] = []
    numbers = []
    taken = premultiplied(flat)
    for gradient in gradients:
        pieces = pieces_of(gradient) or []
        numbers.append(list(range(len(shades), len(shades) + len(pieces))))
        for piece in pieces:
            stand_in = _stand_in(piece, taken, apart)
            taken = np.concatenate([taken, premultiplied(stand_in[None])])
            shades.append(Shade(piece, stand_in))
    return shades, numbers


def _stand_in(piece: Gradient, taken: np.ndarray, apart: float) -> np.ndarray:
    """Choose a color, uint8 [4], like a piece's, and far from those taken, [N, 4] premultiplied."""
    opacity = float(piece.colors[:, 3].mean())
    mean = piece.colors.mean(axis=0) * (255.0 / max(opacity, 1.0))
    levels = (0, 64, 128, 192, 255)
    others = np.array(list(itertools.product(levels, levels, levels)), np.float64)
    order = np.argsort(np.abs(others - mean[:3]).max(axis=1), kind="stable")
    options = np.concatenate([mean[None, :3], others[order]])
    options = np.column_stack([np.clip(options, 0, 255), np.full(len(options), opacity)])
    colors = np.rint(options).astype(np.uint8)
    distances = np.abs(premultiplied(colors)[:, None] - taken[None]).max(axis=2)
    distances = distances.min(axis=1, initial=255.0)
    far = np.flatnonzero(distances >= apart)
    return colors[far[0] if len(far) else distances.argmax()]


def _painted(
    gradient: Gradient, shades: list[Shade], rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the piece that some pixels have most of, [P], and their flat colors, uint8 [P, 4].

    Pixels that a stop goes through are mixtures, so that its place is found as exactly as an edge.
    """
    position = gradient.position(np.stack([columns, rows], axis=1) + 0.5)
    stops = np.array([shade.gradient.places[1] for shade in shades[:-1]])
    shares = np.clip(position[:, None] - stops + 0.5, 0.0, 1.0)
    shares = np.column_stack([np.ones(len(position)), shares, np.zeros(len(position))])
    shares = shares[:, :-1] - shares[:, 1:]
    colors = shares @ np.array([shade.stand_in for shade in shades], np.float64)
    return shares.argmax(axis=1), np.rint(colors).astype(np.uint8)


def _flatten_edges(
    result: np.ndarray,
    values: np.ndarray,
    places: np.ndarray,
    shades: list[Shade],
    flat: np.ndarray,
) -> np.ndarray:
    """Mix the colors that stand for shades where pixels mix shades, in place: bool [H, W].

    places: int32 [H, W], numbers of shades and, after them, of flat colors, uint8 [N, 4]; -1
    elsewhere. Returns the pixels that are mixtures of two of them.
    """
    explained = places >= 0
    rows, columns = np.nonzero(~explained)
    nearby = nearby_labels(places, rows, columns)
    has_shade = ((nearby >= 0) & (nearby < len(shades))).any(axis=1)
    rows, columns, nearby = rows[has_shade], columns[has_shade], nearby[has_shade]
    points = np.stack([columns, rows], axis=1) + 0.5
    own = premultiplied(np.concatenate([[shade.stand_in for shade in shades], flat]))
    seen = own[nearby]
    for number, shade in enumerate(shades):
        which, place = np.nonzero(nearby == number)
        seen[which, place] = shade.gradient.at(points[which])
    wanted = values[rows, columns]
    best, mixed = np.full(len(rows), np.inf), np.zeros((len(rows), 4))
    for first, second in itertools.combinations_with_replacement(range(nearby.shape[1]), 2):
        error, share = mixture(wanted, seen[:, first], seen[:, second])
        error[(nearby[:, first] < 0) | (nearby[:, second] < 0)] = np.inf
        better = error < best
        best[better] = error[better]
        part = share[better, None]
        mixed[better] = part * own[nearby[better, first]] + (1 - part) * own[nearby[better, second]]
    good = best <= _MIXED**2
    result[rows[good], columns[good]] = _straight(mixed[good])
    explained[rows[good], columns[good]] = True
    return explained


def _straight(values: np.ndarray) -> np.ndarray:
    """Return premultiplied colors [P, 4] of 255 as uint8, not premultiplied."""
    colors = values.copy()
    colors[:, :3] *= 255.0 / np.maximum(colors[:, 3:], 1e-3)
    colors = np.rint(np.clip(colors, 0.0, 255.0)).astype(np.uint8)
    colors[colors[:, 3] == 0] = 0
    return colors
