# SPDX-License-Identifier: GPL-3.0-or-later
"""Edges that shapes have in common, and how far the lower shapes reach there.

Viewers cover a pixel with one shape after the other. Where shapes of colors A and B end at one edge
above C, a pixel is t·A + (1 − t)·(t·B + (1 − t)·C) rather than t·A + (1 − t)·C. Such an edge comes
back as it was drawn if both shapes end there.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from ..segmentation.regions import connected_components
from ..tracing.layering import dilated
from .labels import best_nearby, nearby_labels
from .palette import Palette, premultiplied

# Squared error (of 255) from which on a pixel is no mixture of two colors; what each shape more has
# to take off it; and up to where shapes that end at one edge explain a pixel.
_INEXACT, _GAIN, _CLOSE = 12.0, 12.0, 24.0

# Pixels of an edge in common at least, for each of the picture's long side too, and as a fraction
# of those between its colors that are no mixture of two.
_FEWEST, _OF_SIDE, _FRACTION = 12, 0.08, 0.5

# Colors nearby that a pixel may be a mixture of; the most frequent ones that may lie beneath them;
# and how many of these, one beneath the other.
_NEARBY, _LOWER, _DEPTH = 3, 8, 2

# Shares of a pixel between which its color is taken for linear.
_SHARES = 17

# Steps from one pixel that tells of an edge in common to the next, on either side.
_GAP = 10


class Shared(NamedTuple):
    """Edges in common.

    simple: uint8 [H, W, 4], the picture as if each such edge were that of the upper shape alone.
    beneath: bool [N, H, W], the edges' pixels at which each color ends beneath another.
    """

    simple: np.ndarray
    beneath: np.ndarray


class _Pixels(NamedTuple):
    """Pixels that are no mixture of two colors.

    values: premultiplied [P, 4]. near: colors nearby, int [P, C], -1 for none. errors: squared,
    of the best mixture of two, [P].
    """

    values: np.ndarray
    near: np.ndarray
    errors: np.ndarray


class _Stack(NamedTuple):
    """Shapes that end at one edge.

    colors: their numbers, the upper one first, then the ground's. here: the pixels between the
    upper color and the ground; explained: those that the shapes explain, and their shares.
    """

    colors: tuple[int, ...]
    here: np.ndarray
    explained: np.ndarray
    shares: np.ndarray


def find_shared(pixels: np.ndarray, palette: Palette) -> Shared | None:
    """Find the edges that opaque shapes have in common; None where there are none.

    pixels: uint8 [H, W, 4], exact.
    """
    colors = premultiplied(palette.colors)
    rows, columns = np.nonzero(palette.numbers < 0)
    near = nearby_labels(palette.numbers, rows, columns)[:, :_NEARBY]
    values = premultiplied(pixels[rows, columns])
    errors = best_nearby(values, near, colors)[1]
    some = (errors > _INEXACT) & (near[:, 1] >= 0)
    rows, columns = rows[some], columns[some]
    opaque = np.flatnonzero(palette.colors[:, 3] == 255)[:_LOWER].tolist()
    fewest = max(_FEWEST, round(_OF_SIDE * max(pixels.shape[:2])))
    mixed = _Pixels(values[some], near[some], errors[some])
    stacks = _find_stacks(mixed, colors, opaque, fewest)
    if not stacks:
        return None
    simple = pixels.copy()
    beneath = np.zeros((len(colors), *palette.numbers.shape), bool)
    for stack in stacks:
        place = rows[stack.explained], columns[stack.explained]
        share = stack.shares[:, None]
        upper = share * colors[stack.colors[0]] + (1 - share) * colors[stack.colors[-1]]
        upper[:, :3] *= 255.0 / np.maximum(upper[:, 3:], 1e-3)
        simple[place] = np.rint(upper).clip(0, 255)
        for color in stack.colors[1:-1]:
            beneath[color][place] = True
    return Shared(simple, beneath)


def _find_stacks(
    pixels: _Pixels, colors: np.ndarray, opaque: list[int], fewest: int
) -> list[_Stack]:
    """Find the shapes that end at one edge: those of two first, with three where two of them do."""
    pairs = itertools.permutations(range(pixels.near.shape[1]), 2)
    every = np.concatenate([pixels.near[:, pair] for pair in pairs])
    edges, counts = np.unique(every, axis=0, return_counts=True)
    edges = edges[(counts >= fewest) & (edges >= 0).all(axis=1) & np.isin(edges[:, 0], opaque)]
    left = np.ones(len(pixels.values), bool)
    lower: list[tuple[int, ...]] = [
        (color, ground) for color in opaque for ground in edges[:, 1].tolist()
    ]
    found: list[_Stack] = []
    for depth in range(1, _DEPTH + 1):
        tried = []
        for upper, ground in edges.tolist():
            for below in dict.fromkeys(lower):
                if below[-1] == ground and upper not in below and ground not in below[:-1]:
                    tried.append(_explained(pixels, colors, (upper, *below)))
        frequent = _most_frequent(tried, left, fewest)
        lower = [stack.colors for stack in frequent if len(stack.colors) == depth + 2]
        found += frequent
    return found


def _explained(pixels: _Pixels, colors: np.ndarray, stack: tuple[int, ...]) -> _Stack:
    """Find the pixels that shapes with one edge explain better than a mixture of two colors."""
    is_near = [(pixels.near == color).any(axis=1) for color in (stack[0], stack[-1])]
    here = np.flatnonzero(is_near[0] & is_near[1])
    errors, shares = _nearest(pixels.values[here], colors[list(stack)])
    price = _GAIN * (len(stack) - 2)
    good = (errors < _CLOSE) & (errors + price < pixels.errors[here])
    return _Stack(stack, here, here[good], shares[good])


def _nearest(values: np.ndarray, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least squared error [P] of shapes that cover the share t, and that t.

    values: [P, 4]. colors: [K, 4], of the shapes from the upper one on, and of the ground.
    """
    tried = np.linspace(0.0, 1.0, _SHARES)[:, None]
    shown = np.repeat(colors[-1:], _SHARES, axis=0).astype(np.float64)
    for color in colors[-2::-1]:
        shown = tried * color + (1 - tried) * shown
    step = np.diff(shown, axis=0)
    off = values[:, None] - shown[:-1]  # [P, _SHARES - 1, 4]
    along = (off * step).sum(axis=2) / np.maximum(np.square(step).sum(axis=1), 1e-9)
    along = along.clip(0.0, 1.0)
    errors = np.square(off - along[..., None] * step).sum(axis=2)
    best = errors.argmin(axis=1)
    place = (np.arange(len(values)), best)
    return errors[place], (best + along[place]) / (_SHARES - 1)


