# SPDX-License-Identifier: GPL-3.0-or-later
"""Optical flow between two frames: block matching on a pyramid, refined to fractions of a pixel.

From coarse to fine, each pixel takes the displacement whose block differs least, and two steps of
Lucas and Kanade's method ("An iterative image registration technique", 1981) refine it. Where a
block has no texture, the displacement comes from its surroundings. Where the motion of most of the
picture, a similarity, explains a block as well, that is taken: patterns that repeat themselves
match at several places.
"""

from __future__ import annotations

import ctypes
from typing import NamedTuple

import numpy as np

from ..native import library
from ..native.structures import FramePair, checked
from ..segmentation.windows import box_mean
from .similarity import as_matrices, fit

# Long side of the coarsest level, and the search range there, in its pixels.
_COARSEST_SIDE = 48
_RANGE = 4

# Half the side of a block in pixels, at every level.
_REACH = 4

# Steps of Lucas and Kanade's method at each level, and the longest of them in pixels.
_STEPS = 2
_LONGEST_STEP = 0.75

# Squared gradients, the mean over a block, below which a block counts as without texture; about
# what differences of one part in 255 between neighbors give.
_TEXTURE = 3e-5

# Pixels over which displacements spread to blocks without texture.
_SPREAD = 6

# Squared difference that a longer displacement must save, for each pixel of its length: a still
# picture without texture stays still.
_LENGTH_COST = 1e-5

# The common motion of the picture is taken where blocks differ by no more than so many times what
# they differ by with their own displacement, and by so much more.
_COMMON_RATIO, _COMMON_EXCESS = 1.2, 1e-5

# Pixels, about, from which the common motion is told.
_COMMON_SAMPLES = 4096

_PLANE, _VECTORS = library.array(np.float32, 2), library.array(np.float32, 3)
_PAIR, _FLOAT = ctypes.POINTER(FramePair), ctypes.c_float

_native_block_cost = library.function("semvec_block_cost", _PAIR, _VECTORS, _PLANE)
_native_step = library.function("semvec_displacement_step", _PAIR, _FLOAT, _FLOAT, _VECTORS, _PLANE)


class Flow(NamedTuple):
    """Displacement of each pixel of a frame to the next one.

    vectors: float32 [H, W, 2], pixels (x, y). confidence: float32 [H, W] in [0, 1], high where a
    block has texture in both directions. common: bool [H, W], whether a pixel moves as most of the
    picture does.
    """

    vectors: np.ndarray
    confidence: np.ndarray
    common: np.ndarray


def optical_flow(before: np.ndarray, after: np.ndarray) -> Flow:
    """Estimate the displacement from one frame to another: both float32 [H, W, 3], sRGB."""
    levels = [(_smoothed(_gray(before)), _smoothed(_gray(after)))]
    while max(levels[-1][0].shape) > 1.5 * _COARSEST_SIDE and min(levels[-1][0].shape) >= 16:
        first, second = levels[-1]
        levels.append((_halved(first), _halved(second)))
    height, width = levels[-1][0].shape
    vectors = np.zeros((height, width, 2), np.float32)
    confidence = np.zeros((height, width), np.float32)
    is_common = np.zeros((height, width), bool)
    for i, (first, second) in enumerate(reversed(levels)):
        if i:
            vectors = _enlarged(vectors, first.shape)
        is_finest = i == len(levels) - 1
        if not is_finest or len(levels) == 1:
            vectors = _matched(first, second, vectors, _RANGE if i == 0 else 1)
        for _ in range(_STEPS):
            vectors, confidence = _refined(first, second, vectors)
            vectors = _spread(vectors, confidence)
        vectors, is_common = _with_common_motion(first, second, vectors, confidence)
    return Flow(vectors, confidence, is_common)


def sample(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Interpolate an image [H, W] or [H, W, C] bilinearly at pixel indices, clamped to its edge."""
    height, width = image.shape[:2]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left = np.minimum(x.astype(np.int32), max(width - 2, 0))
    top = np.minimum(y.astype(np.int32), max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    fx, fy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    if image.ndim == 3:
        fx, fy = fx[..., None], fy[..., None]
    upper = image[top, left] * (1 - fx) + image[top, right] * fx
    lower = image[bottom, left] * (1 - fx) + image[bottom, right] * fx
    return (upper * (1 - fy) + lower * fy).astype(np.float32)


def displaced(image: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return what each pixel's displacement leads to in `image`: the same shape as `image`."""
    rows, columns = np.indices(vectors.shape[:2], dtype=np.float32)
    return sample(image, columns + vectors[..., 0], rows + vectors[..., 1])


def _gray(image: np.ndarray) -> np.ndarray:
    return (image @ np.array([0.3, 0.59, 0.11], np.float32)).astype(np.float32)


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Return [H, W] blurred by one pixel: finer texture can't be interpolated."""
    for axis in (0, 1):
        size = values.shape[axis]
        padded = np.pad(values, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], "edge")
        parts = [padded.take(range(i, i + size), axis) for i in range(3)]
        values = 0.25 * parts[0] + 0.5 * parts[1] + 0.25 * parts[2]
    return values.astype(np.float32)


