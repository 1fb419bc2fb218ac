# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of an image and of its drawing that is worked on, enlarged as far as pixels allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..bezier import bounds
from ..drawing import Drawing, Path, pack
from ..image import Image, resize
from ..refinement.optimization import OVERRUN
from ..rendering.native import render

# Surroundings of a region that are worked on as well: a share of its long side, and pixels.
_MARGIN_SHARE, _MARGIN = 0.25, 16

_BLACK, _WHITE = (0.0, 0.0, 0.0), np.ones(4, np.float32)


@dataclass(frozen=True)
class Window:
    """A rectangle of the image at working size, and the drawing's coordinates in it.

    work: the image in the rectangle. inside: bool [H, W], the region of it to change.
    factor, offset: float64 [2]; a point of the drawing is at factor·point − offset.
    is_whole: whether the rectangle is all of the image. pixel: float64 [2], pixels of the whole
    image per unit of the drawing.
    """

    work: Image
    inside: np.ndarray
    factor: np.ndarray
    offset: np.ndarray
    is_whole: bool
    pixel: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """Width and height in working pixels: float64 [2]."""
        return np.array([self.work.width, self.work.height], np.float64)

    def enter(self, path: Path) -> Path:
        """Return a path of the drawing in working pixels."""
        return placed(path, self.factor, -self.offset)

    def leave(self, path: Path) -> Path:
        """Return a path in working pixels in the coordinates of the drawing."""
        return placed(path, 1 / self.factor, self.offset / self.factor)

    def shows(self, path: Path) -> bool:
        """Return whether a path in working pixels reaches into the rectangle."""
        if not path.nodes:
            return False
        least, most = bounds(path.subpaths)
        return bool((least < self.size).all() and (most > 0).all())

    def holds(self, path: Path) -> bool:
        """Return whether a path can change without changing anything beyond the rectangle.

        It lies within it, and reaches into the region.
        """
        if self.is_whole:
            return True
        least, most = bounds(path.subpaths)
        if (least < -OVERRUN).any() or (most > self.size + OVERRUN).any():
            return False
        left, top = np.floor(np.maximum(least, 0)).astype(int)
        right, bottom = np.ceil(most).astype(int)
        return bool(self.inside[top:bottom, left:right].any())


def window_of(drawing: Drawing, image: Image, region: np.ndarray | None, resolution: int) -> Window:
    """Return the window around a region, bool [H, W] of the image's size; None for all of it.

    Its long side has at most `resolution` pixels.
    """
    pixel = np.array([image.width / drawing.width, image.height / drawing.height])
    rows, columns = slice(0, image.height), slice(0, image.width)
    if region is not None:
        rows, columns = _around(region)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    is_whole = (height, width) == (image.height, image.width)
    part = image if is_whole else Image(
        image.rgb[rows, columns], None if image.alpha is None else image.alpha[rows, columns]
    )  # fmt: skip
    work = resize(part, resolution)
    scale = np.array([work.width / width, work.height / height])
    inside = np.ones((work.height, work.width), bool)
    if region is not None:
        shown = Image(np.repeat(region[rows, columns, None], 3, axis=2).astype(np.float32))
        inside = resize(shown, resolution).rgb[..., 0] >= 0.5
    offset = np.array([columns.start, rows.start]) * scale
    return Window(work, inside, pixel * scale, offset, is_whole, pixel)


def _around(region: np.ndarray) -> tuple[slice, slice]:
    """Return rows and columns of a region with its surroundings."""
    slices = []
    spans = [np.flatnonzero(region.any(axis=axis))[[0, -1]] for axis in (1, 0)]
    long_side = max(last - first + 1 for first, last in spans)
    margin = max(_MARGIN, round(_MARGIN_SHARE * long_side))
    for (first, last), size in zip(spans, region.shape, strict=True):
        slices.append(slice(max(0, int(first) - margin), min(size, int(last) + 1 + margin)))
    return slices[0], slices[1]


def placed(path: Path, factor: np.ndarray, offset: np.ndarray) -> Path:
    """Return a path at factor·point + offset; factor, offset: float64 [2], for x and y."""
    matrix = np.column_stack([np.diag(factor), offset])
    moved = [(points * factor + offset).astype(np.float32) for points in path.subpaths]
    return replace(path, subpaths=moved, ramp=path.ramp and path.ramp.placed(matrix))


def topmost(paths: Sequence[Path], width: int, height: int) -> np.ndarray:
    """Return the index of the highest path at each pixel: int32 [H, W], -1 without any."""
    labels = np.full((height, width), -1, np.int32)
    limits = np.array([width, height])
    for index, path in enumerate(paths):
        least, most = bounds(path.subpaths)
        left, top = np.clip(np.floor(least), 0, limits).astype(int)
        right, bottom = np.clip(np.ceil(most), 0, limits).astype(int)
        if right > left and bottom > top:
            outline = placed(path, np.ones(2), np.array([-left, -top], np.float64))
            scene = pack([replace(outline, fill=_WHITE, ramp=None)])
            covered = render(scene, right - left, bottom - top, _BLACK)[..., 0] > 0.5
            labels[top:bottom, left:right][covered] = index
    return labels