def _most_frequent(tried: list[_Stack], left: np.ndarray, fewest: int) -> list[_Stack]:
    """Give each pixel to the stack that explains most of those that are left: bool [P], in place.

    Three colors explain few pixels by chance, and most of those along an edge in common.
    """
    found = []
    while tried:
        counts = [int(left[stack.explained].sum()) for stack in tried]
        stack = tried.pop(int(np.argmax(counts)))
        kept = left[stack.explained]
        if kept.sum() < max(fewest, _FRACTION * left[stack.here].sum()):
            continue
        explained = stack.explained[kept]
        found.append(stack._replace(explained=explained, shares=stack.shares[kept]))
        left[explained] = False
    return found


def joined_beneath(regions: np.ndarray, labels: np.ndarray, beneath: np.ndarray) -> np.ndarray:
    """Unite regions of one color that reach to an edge in common beneath the same upper region.

    regions, labels: int32 [H, W]. beneath: bool [N, H, W] of `Shared`.
    """
    names = np.arange(regions.max(initial=-1) + 1)
    for color in np.flatnonzero(beneath.any(axis=(1, 2))):
        own = (labels == color) & (regions >= 0)
        for upper in np.unique(regions[dilated(beneath[color]) & ~own & (regions >= 0)]):
            touched = names[np.unique(regions[own & dilated(regions == upper)])]
            names[np.isin(names, touched)] = touched.min(initial=len(names))
    return np.where(regions >= 0, names[regions], -1).astype(np.int32)


def reach_to_shared(layers: np.ndarray, layer: int, edge: np.ndarray) -> np.ndarray:
    """Return what a layer covers, down to the edges that it has in common with upper ones.

    layers: int [H, W], -1 outside. edge: bool [H, W], pixels of edges at which the layer's color
    ends beneath another. Returns bool [H, W].
    """
    own, beside = layers == layer, dilated(edge)
    upper = np.unique(layers[beside & (layers > layer)])
    nearby = beside
    for _ in range(_GAP):
        nearby = dilated(nearby)
    shown = dilated(dilated((layers < layer) & ~nearby))
    whole = own | (np.isin(layers, upper) & ~shown)
    parts = connected_components(np.where(whole, 0, -1))
    return whole & np.isin(parts, np.unique(parts[own]))
