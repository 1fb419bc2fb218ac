# SPDX-License-Identifier: GPL-3.0-or-later
"""The areas of a flat picture, how they lie on each other, and which make one path.

Large areas lie under small ones and reach beneath them (core/tracing/layering.py). An area has
to be painted before all areas that show on top of it; areas of one color with nothing to be
painted between them may be one compound path.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..segmentation.regions import connected_components
from ..tracing.contours import cracks, interior
from ..tracing.layering import OVERRUN, Box, Outline, cut, stack
from .sharing import joined_beneath, reach_to_shared

# Tolerance of the layering where an outline shows: it only says what counts as hidden.
_SHOWN_TOLERANCE = 0.2

_PADDING = ((OVERRUN, OVERRUN), (OVERRUN, OVERRUN))


class Area(NamedTuple):
    """A connected area of one color.

    color: its number in the palette. outlines: of the shape to paint. above: the areas that show
    on top of that shape, by their numbers. size: pixels that show. covers: whether the shape is
    the whole canvas.
    """

    color: int
    outlines: list[Outline]
    above: np.ndarray
    size: int
    covers: bool


def find_areas(
    labels: np.ndarray,
    clear: np.ndarray,
    opacity: np.ndarray,
    beneath: np.ndarray | None = None,
) -> tuple[list[Area], np.ndarray]:
    """All areas in painting order, and the number of the one each pixel shows, -1 for none.

    labels: int32 [H, W], colors of the palette. clear: bool [N], the colors that are not drawn.
    opacity: uint8 [N], of the colors; no area reaches beneath a transparent one. beneath: bool
    [N, H, W], pixels of edges at which each color ends beneath another (`Shared`), None for none.
    """
    regions = _join_ground(connected_components(np.where(clear[labels], -1, labels)), labels)
    if beneath is not None:
        regions = joined_beneath(regions, labels, beneath)
    if regions.max(initial=-1) < 0:
        return [], regions
    numbers, boxes, layers = stack(np.pad(regions, _PADDING, constant_values=-1))
    shown = layers[OVERRUN:-OVERRUN, OVERRUN:-OVERRUN]
    sizes = np.bincount(shown[shown >= 0], minlength=len(numbers))
    _, first = np.unique(shown, return_index=True)
    first = first[-len(numbers) :]  # without the one of -1
    colors = labels.ravel()[first]
    see_through = np.append(opacity[colors] < 255, False)  # the last is for the outside
    is_full = bool(shown.min() >= 0) and not see_through.any()
    areas = []
    for layer, region in enumerate(numbers.tolist()):
        color, size = int(colors[layer]), int(sizes[layer])
        if layer == 0 and is_full:
            areas.append(Area(color, [], np.arange(1, len(numbers)), size, True))
            continue
        allowed = np.full(layer + 1, _SHOWN_TOLERANCE)
        box, least = boxes[region], None
        if beneath is not None and beneath[color].any():
            edge = np.pad(beneath[color], _PADDING)
            least = reach_to_shared(layers, layer, edge)
            box = Box.around(least)
        outlines = cut(layers, layer, box, allowed, see_through, least)
        above = np.unique(layers[_painted(outlines, layers.shape)])
        areas.append(Area(color, outlines, above[above > layer], size, False))
    return areas, shown


def area_of(labels: np.ndarray, color: int) -> Area:
    """Return all pixels of one color, of labels int32 [H, W], as one area, with all its holes."""
    mask = labels == color
    corner = np.full(2, -OVERRUN)
    outlines = []
    for vertices in cracks(np.pad(mask, _PADDING)):
        tolerances = np.full(len(vertices), _SHOWN_TOLERANCE)
        outlines.append(Outline(vertices, corner, tolerances, np.ones(len(vertices), bool)))
    return Area(color, outlines, np.empty(0, int), int(mask.sum()), False)


def _join_ground(regions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Unite the regions that are parts of one ground.

    The ground is the color that has most of the canvas' border, where all of it is drawn; its
    parts that touch the border are one area behind all others, though shapes part them.
    """
    if regions.min() < 0:
        return regions
    border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    colors = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    ground = np.unique(border[colors == np.bincount(colors).argmax()])
    if len(ground) < 2:
        return regions
    return np.where(np.isin(regions, ground), ground[0], regions).astype(np.int32)


