# SPDX-License-Identifier: GPL-3.0-or-later
"""A small picture's colors on a finer grid, from the shares of the colors in its pixels.

Among the ways to divide the finer pixels between the colors, the one sought has short edges, and
in each pixel of the picture the shares that were found there. Edges shorten by threshold
dynamics: blurring and giving each pixel to the strongest color ("Diffusion generated motion by
mean curvature", Merriman, Bence and Osher, 1992). Multipliers grow where a share is missed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..segmentation.regions import connected_components
from .shares import Shares

# Rounds, the width of the blur in pixels of the picture, and how fast the multipliers grow.
_ROUNDS, _BLUR, _GROWTH = 16, 0.35, 0.5

# Smallest areas that are kept, and smallest clear ones, in pixels of the picture.
_SMALLEST_AREA, _SMALLEST_GAP = 0.25, 1.5


class Enlarged(NamedTuple):
    """A picture's colors on a grid that is `factor` times as fine.

    labels: int32 [H, W], the color of each finer pixel. values: float32 [H, W, 4], the
    mixture of colors in it, premultiplied, of 255.
    """

    labels: np.ndarray
    values: np.ndarray
    factor: int


def enlarge(found: Shares, colors: np.ndarray, factor: int) -> Enlarged:
    """Divide finer pixels between the colors, float32 [N, 4], premultiplied."""
    shares = found.shares
    strength = _finer(shares, factor)
    multiplier = np.zeros_like(shares)
    field = strength
    for _ in range(_ROUNDS):
        labels = field.argmax(axis=0)
        own = (labels == np.arange(len(shares))[:, None, None]).astype(np.float32)
        missed = (shares - _coarser(own, factor)) * found.trust
        multiplier += _GROWTH * missed
        field = _blurred(own, _BLUR * factor) + _finer(multiplier, factor)
    fine = _finer(field, 2).argmax(axis=0)
    values = np.moveaxis(_coarser(np.moveaxis(colors[fine], 2, 0), 2), 0, 2)
    labels = field.argmax(axis=0).astype(np.int32)
    cleaned = _without_specks(labels, colors[:, 3] == 0, factor)
    values = np.where((cleaned != labels)[..., None], colors[cleaned], values)
    return Enlarged(cleaned, values.astype(np.float32), factor)


def _without_specks(labels: np.ndarray, clear: np.ndarray, factor: int) -> np.ndarray:
    """Give areas that are too small to be seen to the color that most of their border has.

    clear: bool [N]; viewers leave gaps of it where shapes meet.
    """
    areas = connected_components(labels)
    sizes = np.bincount(areas.ravel()) / factor**2
    _, first = np.unique(areas, return_index=True)
    colors = labels.ravel()[first]
    small = sizes < np.where(clear[colors], _SMALLEST_GAP, _SMALLEST_AREA)
    borders = np.zeros((len(sizes), len(clear)), int)
    for one, other in (
        (np.s_[1:], np.s_[:-1]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[:, :-1], np.s_[:, 1:]),
    ):
        at = small[areas[one]] & (areas[one] != areas[other]) & ~small[areas[other]]
        np.add.at(borders, (areas[one][at], labels[other][at]), 1)
    known = small & borders.any(axis=1)
    return np.where(known, borders.argmax(axis=1), colors)[areas].astype(np.int32)


def _finer(planes: np.ndarray, factor: int) -> np.ndarray:
    """Interpolate planes [N, H, W] linearly between the centers of pixels, on a finer grid."""
    for axis in (1, 2):
        size = planes.shape[axis]
        places = np.clip((np.arange(size * factor) + 0.5) / factor - 0.5, 0, size - 1)
        low = np.minimum(places.astype(int), max(size - 2, 0))
        high = np.minimum(low + 1, size - 1)
        part = (places - low).astype(np.float32)
        part = part[:, None] if axis == 1 else part
        planes = planes.take(low, axis) * (1 - part) + planes.take(high, axis) * part
    return planes


def _coarser(planes: np.ndarray, factor: int) -> np.ndarray:
    """Average planes [N, H, W] over squares."""
    count, height, width = planes.shape
    split = planes.reshape(count, height // factor, factor, width // factor, factor)
    return split.mean(axis=(2, 4), dtype=np.float32)


def _blurred(planes: np.ndarray, deviation: float) -> np.ndarray:
    """Blur planes [N, H, W] by a Gaussian."""
    reach = max(int(np.ceil(2.5 * deviation)), 1)
    weights = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / deviation))
    weights = (weights / weights.sum()).astype(np.float32)
    for axis in (1, 2):
        size = planes.shape[axis]
        padded = np.pad(planes, [(reach, reach) if a == axis else (0, 0) for a in range(3)], "edge")
        total = np.zeros_like(planes)
        for place, weight in enumerate(weights):
            part = slice(place, place + size)
            total += weight * (padded[:, part] if axis == 1 else padded[:, :, part])
        planes = total
    return planes
