# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions of edges within their pixels, from the mixture of the colors on both sides."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..tracing.contours import outside_pixels, smoothed, turned
from ..tracing.layering import OVERRUN, Outline
from .palette import Palette, premultiplied

# Pixels on either side of an edge that may be mixed.
_DEPTH = 4

# Shares below this are rounding, or noise.
_LEAST_SHARE = 0.02

# A side of a pixel tells where an edge crosses it well if the edge runs along it rather than
# across: cosine of the angle between the two.
_ALONG = 0.6

# Sides on either end over which the direction of an edge is taken.
_DIRECTION_REACH = 3


class Edge(NamedTuple):
    """A closed outline at sub-pixel precision.

    points: float64 [K, 2], pixels of the canvas. shows: bool [K], whether the outline is seen
    there; where it is hidden, any course does. tolerances: [K], pixels, for hidden parts.
    """

    points: np.ndarray
    shows: np.ndarray
    tolerances: np.ndarray


class Mixtures(NamedTuple):
    """A picture that edges are located in, padded by OVERRUN on all sides.

    values: float32 [H, W, 4], premultiplied, of 255. labels: int32 [H, W], the color that each
    pixel has most of. colors: float32 [N, 4], premultiplied. noise: of 255.
    """

    values: np.ndarray
    labels: np.ndarray
    colors: np.ndarray
    noise: int


def padded_mixtures(
    values: np.ndarray, labels: np.ndarray, palette: Palette, outside: int | None = None
) -> Mixtures:
    """Pad a picture, premultiplied [H, W, 4] of 255, and its labels for `locate`.

    outside: the number of the clear color that lies beyond the canvas; None for one of its own.
    """
    padding = ((OVERRUN, OVERRUN), (OVERRUN, OVERRUN))
    colors = premultiplied(palette.colors)
    if outside is None:
        outside, colors = len(colors), np.pad(colors, ((0, 1), (0, 0)))
    padded = np.pad(values, (*padding, (0, 0)))
    numbers = np.pad(labels, padding, constant_values=outside)
    beyond = np.pad(np.zeros(labels.shape, bool), OVERRUN, constant_values=True)
    padded[beyond] = colors[outside]
    return Mixtures(padded, numbers, colors, palette.noise)


def locate(outline: Outline, mixtures: Mixtures) -> Edge:
    """Move an outline of pixel sides to where the edge runs.

    Across an edge between colors a and b, a pixel of color t·a + (1 − t)·b is covered by a to
    the share t, so the sum of t along a row or column through the edge is the length that a
    takes there: exact for straight edges that run along the side (partial area effect).
    """
    vertices = outline.vertices + outline.corner + OVERRUN
    following = turned(vertices, 1)
    step = following - vertices
    outwards = np.stack([-step[:, 1], step[:, 0]], axis=1)
    outside = outside_pixels(vertices)
    inside = outside - outwards
    height, width = mixtures.labels.shape
    limits = np.array([width - 1, height - 1])
    outside, inside = np.clip(outside, 0, limits), np.clip(inside, 0, limits)
    a = mixtures.labels[inside[:, 1], inside[:, 0]]
    b = mixtures.labels[outside[:, 1], outside[:, 0]]
    beyond = _length(mixtures, outside, outwards, a, b)
    within = _length(mixtures, inside, -outwards, b, a)
    middle = 0.5 * (vertices + following)
    moved = middle + outwards * (beyond - within)[:, None]
    course = smoothed(vertices)
    reach = min(_DIRECTION_REACH, max(len(course) // 8, 1))
    direction = turned(course, reach) - turned(course, -reach)
    length = np.sqrt(np.square(direction).sum(axis=1))
    along = np.abs((direction * step).sum(axis=1)) >= _ALONG * length
    points = np.where(outline.shows[:, None], moved, course) - OVERRUN
    kept = along | ~outline.shows
    if kept.sum() < 4:
        kept = np.ones(len(points), bool)
    return Edge(points[kept], outline.shows[kept], outline.tolerances[kept])


def _length(
    mixtures: Mixtures, start: np.ndarray, step: np.ndarray, a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Return how far color a reaches from the side of a pixel into b, in pixels: [K].

    start: the pixels beyond the side, [K, 2]; step: away from it. The sum ends where a's share
    does, where it begins to grow again, or where the pixels have a third color.
    """
    height, width = mixtures.labels.shape
    limits = np.array([width - 1, height - 1])
    across = mixtures.colors[a] - mixtures.colors[b]
    square = np.maximum(np.square(across).sum(axis=1), 1e-6)
    least = np.maximum(_LEAST_SHARE, 1.5 * mixtures.noise / np.sqrt(square))
    length = np.zeros(len(start))
    open_, before = np.ones(len(start), bool), np.full(len(start), 1.0)
    for distance in range(_DEPTH):
        x, y = np.clip(start + distance * step, 0, limits).T
        label = mixtures.labels[y, x]
        value = mixtures.values[y, x] - mixtures.colors[b]
        share = np.clip((value * across).sum(axis=1) / square, 0.0, 1.0)
        open_ &= (label == a) | (label == b)
        if distance > 0:
            open_ &= share <= before
        share = np.where(share < least, 0.0, share)
        length += np.where(open_, share, 0.0)
        open_ &= share > 0.0
        before = share
    return length
