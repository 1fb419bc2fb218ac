# SPDX-License-Identifier: GPL-3.0-or-later
"""The flat colors of a picture, and the pixels that have them.

A flat color is one that fills blocks of 2 x 2 pixels or more; all other pixels are taken for
mixtures along edges. Compression noise is told from true colors by its pattern: a true color
is more frequent than everything close to it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# Pixels that a color must fill in blocks to be one; as a share of the picture where it is large.
_FEWEST_PIXELS, _SMALLEST_SHARE = 4, 1e-5

# Colors of a palette at most: beyond, shades are taken together.
MOST_COLORS = 96

# Channels of noise differ from a true color by so much of 255; and the share of the colors in
# blocks that has to lie close to more frequent ones to be called noise.
_NOISE_REACH, _CLOSE = 14, 8
_NOISE_SHARE, _NOISE_COLORS = 0.6, 16

# Ripples that compression leaves beside edges differ from the true color by so much of 255, and
# less than this share of their pixels lies 2 pixels within them.
_ECHO_REACH, _ECHO_INNER = 40, 0.1

# Channels of the same color at other opacities differ by so much of 255 at most; and the opacity
# that one of them has more.
_SAME_STRAIGHT, _MORE_OPAQUE = 3, 16


class Palette(NamedTuple):
    """The flat colors of a picture.

    colors: uint8 [N, 4], sRGB and opacity, not premultiplied, the most frequent first.
    numbers: int32 [H, W], the color of each pixel that is flat, or -1.
    noise: largest difference of a channel from its color, of 255; 0 for an exact picture.
    """

    colors: np.ndarray
    numbers: np.ndarray
    noise: int


def to_bytes(rgb: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """Return a picture as uint8 [H, W, 4]; what is clear is black."""
    height, width = rgb.shape[:2]
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., :3] = np.rint(np.clip(rgb, 0.0, 1.0) * 255.0)
    if alpha is not None:
        pixels[..., 3] = np.rint(np.clip(alpha, 0.0, 1.0) * 255.0)
        pixels[pixels[..., 3] == 0] = 0
    return pixels


def pixel_codes(pixels: np.ndarray) -> np.ndarray:
    """Return one number for the color of each pixel: uint32 [H, W]."""
    return np.ascontiguousarray(pixels).view(np.uint32)[..., 0]


def reduced_to(colors: np.ndarray, counts: np.ndarray, target: int) -> np.ndarray:
    """Merge the colors that are missed least until `target` are left.

    colors: uint8 [N, 4]; counts: [N], the pixels of each, 0 for one that stays as it is and is not
    counted. Returns the number of the color that stands for each: int [N]. Merging costs the
    squared difference times the pixels of the rarer color (half of Ward's cost or more).
    """
    values, weights = premultiplied(colors).astype(np.float64), counts.astype(np.float64)
    mapping = np.arange(len(colors))
    left = [int(i) for i in np.flatnonzero(weights > 0)]
    while len(left) > max(target, 1):
        some = values[left]
        distance = np.square(some[:, None] - some[None]).sum(axis=2)
        np.fill_diagonal(distance, np.inf)
        cost = distance * np.minimum(weights[left][:, None], weights[left][None])
        one, other = np.unravel_index(cost.argmin(), cost.shape)
        rare, kept = sorted((left[one], left[other]), key=lambda i: (weights[i], -i))
        weights[kept] += weights[rare]
        mapping[mapping == rare] = kept
        left.remove(rare)
    return mapping


def premultiplied(colors: np.ndarray) -> np.ndarray:
    """Colors uint8 [..., 4] with their channels times their opacity: float32, of 255."""
    values = colors.astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255.0
    return values


def find_palette(pixels: np.ndarray) -> Palette:
    """Return the flat colors of a picture, uint8 [H, W, 4] of `to_bytes`."""
    codes = pixel_codes(pixels)
    core = in_blocks(codes)
    values, counts = np.unique(codes[core], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    colors = values[order, None].view(np.uint8).reshape(-1, 4)
    counts = counts[order]
    if _is_noisy(colors):
        return _noisy_palette(pixels)
    fewest = max(_FEWEST_PIXELS, _SMALLEST_SHARE * codes.size)
    kept = colors[counts >= fewest]
    if len(kept) == 0:
        return _noisy_palette(pixels)
    kept = _thinned(kept, 0)
    index = _exact_index(codes, kept)
    index[~(core | _continued(index))] = -1
    return Palette(kept, index, 0)


def without_edge_colors(palette: Palette, pixels: np.ndarray) -> Palette:
    """Drop half transparent colors that are thin parts of a more opaque color, cut by pixels.

    pixels: uint8 [H, W, 4]. Such a color fills no block of 3 x 3 pixels, such as a stem of a letter
    that covers half of two columns, and other pixels have it with more opacity.
    """
    found, counts = np.unique(pixels.reshape(-1, 4), axis=0, return_counts=True)
    found = found.astype(np.int16)
    kept = np.ones(len(palette.colors), bool)
    for number, color in enumerate(palette.colors.astype(np.int16)):
        if 0 < color[3] < 255 and not _in_thick_part(palette.numbers == number).any():
            alike = np.abs(found[:, :3] - color[:3]).max(axis=1) <= _SAME_STRAIGHT
            alike &= found[:, 3] > color[3] + _MORE_OPAQUE
            kept[number] = counts[alike].sum() < _FEWEST_PIXELS
    if kept.all() or not kept.any():
        return palette
    renumbered = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1).astype(np.int32)
    return Palette(palette.colors[kept], renumbered[palette.numbers], palette.noise)


def _in_thick_part(mask: np.ndarray) -> np.ndarray:
    """Return the pixels of a mask, bool [H, W], whose eight neighbors it has, too."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] & padded[1:-1] & padded[2:]
    inner: np.ndarray = rows[:, :-2] & rows[:, 1:-1] & rows[:, 2:]
    return inner


def in_blocks(codes: np.ndarray) -> np.ndarray:
    """Find the pixels that lie in a block of 2 x 2 of one color: bool [H, W]."""
    if min(codes.shape) < 2:
        return np.ones(codes.shape, bool)
    block = (codes[1:] == codes[:-1])[:, 1:] & (codes[1:] == codes[:-1])[:, :-1]
    block &= codes[1:, 1:] == codes[1:, :-1]
    core = np.zeros(codes.shape, bool)
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            core[rows, columns] |= block
    return core


def _is_noisy(colors: np.ndarray) -> bool:
    """Tell whether most colors [N, 4], the most frequent first, lie around more frequent ones."""
    if len(colors) < _NOISE_COLORS:
        return False
    some = colors[:2000].astype(np.int16)
    close = 0
    for i in range(1, len(some)):
        close += bool((np.abs(some[:i] - some[i]).max(axis=1) <= _CLOSE).any())
    return close > _NOISE_SHARE * len(some)


def _thinned(colors: np.ndarray, reach: int) -> np.ndarray:
    """Drop colors closer than `reach` to an earlier one; at most MOST_COLORS."""
    for distance in (reach, 2, 4, 8, 16, 32, 64):
        if distance < reach:
            continue
        kept: list[np.ndarray] = []
        for color in colors.astype(np.int16):
            if not kept or np.abs(np.array(kept) - color).max(axis=1).min() > distance:
                kept.append(color)
            if len(kept) > MOST_COLORS:
                break
        if len(kept) <= MOST_COLORS:
            return np.array(kept, np.uint8)
    return colors[:MOST_COLORS]


def _exact_index(codes: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Return the number of each pixel's color, or -1: int32 [H, W]."""
    wanted = np.ascontiguousarray(colors).view(np.uint32)[:, 0]
    order = np.argsort(wanted)
    place = np.searchsorted(wanted[order], codes)
    number = order[np.minimum(place, len(order) - 1)]
    return np.where(wanted[number] == codes, number, -1).astype(np.int32)


def _continued(index: np.ndarray) -> np.ndarray:
    """Pixels with two or more of their eight neighbors of their own color: thin parts."""
    padded = np.pad(index, 1, constant_values=-2)
    height, width = index.shape
    same = np.zeros(index.shape, np.uint8)
    for down in range(3):
        for right in range(3):
            if (down, right) != (1, 1):
                same += padded[down : down + height, right : right + width] == index
    return same >= 2


def _noisy_palette(pixels: np.ndarray) -> Palette:
    """Return the palette of a picture with compression noise: modes of its even areas."""
    values = pixels.astype(np.int16)
    even = _spread(values) <= 2 * _NOISE_REACH
    smooth = _local_mean(values)
    bins = (smooth >> 3).astype(np.int32)
    codes = ((bins[..., 0] * 32 + bins[..., 1]) * 32 + bins[..., 2]) * 32 + bins[..., 3]
    used = even if even.any() else np.ones(even.shape, bool)
    _, member, counts = np.unique(codes[used], return_inverse=True, return_counts=True)
    sums = [np.bincount(member.ravel(), smooth[used][:, c], len(counts)) for c in range(4)]
    order = np.argsort(-counts, kind="stable")
    order = order[: max(1, (counts >= max(_FEWEST_PIXELS, 2e-4 * codes.size)).sum())]
    centers = np.rint(np.stack(sums, axis=1)[order] / counts[order, None]).astype(np.uint8)
    centers[centers[:, 3] >= 252, 3] = 255
    kept = _thinned(centers, _NOISE_REACH)
    index = _nearest_index(smooth, kept, even)
    kept = kept[~_are_echoes(kept, index)]
    index = _nearest_index(smooth, kept, even)
    colors = np.array([_median(values, index == i, kept[i]) for i in range(len(kept))])
    return Palette(colors, index, _NOISE_REACH)


def _are_echoes(colors: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Find colors that are only the ripples of another one beside its edges: bool [N].

    Compression makes them close to a more frequent color, and nowhere thick. index: int32 [H, W].
    """
    echoes = np.zeros(len(colors), bool)
    values = colors.astype(np.int16)
    for i in range(1, len(colors)):
        near = np.abs(values[:i][~echoes[:i]] - values[i]).max(axis=1).min() <= _ECHO_REACH
        own = index == i
        echoes[i] = near and _inner(own).sum() < _ECHO_INNER * own.sum()
    return echoes


def _inner(mask: np.ndarray) -> np.ndarray:
    """Return the pixels whose square of 5 x 5 pixels lies within a mask bool [H, W]."""
    height, width = mask.shape
    padded = np.pad(mask, 2, mode="edge")
    rows = np.all([padded[i : i + height] for i in range(5)], axis=0)
    inner: np.ndarray = np.all([rows[:, i : i + width] for i in range(5)], axis=0)
    return inner


def _local_mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over each pixel and its eight neighbors: int16 [H, W, 4]."""
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="edge").astype(np.int32)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return ((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] + 4) // 9).astype(np.int16)


def _spread(values: np.ndarray) -> np.ndarray:
    """Return the range of the channels over each pixel and its four neighbors: int16 [H, W]."""
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="edge")
    views = (
        padded[1:-1, 1:-1],
        padded[:-2, 1:-1],
        padded[2:, 1:-1],
        padded[1:-1, :-2],
        padded[1:-1, 2:],
    )
    most, least = views[0].copy(), views[0].copy()
    for view in views[1:]:
        np.maximum(most, view, out=most)
        np.minimum(least, view, out=least)
    return (most - least).max(axis=2)


def _nearest_index(values: np.ndarray, colors: np.ndarray, even: np.ndarray) -> np.ndarray:
    """Return the nearest color of each even pixel within the noise, or -1: int32 [H, W]."""
    nearest = np.full(values.shape[:2], -1, np.int32)
    least = np.full(values.shape[:2], _NOISE_REACH + 1, np.int16)
    for i, color in enumerate(colors.astype(np.int16)):
        distance = np.abs(values - color).max(axis=2)
        closer = even & (distance < least)
        nearest[closer], least[closer] = i, distance[closer]
    return nearest


def _median(values: np.ndarray, pixels: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Return the median color of some pixels, uint8 [4]."""
    if not pixels.any():
        return otherwise
    return np.rint(np.median(values[pixels], axis=0)).astype(np.uint8)
