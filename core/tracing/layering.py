# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions of a partition as shapes that lie on each other like cut paper.

Large shapes lie under small ones. An outline therefore has to be exact only where the neighbor
lies lower; where it lies higher, a shape reaches a few pixels beneath it, by a simpler
hidden outline. That leaves no gaps, needs no holes, and takes fewer nodes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from ..bezier import polygon_area, rectangle
from ..drawing import Path
from ..native.library import thread_count
from .contours import cracks, interior, outside_pixels, smoothed
from .fitting import fit_outlines

# Shapes overrun the canvas by so many pixels.
OVERRUN = 2

# Pixels that a shape reaches beneath the shapes above it: what to try, most first; and
# how far to look for lower shapes from there.
_REACHES = (6, 2, 0)
_SIGHT = 6

# Tolerances of an outline where it is hidden, as a share of the reach, and off the canvas.
_HIDDEN_TOLERANCE = 0.65
_OVERRUN_TOLERANCE = 1.0

# Colors this far apart (in RGB, white is 1.7 from black) make a border that has to be exact.
# Where a border is fainter its tolerance is larger, up to twice.
_CLEAR_CONTRAST, _FAINTNESS = 0.6, 2.0


def trace(
    labels: np.ndarray,
    image: np.ndarray,
    tolerance: float = 1.0,
    maximum_segments: int | None = None,
    threads: int = 1,
    opacities: np.ndarray | None = None,
) -> list[Path]:
    """One structural path a region, in painting order, filled with the region's mean color.

    labels: int [H, W], a partition into 4-connected regions; -1 is outside of the drawing.
    image: float [H, W, 3] in [0, 1]. tolerance: largest distance in pixels between a path
    and its region where the border shows, up to twice that where it is faint.
    maximum_segments: of a path, at least 4 for each of its outlines; holds at the price of
    tolerance. Without an outside, the lowest path is a rectangle that covers the canvas.
    threads: 0 uses all processors; the result doesn't depend on it.
    opacities: float [N] of the regions' fills, None for 1; no shape reaches beneath a transparent
    one.
    Raises ValueError for shapes that don't match, or a tolerance that is not positive.
    """
    labels, image = np.asarray(labels), np.asarray(image)
    if labels.ndim != 2 or image.shape != (*labels.shape, 3):
        raise ValueError(f"Labels {labels.shape} and image {image.shape} don't match.")
    if not tolerance > 0:
        raise ValueError(f"The tolerance is {tolerance}; it must be positive.")
    height, width = labels.shape
    regions, boxes, layers = stack(np.pad(labels, OVERRUN, mode="edge"))
    colors = _mean_colors(labels, image)
    opacities = np.ones(len(colors)) if opacities is None else opacities
    see_through = np.append(opacities[regions] < 1, False)  # the last is for the outside

    def path(layer: int) -> Path:
        region = int(regions[layer])
        if layer == 0 and layers.min() >= 0 and not see_through[1:].any():
            far = OVERRUN
            subpaths = [rectangle(-far, -far, width + far, height + far)]
        else:
            allowed = tolerance * _faintness(colors[regions], layer)
            outlines = cut(layers, layer, boxes[region], allowed, see_through)
            subpaths = fit_outlines(
                [smoothed(outline.vertices) + outline.corner for outline in outlines],
                [outline.tolerances for outline in outlines],
                maximum_segments,
            )
        fill = np.append(colors[region], opacities[region]).astype(np.float32)
        return Path(subpaths, fill, region=region)

    # Fitting takes most of the time, and does so in native code, where threads run freely.
    with ThreadPoolExecutor(thread_count(threads)) as pool:
        return list(pool.map(path, range(len(regions))))


class Box(NamedTuple):
    """Rows top to bottom - 1, columns left to right - 1."""

    top: int
    bottom: int
    left: int
    right: int

    @staticmethod
    def around(mask: np.ndarray) -> Box:
        """Return the box around the pixels of a mask, bool [H, W], that has some."""
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)

    def grown(self, by: int, shape: tuple[int, ...]) -> Box:
        return Box(
            max(self.top - by, 0),
            min(self.bottom + by, shape[0]),
            max(self.left - by, 0),
            min(self.right + by, shape[1]),
        )

    def crop(self, pixels: np.ndarray) -> np.ndarray:
        return pixels[self.top : self.bottom, self.left : self.right]


class Outline(NamedTuple):
    """One outline of a shape to paint, along the sides of pixels.

    vertices: int [K, 2], as of `cracks`. corner: int [2], what to add for pixels of the canvas.
    tolerances: [K], pixels, of each side. shows: bool [K], whether the side lies on a lower
    layer, so that it is seen.
    """

    vertices: np.ndarray
    corner: np.ndarray
    tolerances: np.ndarray
    shows: np.ndarray


def stack(labels: np.ndarray) -> tuple[np.ndarray, dict[int, Box], np.ndarray]:
    """Regions in painting order, their boxes, and the labels renumbered in that order.

    By the area within the outer outline: what lies inside another region comes later.
    """
    boxes = _boxes(labels)
    regions = np.array(sorted(boxes), np.int64)
    areas = [_outer_area(boxes[region].crop(labels) == region) for region in regions.tolist()]
    regions = regions[np.argsort(-np.array(areas), kind="stable")]
    layer_of = np.full(int(labels.max(initial=-1)) + 2, -1, np.int32)  # the last is for -1
    layer_of[regions] = np.arange(len(regions))
    return regions, boxes, layer_of[labels]


