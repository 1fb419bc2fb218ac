# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes between frames: the camera's noise, pixels that differ by more, and shot cuts."""

from __future__ import annotations

import numpy as np

from ..segmentation.windows import box_mean
from .flow import Flow, displaced

# Half the side of the blocks whose means are compared, and the deviations of their noise that
# count as a change: by chance, that happens to one block in 10^7.
_REACH = 2
_DEVIATIONS = 5.5

# Difference of a block's mean that counts in a picture without noise, of the range [0, 1].
_LEAST_CHANGE = 1 / 255

# Noise is measured in blocks of so many pixels; this share of them, the quietest, may be clipped
# to black or white, and most of the rest may move.
_BLOCK = 16
_QUANTILE = 0.3

# The camera moves where this share of the texture has a common motion, by more than so many pixels,
# which explains the frame so many times better than none: following noise saves a fifth.
_COMMON_TEXTURE = 0.8
_LEAST_MOTION = 0.05
_EXPLAINS = 2.0

# A shot is cut where less of the color histograms is common and the motion explains less.
_COMMON_COLORS = 0.75
_EXPLAINED = 0.6
_BINS = 8


def noise_between(first: np.ndarray, second: np.ndarray) -> float:
    """Estimate the standard deviation of the difference of two frames [H, W, 3] by noise alone.

    The median deviation of neighboring differences in each block, a low quantile over blocks:
    those that move differ by more.
    """
    difference = (second - first).mean(axis=2)
    fine = difference[:, 1:] - difference[:, :-1]
    height, width = (size // _BLOCK * _BLOCK for size in fine.shape)
    if not height or not width:
        return float(np.median(np.abs(fine))) * 1.4826 * np.sqrt(1.5)
    blocks = fine[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    medians = np.median(np.abs(blocks), axis=(1, 3))
    deviation = 1.4826 * float(np.quantile(medians, _QUANTILE))
    # Of the difference of two means over three channels, each with noise of its own.
    return deviation / np.sqrt(2) * np.sqrt(3)


def changed_pixels(reference: np.ndarray, frame: np.ndarray, noise: float) -> np.ndarray:
    """Return where two frames [H, W, 3] differ by more than the noise: bool [H, W].

    noise: standard deviation of the difference of two pixels that show the same.
    """
    limit = _DEVIATIONS * noise / (2 * _REACH + 1) + _LEAST_CHANGE
    difference = frame - reference
    means = [np.abs(box_mean(difference[..., channel], _REACH)) for channel in range(3)]
    return np.max(means, axis=0) > limit


def moved_by_camera(before: np.ndarray, after: np.ndarray, flow: Flow) -> np.ndarray:
    """Return which pixels of a frame [H, W, 3] a motion of the camera moves: bool [H, W].

    Even shades and fine texture look the same after it, but must move with what is around them.
    """
    moved = flow.common & (np.linalg.norm(flow.vectors, axis=2) > _LEAST_MOTION)
    still = np.square(after - before)[moved].sum()
    rest = np.square(displaced(after, flow.vectors) - before)[moved].sum()
    texture = flow.confidence.sum()
    is_camera = flow.confidence[flow.common].sum() > _COMMON_TEXTURE * texture
    return moved if is_camera and still > _EXPLAINS * rest else np.zeros_like(moved)


def is_cut(before: np.ndarray, after: np.ndarray, flow: Flow) -> bool:
    """Return whether a new shot begins: neither colors nor motion connect two frames."""
    common = np.minimum(_histogram(before), _histogram(after)).sum()
    if common > _COMMON_COLORS:
        return False
    rest = np.abs(displaced(after, flow.vectors) - before).mean()
    spread = np.abs(before - before.mean(axis=(0, 1))).mean()
    return bool(rest > (1 - _EXPLAINED) * spread)


def _histogram(image: np.ndarray) -> np.ndarray:
    """Return the shares of colors of an image [H, W, 3] in a cube of bins."""
    bins = np.minimum((image * _BINS).astype(np.int64), _BINS - 1)
    code = (bins[..., 0] * _BINS + bins[..., 1]) * _BINS + bins[..., 2]
    counts = np.bincount(code.ravel(), minlength=_BINS**3)
    return counts / code.size
