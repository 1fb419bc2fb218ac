# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to the colors of a flat picture that users ask for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..segmentation.regions import connected_components
from ..srgb import decode
from .palette import Palette, reduced_to
from .similar import merged_similar

# Differences of a channel, of 255, up to which a color is the one to be left out.
_SAME = 12


class ColorOptions(NamedTuple):
    """Colors that a drawing is to have.

    most: colors at most, 0 for any number. given: uint8 [N, 3], or None for those of the picture.
    leave_out: "", "background", or a color to leave out as three numbers. merge: distance up to
    which colors become one (`similar.py`), before the other options.
    """

    most: int = 0
    given: np.ndarray | None = None
    leave_out: str | tuple[int, int, int] = ""
    merge: float = 0.0


UNCHANGED = ColorOptions()


class Recolored(NamedTuple):
    """Labels and palette to draw with, and the palette's colors that are not drawn: bool [N]."""

    labels: np.ndarray
    palette: Palette
    clear: np.ndarray


def recolored(labels: np.ndarray, palette: Palette, options: ColorOptions) -> Recolored:
    """Apply the options to a labeled picture, labels int32 [H, W]."""
    colors, clear = palette.colors.copy(), palette.colors[:, 3] == 0
    counts = np.bincount(labels.ravel(), minlength=len(colors))
    if isinstance(options.leave_out, tuple):
        apart = np.abs(colors[:, :3].astype(int) - options.leave_out).max(axis=1)
        clear |= (apart == apart.min()) & (apart <= _SAME)
    if options.merge:
        labels, colors = _with_similar_merged(labels, colors, clear, options.merge)
        counts = np.bincount(labels.ravel(), minlength=len(colors))
    if options.most:
        mapping = reduced_to(colors, np.where(clear, 0, counts), options.most)
        labels = mapping.astype(np.int32)[labels]
    if options.given is not None:
        nearest = nearest_colors(colors[:, :3], options.given)
        used = ~clear
        colors[used, :3] = options.given[nearest[used]]
        _, first, same = np.unique(colors, axis=0, return_index=True, return_inverse=True)
        labels = np.where(clear[labels], labels, first[same.ravel()][labels]).astype(np.int32)
    if options.leave_out == "background":
        labels, colors, clear = _without_background(labels, colors, clear)
    return Recolored(labels, palette._replace(colors=colors), clear)


def _with_similar_merged(
    labels: np.ndarray, colors: np.ndarray, clear: np.ndarray, distance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and colors with similar colors as one: their mean by area."""
    counts = np.bincount(labels.ravel(), minlength=len(colors))
    drawn = np.flatnonzero(~clear & (counts > 0))
    owner, means = merged_similar(colors[drawn] / 255.0, counts[drawn], distance)
    merged, mapping = colors.copy(), np.arange(len(colors))
    merged[drawn] = np.rint(means * 255.0)
    mapping[drawn] = drawn[owner]
    return mapping.astype(np.int32)[labels], merged


def nearest_colors(colors: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return the given color, uint8 [N, 3], that looks most like each color [M, 3]: int [M]."""
    distances = np.square(_lab(colors)[:, None] - _lab(given)[None]).sum(axis=2)
    return distances.argmin(axis=1)


def _lab(colors: np.ndarray) -> np.ndarray:
    """Return colors uint8 [N, 3] in CIE Lab (D65): [N, 3]."""
    linear = decode(colors.astype(np.float64) / 255.0)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ matrix.T / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16.0 / 116.0)
    x, y, z = f.T
    return np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=1)


def _without_background(
    labels: np.ndarray, colors: np.ndarray, clear: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the border's most frequent color, where it is connected to the border, a clear copy."""
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    ground = int(np.bincount(border).argmax())
    regions = connected_components(labels)
    at_border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    background = np.isin(regions, at_border[border == ground])
    labels = np.where(background, len(colors), labels).astype(np.int32)
    return labels, np.concatenate([colors, colors[ground : ground + 1]]), np.append(clear, True)