def _outer_area(mask: np.ndarray) -> float:
    return -min(polygon_area(vertices) for vertices in cracks(mask))


def _boxes(labels: np.ndarray) -> dict[int, Box]:
    """Return the bounding box of every region that has pixels."""
    rows, columns = np.nonzero(labels >= 0)
    regions = labels[rows, columns]
    count = int(labels.max(initial=-1)) + 1
    in_row = np.zeros((count, labels.shape[0]), bool)
    in_column = np.zeros((count, labels.shape[1]), bool)
    in_row[regions, rows] = True
    in_column[regions, columns] = True
    tops, lefts = in_row.argmax(axis=1), in_column.argmax(axis=1)
    bottoms = labels.shape[0] - in_row[:, ::-1].argmax(axis=1)
    rights = labels.shape[1] - in_column[:, ::-1].argmax(axis=1)
    return {
        region: Box(*(int(side[region]) for side in (tops, bottoms, lefts, rights)))
        for region in np.flatnonzero(in_row.any(axis=1)).tolist()
    }


def _mean_colors(labels: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Mean color of each region: float64 [N, 3]."""
    inside = labels >= 0
    regions = labels[inside]
    counts = np.maximum(np.bincount(regions), 1)
    sums = [np.bincount(regions, image[..., channel][inside]) for channel in range(3)]
    return np.clip(np.stack(sums, axis=1) / counts[:, None], 0.0, 1.0)


def _faintness(colors: np.ndarray, layer: int) -> np.ndarray:
    """Factor on the tolerance of the border between a layer and each lower one: [layer + 1].

    colors: [N, 3], of all layers. The last factor is for the outside of the drawing.
    """
    contrast = np.sqrt(np.sum((colors[:layer] - colors[layer]) ** 2, axis=1))
    factors = np.clip(_CLEAR_CONTRAST / np.maximum(contrast, 1e-9), 1.0, _FAINTNESS)
    return np.append(factors, 1.0)


def cut(
    layers: np.ndarray,
    layer: int,
    box: Box,
    allowed: np.ndarray,
    see_through: np.ndarray | None = None,
    least: np.ndarray | None = None,
) -> list[Outline]:
    """Return the shape to paint for one layer of a padded stack.

    allowed: tolerance towards each lower layer, and towards the outside: [layer + 1].
    see_through: bool [N + 1], the layers beneath which nothing may reach; None for none.
    least: bool [H, W], what the shape covers in any case, within the box; None for what shows.
    """
    for reach in _REACHES:
        around = box.grown(reach + _SIGHT, layers.shape)
        crop = around.crop(layers)
        if see_through is not None:
            crop = np.where((crop > layer) & see_through[crop], -1, crop)
        lower = crop < layer
        free = (crop > layer) & ~dilated(dilated(lower))
        mask = spread(crop == layer if least is None else around.crop(least), free, reach)
        outlines, encloses_lower = _without_holes(cracks(mask), crop, layer)
        if not encloses_lower:
            break
    hidden = np.minimum(0.7 * _distance(lower), _HIDDEN_TOLERANCE * reach)
    hidden = np.maximum(hidden, allowed.min())
    beyond = np.where(lower, allowed[np.where(lower, crop, -1)], hidden)
    beyond = np.pad(beyond, 1, constant_values=_OVERRUN_TOLERANCE)
    lower = np.pad(lower, 1)
    corner = np.array([around.left, around.top]) - OVERRUN
    found = []
    for vertices in outlines:
        columns, rows = outside_pixels(vertices).T + 1
        found.append(Outline(vertices, corner, beyond[rows, columns], lower[rows, columns]))
    return found


def _without_holes(
    outlines: list[np.ndarray], crop: np.ndarray, layer: int
) -> tuple[list[np.ndarray], bool]:
    """Outlines less the holes that can be painted over; whether those would hide lower layers.

    What is outside of the drawing must stay free, so holes around it are kept.
    """
    kept, encloses_lower = [], False
    for vertices in outlines:
        is_hole = polygon_area(vertices) > 0
        within = crop[interior(vertices, crop.shape)] if is_hole else np.array([-1])
        if within.min() < 0:
            kept.append(vertices)
        elif within.min() < layer:
            encloses_lower = True
    return kept, encloses_lower


def spread(mask: np.ndarray, free: np.ndarray, steps: int) -> np.ndarray:
    """Grow the mask through `free` by about `steps` pixels (an octagon), still connected."""
    allowed = mask | free
    for step in range(steps):
        across = _grown(mask, 1) & allowed
        mask = (across | _grown(mask if step % 2 else across, 0)) & allowed
    return mask


def dilated(mask: np.ndarray) -> np.ndarray:
    """Return the mask and all pixels that touch it, diagonally too."""
    return _grown(_grown(mask, 0), 1)


def _grown(mask: np.ndarray, axis: int) -> np.ndarray:
    """Return the mask and its neighbors along one axis."""
    grown = mask.copy()
    target, source = (grown, mask) if axis == 0 else (grown.T, mask.T)
    target[1:] |= source[:-1]
    target[:-1] |= source[1:]
    return grown


def _distance(mask: np.ndarray) -> np.ndarray:
    """Return each pixel's steps to the mask, diagonal ones too, up to a limit: int [H, W]."""
    distance = np.zeros(mask.shape, np.int8)
    for _ in range(_SIGHT):
        distance += ~mask
        mask = dilated(mask)
    return distance
