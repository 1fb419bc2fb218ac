# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures without flat colors of which a color, or the background, is left out."""

from __future__ import annotations

import numpy as np

from ..segmentation.regions import connected_components
from .photo_palette import oklab, photo_palette

# Distances in OKLab up to which a pixel has the color to be left out: noise and compression; of
# the background, uneven light as well, as it also has to be connected to the border.
_SAME_COLOR, _SAME_BACKGROUND = 0.05, 0.1

# Specks of fewer pixels belong to what is around them.
_SMALLEST = 8

# Outermost pixels of each side that say nothing of the background: scans often have lines there.
_FRAME = 2

# Colors that those along the border are summed up in, to find the most frequent one.
_BORDER_COLORS = 6


def find_left_out(
    rgb: np.ndarray, alpha: np.ndarray, leave_out: str | tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels to leave out, bool [H, W], and their color, float [3].

    rgb: [H, W, 3]; alpha: [H, W]; leave_out: "background", or a color of 0 to 255.
    """
    if leave_out == "background":
        inner = rgb.shape[0] > 4 * _FRAME and rgb.shape[1] > 4 * _FRAME
        part = (slice(_FRAME, -_FRAME),) * 2 if inner else (slice(None),) * 2
        color = _border_color(rgb[part], alpha[part])
        same = _distance(rgb[part], color) <= _SAME_BACKGROUND
        background = _without_specks(_at_border(_without_specks(same)))
        return np.pad(background, _FRAME if inner else 0, mode="edge"), color
    color = np.array(leave_out, np.float64) / 255.0
    return _without_specks(_distance(rgb, color) <= _SAME_COLOR), color


def cleared(
    rgb: np.ndarray, alpha: np.ndarray, left_out: np.ndarray, color: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return colors and opacity of a picture of which some pixels are left out.

    Pixels beside them are taken for mixtures of their color with the mean of what lies further
    inside, and get that color and their share of it: no rim of the old background is left.
    """
    beside = _any_nearby(left_out) & ~left_out
    inner = (~left_out & ~beside & (alpha > 0)).astype(np.float64)
    near = _sum_nearby(inner)
    total = np.stack([_sum_nearby(inner * rgb[..., c]) for c in range(3)], axis=2)
    mean = total / np.maximum(near, 1.0)[..., None]
    apart = mean - color
    square = np.square(apart).sum(axis=2)
    share = ((rgb - color) * apart).sum(axis=2) / np.maximum(square, 1e-9)
    mixed = beside & (near > 0) & (square > 1e-9)
    colors = np.where(mixed[..., None], mean, rgb).astype(np.float32)
    opacity = np.where(mixed, alpha * share.clip(0.0, 1.0), alpha)
    return colors, np.where(left_out, 0.0, opacity).astype(np.float32)


def _border_color(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return the color that most of the visible border has; else that of all pixels: [3]."""
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    weight = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    if not weight.any():
        border, weight = rgb.reshape(-1, 3), alpha.ravel()
    colors = photo_palette(border[None], weight[None], _BORDER_COLORS) / 255.0
    distances = np.linalg.norm(oklab(border)[:, None] - oklab(colors)[None], axis=2)
    counts = np.bincount(distances.argmin(axis=1), weight, len(colors))
    return colors[counts.argmax()]


def _distance(rgb: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Return the distance of each pixel from a color in OKLab: [H, W]."""
    return np.linalg.norm(oklab(rgb) - oklab(color), axis=2)


def _without_specks(mask: np.ndarray) -> np.ndarray:
    """Return a mask bool [H, W] whose specks, of both values, are like what is around them."""
    for value in (True, False):
        regions = connected_components(np.where(mask == value, 0, -1))
        sizes = np.bincount(regions[regions >= 0], minlength=1)
        if sizes.max() >= _SMALLEST:
            specks = (regions >= 0) & (sizes[regions] < _SMALLEST)
            mask = mask ^ specks
    return mask


def _at_border(mask: np.ndarray) -> np.ndarray:
    """Return the parts of a mask bool [H, W] that are connected to the border."""
    regions = connected_components(np.where(mask, 0, -1))
    border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    return mask & np.isin(regions, border[border >= 0])


def _sum_nearby(values: np.ndarray) -> np.ndarray:
    """Return the sum over each pixel's square of 5 x 5 pixels: [H, W]."""
    height, width = values.shape
    padded = np.pad(values, 2)
    rows = np.sum([padded[i : i + height] for i in range(5)], axis=0)
    return np.sum([rows[:, i : i + width] for i in range(5)], axis=0)


def _any_nearby(mask: np.ndarray) -> np.ndarray:
    """Return the pixels that are in a mask bool [H, W], or have a neighbor in it."""
    height, width = mask.shape
    padded = np.pad(mask, 1)
    rows = np.any([padded[i : i + height] for i in range(3)], axis=0)
    return np.any([rows[:, i : i + width] for i in range(3)], axis=0)
