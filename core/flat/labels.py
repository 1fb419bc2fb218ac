# SPDX-License-Identifier: GPL-3.0-or-later
"""Every pixel given to one of the flat colors: mixed ones to the color they have most of."""

from __future__ import annotations

import itertools

import numpy as np

from ..segmentation.regions import connected_components
from .palette import Palette, premultiplied

# How far flat pixels are looked for around a mixed one, and how many colors there may be.
_REACH, _CANDIDATES = 2, 5

# A mixture is off by rounding only; one that is off by more (of 255) may have a color that
# doesn't lie nearby.
_GOOD_FIT = 8.0

# Mean difference (of 255) below which a thin area is explained by the colors around it; of one
# of a few pixels more may be left, for it says little.
_SPECK_ERROR, _FEW_PIXELS, _FEW_PIXELS_ERROR = 40.0, 4, 80.0

# What a color from elsewhere in the picture costs, as a squared difference.
_FAR_PRICE = 64.0


def label_pixels(pixels: np.ndarray, palette: Palette) -> np.ndarray:
    """Return the palette's color that each pixel has most of: int32 [H, W].

    pixels: uint8 [H, W, 4]. A pixel p is compared with all mixtures t·a + (1 − t)·b of two
    colors found nearby, premultiplied by their opacity; it is given to a where t > 1/2.
    """
    colors = premultiplied(palette.colors)
    labels = palette.numbers.copy()
    values = premultiplied(pixels)
    while True:
        rows, columns = np.nonzero(labels < 0)
        if len(rows) == 0:
            return labels
        nearby = nearby_labels(labels, rows, columns)
        known = nearby[:, 0] >= 0
        if not known.any():
            labels[rows, columns] = _nearest(values[rows, columns], colors)
            return labels
        rows, columns = rows[known], columns[known]
        chosen = _best_mixture(values[rows, columns], nearby[known], colors, palette.noise)
        labels[rows, columns] = chosen


def without_specks(labels: np.ndarray, pixels: np.ndarray, palette: Palette) -> np.ndarray:
    """Remove thin areas of mixed pixels that other colors nearby explain as well.

    Where edges of several shapes fall together, viewers mix three colors or more, and pixels
    look like a thin area of a color that isn't there.
    """
    components = connected_components(labels)
    supported = np.zeros(int(components.max()) + 1, bool)
    supported[components[palette.numbers == labels]] = True
    rows, columns = np.nonzero(~supported[components])
    if len(rows) == 0:
        return labels
    colors = premultiplied(palette.colors)
    firm = np.where(supported[components], labels, -1)
    nearby = nearby_labels(firm, rows, columns)
    nearby[nearby == labels[rows, columns][:, None]] = -1
    order = np.argsort(nearby < 0, axis=1, kind="stable")
    nearby = np.take_along_axis(nearby, order, axis=1)
    values = premultiplied(pixels[rows, columns])
    chosen, error = best_nearby(values, nearby, colors)
    error[nearby[:, 0] < 0] = np.inf
    member = components[rows, columns]
    counts = np.bincount(member, minlength=len(supported))
    sums = np.bincount(member, np.sqrt(error), minlength=len(supported))
    allowed = np.where(counts < _FEW_PIXELS, _FEW_PIXELS_ERROR, _SPECK_ERROR) + 2 * palette.noise
    explained = sums < allowed * counts
    cleaned = labels.copy()
    removed = explained[member]
    cleaned[rows[removed], columns[removed]] = chosen[removed]
    return cleaned


def nearby_labels(labels: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Different labels around some pixels, the most frequent first: int32 [P, _CANDIDATES]."""
    padded = np.pad(labels, _REACH, constant_values=-1)
    size = 2 * _REACH + 1
    window = np.stack(
        [padded[rows + y, columns + x] for y in range(size) for x in range(size)], axis=1
    )
    window.sort(axis=1)
    count = window.shape[1]
    first = np.ones(window.shape, bool)
    first[:, 1:] = window[:, 1:] != window[:, :-1]
    first &= window >= 0
    # The run's length: from its first place to the next first place.
    places = np.where(first, np.arange(count), count)
    following = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]
    ends = np.concatenate([following[:, 1:], np.full((len(window), 1), count)], axis=1)
    lengths = np.where(first, ends - np.arange(count), 0)
    order = np.argsort(-lengths, axis=1, kind="stable")[:, :_CANDIDATES]
    found = np.take_along_axis(window, order, axis=1)
    return np.where(np.take_along_axis(lengths, order, axis=1) > 0, found, -1)


def _best_mixture(
    values: np.ndarray, nearby: np.ndarray, colors: np.ndarray, noise: int
) -> np.ndarray:
    """Return the main color of the mixture that comes closest to each value: int32 [P]."""
    label, best = best_nearby(values, nearby, colors)
    poor = np.flatnonzero(best > (_GOOD_FIT + 2 * noise) ** 2)
    if len(poor):
        label[poor] = _with_far_color(values[poor], nearby[poor], colors, best[poor], label[poor])
    return label


def best_nearby(
    values: np.ndarray, nearby: np.ndarray, colors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the main color of the best mixture of nearby ones, and its squared error: [P] each."""
    best, label = np.full(len(values), np.inf), nearby[:, 0].copy()
    for first, second in itertools.combinations(range(nearby.shape[1]), 2):
        a, b = nearby[:, first], nearby[:, second]
        error, share = mixture(values, colors[a], colors[b])
        error[(a < 0) | (b < 0)] = np.inf
        better = error < best
        best[better] = error[better]
        label[better] = np.where(share > 0.5, a, b)[better]
    alone = np.square(values - colors[nearby[:, 0]]).sum(axis=1)
    only = (nearby[:, 1] < 0) & (alone < best)
    best[only] = alone[only]
    return label, best


def mixture(values: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared error [P] of the best mixture of two colors, and the share of the first."""
    across = a - b
    square = np.maximum(np.square(across).sum(axis=1), 1e-6)
    share = np.clip(((values - b) * across).sum(axis=1) / square, 0.0, 1.0)
    return np.square(values - b - share[:, None] * across).sum(axis=1), share


def _with_far_color(
    values: np.ndarray, nearby: np.ndarray, colors: np.ndarray, best: np.ndarray, label: np.ndarray
) -> np.ndarray:
    """As `_best_mixture`, where one of the two colors may be any of the palette."""
    best, label = best.copy(), label.copy()
    for other in range(len(colors)):
        far = np.broadcast_to(colors[other], values.shape)
        for place in range(2):
            a = nearby[:, place]
            error, share = mixture(values, colors[a], far)
            error = error + _FAR_PRICE
            error[a < 0] = np.inf
            better = error < best
            best[better] = error[better]
            label[better] = np.where(share > 0.5, a, other)[better]
    return label


def _nearest(values: np.ndarray, colors: np.ndarray) -> np.ndarray:
    distances = np.stack([np.square(values - color).sum(axis=1) for color in colors])
    return distances.argmin(axis=0).astype(np.int32)
