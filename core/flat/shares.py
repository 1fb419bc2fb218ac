# SPDX-License-Identifier: GPL-3.0-or-later
"""Shares of the flat colors in each pixel of a small picture, thin parts included.

Few pixels of a small picture are flat; most are mixtures of two or three colors, and some colors
fill no pixel at all. Colors that the mixtures of the others can't explain are added to the
palette, and each pixel is divided between the colors that are found nearby.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .labels import best_nearby, mixture, nearby_labels
from .mixtures import Mixtures, best_pairs, best_triples, with_doubles
from .palette import Palette, premultiplied

# Pictures with a shorter long side are small.
SMALL_SIDE = 160

# Squared error (of 255, summed over the channels) beyond which a mixture doesn't explain a pixel,
# and where it stops to count.
_POOR, _MOST_ERROR = 10.0**2, 60.0**2

# Fraction of such pixels in a picture without thin parts.
_ALL_EXACT = 0.985

# Squared error up to which a pixel is a mixture to the rounding of its channels.
_EXACT = 14.0

# New colors at most, and the fraction of poorly explained pixels beyond which a picture is none of
# flat colors.
_MOST_ADDED, _MOST_POOR = 20, 0.5

# Half transparent colors of so many pixels or fewer are taken for an opaque one's edge.
_MOST_EDGE_PIXELS = 12

# Channels of a pixel are off by so much at most from a color that the pixel has.
_SAME = 5

# Candidates for new colors that are tried, and the least opacity (of 255) of a pixel whose color
# is one.
_TRIED, _LEAST_OPACITY = 100, 90

# Pixels that new colors are compared on at most.
_COMPARED = 600

# Distance in pixels up to which colors are found nearby, how many of them a pixel may be a mixture
# of, and what a color from each distance costs as a squared error; the last is for the others.
_REACH, _CANDIDATES = 3, 7
_PRICES = np.array([0.0, 0.0, 6.0, 20.0, 120.0])

# Share from which on a pixel counts as a place where a color is found.
_FOUND_SHARE = 0.85


class _Search(NamedTuple):
    """Conditions for new colors.

    least_gain: what one has to take off the squared errors. fewest: pixels that it has to explain.
    apart: largest difference of a channel from earlier ones, at least. extremes: uint8 [K, 4],
    colors that are tried beside those of pixels; what they explain counts 1 - _RARE. doubles:
    whether edges that two shapes have in common explain pixels.
    """

    least_gain: float
    fewest: int
    apart: int
    extremes: np.ndarray
    doubles: bool


# Colors of a large picture that is not shaded, at most.
_MOST_EVEN = 32

# A line of less than a pixel in a large picture has its own color nowhere, and text has many
# shades of one color; but lines are long.
_IN_SMALL = _Search(5_000.0, 2, 0, np.empty((0, 4), np.uint8), True)
_EXTREMES = np.array([[0, 0, 0, 255], [255, 255, 255, 255]], np.uint8)
_IN_LARGE = _Search(200_000.0, 200, 64, _EXTREMES, False)
_RARE = 0.05


class Shares(NamedTuple):
    """A small picture as areas of colors.

    palette: with the colors of thin parts. shares: float32 [N, H, W], sum 1 in each pixel.
    trust: float32 [H, W] in (0, 1], smaller where no mixture explains the pixel well.
    exact: bool [H, W], pixels that are mixtures of two colors to the rounding. doubled: bool
    [H, W], pixels at an edge that two shapes have in common; their shares are those of one edge.
    """

    palette: Palette
    shares: np.ndarray
    trust: np.ndarray
    exact: np.ndarray
    doubled: np.ndarray


def find_shares(pixels: np.ndarray, palette: Palette) -> Shares:
    """Divide each pixel between the colors; pixels: uint8 [H, W, 4] of `to_bytes`."""
    height, width = pixels.shape[:2]
    values = premultiplied(pixels).reshape(-1, 4)
    found = _Colors(palette, values, _IN_SMALL)
    every = np.arange(height * width)
    found.complete(pixels.reshape(-1, 4), every)
    candidates, prices = found.candidates(every)
    best = found.mixtures(values, candidates, prices)
    shares = np.zeros((len(found.colors), height * width), np.float32)
    for place in range(3):
        np.add.at(shares, (best.numbers[:, place], every), best.shares[:, place])
    trust = 1.0 / (1.0 + best.errors / (4.0 * found.poor))
    bytes_ = np.concatenate([palette.colors, found.added])
    return Shares(
        palette._replace(colors=bytes_),
        shares.reshape(-1, height, width),
        trust.reshape(height, width).astype(np.float32),
        (best.errors <= _EXACT).reshape(height, width),
        best.doubled.reshape(height, width),
    )


def with_thin_colors(pixels: np.ndarray, palette: Palette) -> Palette:
    """Return the palette of a large picture with the colors of thin parts, which fill no block.

    pixels: uint8 [H, W, 4]. Pixels that have a new color are numbered. Compressed and shaded
    pictures are left as they are: ripples beside edges and between bands look like thin parts.
    """
    if palette.noise or len(palette.colors) > _MOST_EVEN:
        return palette
    rows, columns = np.nonzero(palette.numbers < 0)
    colors = premultiplied(palette.colors)
    near = nearby_labels(palette.numbers, rows, columns)
    is_poor = best_nearby(premultiplied(pixels[rows, columns]), near, colors)[1] > _POOR
    poor = (rows * palette.numbers.shape[1] + columns)[is_poor]
    if len(poor) < _IN_LARGE.fewest:
        return palette
    found = _Colors(palette, premultiplied(pixels).reshape(-1, 4), _IN_LARGE)
    found.complete(pixels.reshape(-1, 4), poor)
    numbers = palette.numbers.copy()
    for number in range(len(palette.colors), len(found.colors)):
        numbers[found.places[number] & (numbers < 0)] = number
    return Palette(np.concatenate([palette.colors, found.added]), numbers, palette.noise)


def has_thin_parts(found: Shares, palette: Palette) -> bool:
    """Tell whether a picture has parts that the pixels' main colors don't show.

    Such parts are of colors that fill no block, or lie where three colors mix.
    """
    if len(found.palette.colors) > len(palette.colors):
        return True
    return bool(found.exact.mean() < _ALL_EXACT)


def with_simple_edges(pixels: np.ndarray, found: Shares) -> np.ndarray:
    """Return a picture, uint8 [H, W, 4], with the pixels of doubled edges as one edge has them."""
    colors = premultiplied(found.palette.colors)
    values = np.moveaxis(found.shares[:, found.doubled], 0, 1) @ colors
    opacity = values[:, 3:]
    straight = np.where(opacity > 0, values[:, :3] * 255.0 / np.maximum(opacity, 1e-3), 0.0)
    simple = pixels.copy()
    simple[found.doubled] = np.rint(np.concatenate([straight, opacity], axis=1)).clip(0, 255)
    return simple


class _Poor(NamedTuple):
    """Poorly explained pixels.

    pixels: int [P]. errors: squared, [P]. near, prices: the colors nearby, as of `candidates`.
    """

    pixels: np.ndarray
    errors: np.ndarray
    near: np.ndarray
    prices: np.ndarray


class _Colors:
    """Colors of a picture and the pixels where each is found, which grow by new colors."""

    def __init__(self, palette: Palette, values: np.ndarray, search: _Search) -> None:
        self.colors = premultiplied(palette.colors)
        self.added = np.empty((0, 4), np.uint8)
        self.poor = _POOR + (2.0 * palette.noise) ** 2
        self._shape = palette.numbers.shape
        rows, columns = palette.numbers[[0, -1]], palette.numbers[:, [0, -1]]
        border = np.concatenate([rows.ravel(), columns.ravel()])
        self._behind = int(np.bincount(border + 1, minlength=2)[1:].argmax())
        self._values, self._search = values, search
        near = _SAME + palette.noise
        self.places = [
            (np.abs(values - color).max(axis=1) <= near).reshape(self._shape)
            for color in self.colors
        ]

    def _drop_edges(self) -> None:
        """Drop colors that are an opaque one along an edge that runs between pixels."""
        opacity = self.colors[:, 3:]
        straight = self.colors[:, :3] * (255.0 / np.maximum(opacity, 1.0))
        for number in np.flatnonzero((opacity[:, 0] > 0) & (opacity[:, 0] < 255)):
            alike = np.abs(straight - straight[number]).max(axis=1) <= _SAME
            if (
                self.places[number].sum() <= _MOST_EDGE_PIXELS
                and (alike & (opacity[:, 0] == 255)).any()
            ):
                self.places[number][:] = False

    def candidates(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Choose the colors that some pixels may be mixtures of: numbers and prices [P, C]."""
        steps = np.stack([_steps_to(found).ravel()[places] for found in self.places])
        apart = np.stack([np.square(self._values[places] - c).sum(axis=1) for c in self.colors])
        order = np.argsort(steps * 1e6 + apart, axis=0, kind="stable")[:_CANDIDATES]
        return order.T, _PRICES[np.take_along_axis(steps, order, axis=0).T]

    def mixtures(self, values: np.ndarray, near: np.ndarray, prices: np.ndarray) -> Mixtures:
        """Return the best mixture for each of some pixels, whose colors nearby are given."""
        pairs = best_pairs(values, near, prices, self.colors)
        best = best_triples(values, near, prices, self.colors, pairs)
        if not self._search.doubles:
            return best
        return with_doubles(values, near, prices, self.colors, best, self._behind)

    def complete(self, pixels: np.ndarray, poor: np.ndarray) -> None:
        """Add the colors, one at a time, that explain most of what the others don't.

        pixels: uint8 [P, 4]. poor: int [K], the pixels that may be poorly explained.
        """
        for _ in range(_MOST_ADDED):
            self._drop_edges()
            near, prices = self.candidates(poor)
            errors = self.mixtures(self._values[poor], near, prices).errors
            is_poor = errors > self.poor
            if is_poor.sum() > _MOST_POOR * len(pixels):
                return
            poor = poor[is_poor]
            left = _Poor(poor, errors[is_poor], near[is_poor], prices[is_poor])
            if len(poor) < self._search.fewest or not self._add(pixels, left):
                return

    def _proposals(self, pixels: np.ndarray) -> np.ndarray:
        """Propose colors uint8 [M, 4] for pixels [P, 4]: opaque ones, and as opaque as others."""
        seen = pixels[pixels[:, 3] >= _LEAST_OPACITY]
        solid = seen.copy()
        solid[:, 3] = 255
        between = self.colors[(self.colors[:, 3] > 0) & (self.colors[:, 3] < 255), 3]
        alike = (np.abs(pixels[:, 3, None] - between) <= _SAME).any(axis=1)
        every = np.concatenate([solid, pixels[alike]])
        colors, counts = np.unique(every, axis=0, return_counts=True)
        return colors[np.argsort(-counts, kind="stable")[:_TRIED]]

    def _add(self, pixels: np.ndarray, poor: _Poor) -> bool:
        """Add the best new color for some poorly explained pixels; False where none is worth it."""
        color = self._best_color(pixels, poor)
        if color is None:
            return False
        shares, _, explained = self._explained(color, poor)
        places = np.zeros(self._shape, bool)
        least = min(_FOUND_SHARE, float(shares[explained].max()))
        places.ravel()[poor.pixels[explained & (shares >= least)]] = True
        apart = np.abs(self.colors - premultiplied(color)).max(axis=1)
        if apart[len(apart) - len(self.added) :].min(initial=255) < self._search.apart:
            return False
        if apart.min() <= 2 * _SAME:
            known = self.places[int(apart.argmin())]
            is_new = bool((places & ~known).any())
            known |= places
            return is_new
        self.places.append(places)
        self.added = np.concatenate([self.added, color[None]])
        self.colors = np.concatenate([self.colors, premultiplied(color)[None]])
        return True

    def _best_color(self, pixels: np.ndarray, poor: _Poor) -> np.ndarray | None:
        """Return the color, uint8 [4], that explains most; None where none explains enough."""
        stride = -(-len(poor.pixels) // _COMPARED)
        some = _Poor(*(part[::stride] for part in poor))
        gain, chosen = self._search.least_gain, None
        proposals = self._proposals(pixels[some.pixels])
        extremes = self._search.extremes
        worths = np.repeat([1.0, 1.0 - _RARE], [len(proposals), len(extremes)])
        for color, worth in zip(np.concatenate([proposals, extremes]), worths, strict=True):
            _, gained, explained = self._explained(color, some)
            total = stride * worth * float(gained.sum())
            if total > gain and stride * explained.sum() >= self._search.fewest:
                gain, chosen = total, color
        return chosen

    def _explained(
        self, color: np.ndarray, poor: _Poor
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return a new color's shares [P], the errors that it saves, and which it explains."""
        values = self._values[poor.pixels]
        after, shares = _with_color(
            values, premultiplied(color), poor.near, poor.prices, self.colors
        )
        gained = np.maximum(np.minimum(poor.errors, _MOST_ERROR) - after, 0.0)
        return shares, gained, (after <= self.poor) & (gained > 0.5 * self.poor)


def _with_color(
    values: np.ndarray, color: np.ndarray, near: np.ndarray, prices: np.ndarray, colors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the squared error [P] of mixtures of a new color and one nearby, and its share."""
    errors, shares = np.full(len(values), np.inf), np.zeros(len(values))
    for place in range(near.shape[1]):
        error, share = mixture(values, color, colors[near[:, place]])
        error = error + prices[:, place]
        better = error < errors
        errors[better], shares[better] = error[better], share[better]
    return errors, shares


def _steps_to(places: np.ndarray) -> np.ndarray:
    """Return the steps (diagonal ones too) to the nearest place, _REACH + 1 beyond: int [H, W]."""
    steps = np.where(places, 0, _REACH + 1)
    near = places
    for step in range(1, _REACH + 1):
        wide = near.copy()
        wide[1:] |= near[:-1]
        wide[:-1] |= near[1:]
        near = wide.copy()
        near[:, 1:] |= wide[:, :-1]
        near[:, :-1] |= wide[:, 1:]
        steps[near & (steps > step)] = step
    return steps
