# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency maps, float32 [H, W] in [0, 1]: uniform, noise, painted, and from files."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np

from ..errors import ImageError, SaliencyError
from ..image import Image, area_average, have_same_shape, load_image

# Three standard deviations of the noise to either side of the mean fill [0, 1].
_NOISE_MEAN, _NOISE_DEVIATION = 0.5, 1.0 / 6.0

_GRAY = 0.5  # sRGB, what networks see behind transparent pixels


def uniform(height: int, width: int) -> np.ndarray:
    """Return a map of 0.5, for which all pixels matter alike.

    Without a prompt, the paper takes Gaussian noise, whose average over a region is about 0.5.
    """
    return np.full((height, width), _NOISE_MEAN, np.float32)


def gaussian_noise(height: int, width: int, seed: int) -> np.ndarray:
    """Return the paper's map without a prompt (section 4.1): Gaussian noise, clipped to [0, 1]."""
    noise = np.random.default_rng(seed).standard_normal((height, width), np.float32)
    return (_NOISE_MEAN + _NOISE_DEVIATION * noise).clip(0.0, 1.0).astype(np.float32)


def from_image(array: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize a painted map of any size to saliency [height, width]; white is 1, black is 0.

    array: [H0, W0] or [H0, W0, C], C of gray, gray + alpha, RGB or RGBA; in [0, 1] for
    floats and bools, in their full range for unsigned integers. Transparent pixels and NaN count
    as 0. The map is resized by area averaging. Raises SaliencyError for an array that is no image.
    """
    channels = _as_channels(np.asarray(array))
    return _averaged(channels, len(channels), height, width)


def load_saliency(path: str | os.PathLike[str], height: int, width: int) -> np.ndarray:
    """Read a painted image file as saliency [height, width]; see `from_image`.

    Raises SaliencyError for a file that can't be read or has another shape than the image.
    """
    try:
        picture = load_image(path)
    except ImageError as error:
        raise SaliencyError(error.message, error.hint) from None
    if not have_same_shape((picture.height, picture.width), (height, width)):
        raise SaliencyError(
            f"The saliency is {picture.width} x {picture.height} pixels,"
            f" the image {width} x {height}.",
            "It must have the same shape as the image; the resolution may differ.",
        )
    return _averaged(picture.rows(), picture.height, height, width)


def floored(saliency: np.ndarray, floor: float) -> np.ndarray:
    """Scale a map from [0, 1] to [floor, 1], so that no pixel has weight 0.

    Adding the floor instead would clip the highest values, or leave [0, 1].
    """
    return (floor + (1.0 - floor) * saliency).astype(np.float32, copy=False)


def on_gray(image: Image) -> np.ndarray:
    """Return the colors of an image as if it lay on gray: float32 [H, W, 3]."""
    if image.alpha is None:
        return image.rgb
    return (_GRAY + image.alpha[..., None] * (image.rgb - _GRAY)).astype(np.float32)


def _as_channels(array: np.ndarray) -> np.ndarray:
    """Return the array as [H0, W0, C]. Raises SaliencyError."""
    channels = array[..., None] if array.ndim == 2 else array
    numeric = array.dtype.kind in "fub"
    if channels.ndim != 3 or not 1 <= channels.shape[2] <= 4 or not channels.size or not numeric:
        raise SaliencyError(
            f"A saliency map can't be {array.dtype} of shape {array.shape}.",
            "Give gray or color pixels, with or without alpha.",
        )
    return channels


def _averaged(rows: Iterable[np.ndarray], row_count: int, height: int, width: int) -> np.ndarray:
    """Average rows of pixels [W0, C] to saliency [height, width]."""
    painted = (_painted(row) for row in rows)
    return area_average(painted, row_count, height, width)[..., 0].clip(0.0, 1.0)


def _painted(row: np.ndarray) -> np.ndarray:
    """Compute gray value times opacity of the pixels [W0, C] of a row: float [W0, 1] in [0, 1]."""
    full = np.iinfo(row.dtype).max if row.dtype.kind == "u" else 1.0
    values = np.nan_to_num(row.astype(np.float32) / np.float32(full)).clip(0.0, 1.0)
    if row.shape[1] in (2, 4):
        return values[:, :-1].mean(axis=1, keepdims=True) * values[:, -1:]
    return values.mean(axis=1, keepdims=True)