def _halved(values: np.ndarray) -> np.ndarray:
    """Return means of 2 x 2 pixels; an odd last row or column counts twice."""
    height, width = values.shape
    even = np.pad(values, [(0, height % 2), (0, width % 2)], "edge")
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4


def _enlarged(vectors: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the displacements of a level of half the size, at `shape`."""
    rows, columns = np.indices(shape[:2], dtype=np.float32)
    return 2 * sample(vectors, columns / 2 - 0.25, rows / 2 - 0.25)


def _matched(first: np.ndarray, second: np.ndarray, vectors: np.ndarray, reach: int) -> np.ndarray:
    """Return the displacement within `reach` pixels of the given one whose block fits best."""
    best = np.full(first.shape, np.inf, np.float32)
    found = vectors.copy()
    offsets = range(-reach, reach + 1)
    for offset in sorted(((x, y) for y in offsets for x in offsets), key=lambda o: np.hypot(*o)):
        moved = vectors + np.array(offset, np.float32)
        cost = _block_cost(first, second, moved)
        cost += np.float32(_LENGTH_COST * np.hypot(*offset))
        better = cost < best
        best[better], found[better] = cost[better], moved[better]
    return found


def _block_cost(first: np.ndarray, second: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the mean squared difference of each block from where it is displaced to: [H, W]."""
    cost = np.empty(first.shape, np.float32)
    vectors = np.ascontiguousarray(vectors, np.float32)
    _native_block_cost(_pair(first, second), vectors, cost)
    return cost


def _with_common_motion(
    first: np.ndarray, second: np.ndarray, vectors: np.ndarray, confidence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the displacements by the common motion where it fits, and where that is: [H, W].

    Elsewhere they are the given ones.
    """
    step = int(np.ceil(np.sqrt(first.size / _COMMON_SAMPLES)))
    some = slice(step // 2, None, step)
    rows, columns = (np.arange(size) + 0.5 for size in first.shape)
    places = np.stack(np.meshgrid(columns[some], rows[some]), axis=2).reshape(-1, 2)
    weight = confidence[some, some].ravel() + 1e-3
    group, flat = np.zeros(len(places), int), vectors[some, some].reshape(-1, 2)
    motion = as_matrices(*fit(group, 1, places, flat, weight, np.zeros((1, 2))))[0]
    change = motion - np.eye(2, 3)
    common = (columns[:, None] * change[:, 0] + change[:, 2]) + rows[:, None, None] * change[:, 1]
    common = common.astype(np.float32)
    limit = _COMMON_RATIO * _block_cost(first, second, vectors) + np.float32(_COMMON_EXCESS)
    fits = _block_cost(first, second, common) <= limit
    return np.where(fits[..., None], common, vectors), fits


def _refined(
    first: np.ndarray, second: np.ndarray, vectors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take one step of Lucas and Kanade's method; returns the confidence as well."""
    vectors, confidence = np.array(vectors, np.float32), np.empty(first.shape, np.float32)
    _native_step(_pair(first, second), _TEXTURE, _LONGEST_STEP, vectors, confidence)
    return vectors, confidence


def _pair(first: np.ndarray, second: np.ndarray) -> FramePair:
    height, width = first.shape
    frames = (checked(each, np.float32, first.shape, "frame") for each in (first, second))
    return FramePair(
        **dict(zip(("first", "second"), frames, strict=True)),
        height=height,
        width=width,
        reach=_REACH,
    )


def _spread(vectors: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Return displacements that come from the surroundings where the confidence is low."""
    weight = confidence + np.float32(1e-3)
    total = box_mean(weight, _SPREAD)
    around = np.stack([box_mean(weight * vectors[..., i], _SPREAD) for i in (0, 1)], axis=2)
    around /= total[..., None]
    own = confidence[..., None]
    return own * vectors + (1 - own) * around