def _painted(outlines: list[Outline], shape: tuple[int, ...]) -> np.ndarray:
    """Return the pixels within outlines, bool [H, W] of the padded canvas."""
    painted = np.zeros(shape, bool)
    for outline in outlines:
        vertices = outline.vertices + outline.corner + OVERRUN
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        inner = interior(vertices - low, (int(high[1] - low[1]), int(high[0] - low[0])))
        painted[low[1] : high[1], low[0] : high[0]] ^= inner
    return painted


def group_by_color(areas: list[Area]) -> list[list[int]]:
    """Areas of one color taken together where the painting order allows it, lowest first."""
    waiting = np.zeros(len(areas), int)  # areas below that are not painted yet
    for area in areas:
        waiting[area.above] += 1
    left = dict.fromkeys(range(len(areas)))
    remaining: dict[int, int] = {}
    for area in areas:
        remaining[area.color] = remaining.get(area.color, 0) + 1
    groups = []
    while left:
        ready: dict[int, list[int]] = {}
        for number in left:
            if waiting[number] == 0:
                ready.setdefault(areas[number].color, []).append(number)
        color = max(ready, key=lambda c: (len(ready[c]) / remaining[c], -ready[c][0]))
        group = ready[color]
        if areas[group[0]].covers:
            group = group[:1]
        groups.append(group)
        remaining[color] -= len(group)
        for number in group:
            del left[number]
            waiting[areas[number].above] -= 1
    return groups


def merge_least(
    labels: np.ndarray,
    shown: np.ndarray,
    areas: list[Area],
    groups: list[list[int]],
    colors: np.ndarray,
    count: int,
) -> np.ndarray:
    """Return the labels with the `count` groups that are missed least given to areas around them.

    colors: float [N, 4], premultiplied. What a group is worth is its size times the squared
    difference from the color of the neighbor that it would be given to. Fewer are merged where
    groups touch: what one is worth changes with its neighbor, and is to be found out anew.
    """
    lengths = _border_lengths(shown, len(areas))
    targets, worths = [], []
    for group in groups:
        worth, target = 0.0, []
        for number in group:
            borders = lengths[number].copy()
            borders[group] = 0
            neighbor = int(borders.argmax())
            own = colors[areas[number].color]
            other = colors[areas[neighbor].color] if neighbor < len(areas) else 0.0
            worth += areas[number].size * float(np.square(own - other).sum())
            target.append(neighbor)
            if not borders[neighbor] or areas[number].covers:
                worth = np.inf
        targets.append(target)
        worths.append(worth)
    merged, left = labels.copy(), count
    taken: set[int] = set()
    for place in np.argsort(worths, kind="stable"):
        if left == 0 or not np.isfinite(worths[place]):
            break
        if taken & {*targets[place], *groups[place]}:
            if 2 * left > count:
                continue  # there are others to merge that are surely among the least
            break  # what comes next is worth more: first see what this one is worth now
        for number, neighbor in zip(groups[place], targets[place], strict=True):
            beside = shown == neighbor if neighbor < len(areas) else shown == -1
            merged[shown == number] = labels[beside][0]
        taken |= {*targets[place], *groups[place]}
        left -= 1
    return merged


def _border_lengths(shown: np.ndarray, count: int) -> np.ndarray:
    """Pixel sides between each two areas; the last row and column are for what is clear."""
    numbers = np.where(shown < 0, count, shown)
    lengths = np.zeros((count + 1, count + 1), int)
    for one, other in ((numbers[:, 1:], numbers[:, :-1]), (numbers[1:], numbers[:-1])):
        differ = one != other
        np.add.at(lengths, (one[differ], other[differ]), 1)
        np.add.at(lengths, (other[differ], one[differ]), 1)
    return lengths
