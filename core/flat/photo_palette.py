# SPDX-License-Identifier: GPL-3.0-or-later
"""A few colors for a picture without flat ones, and the picture in these colors."""

from __future__ import annotations

import numpy as np

from .. import srgb

_ROUNDS = 20  # of k-means
_LEVELS = 32  # of a channel, at which like colors are counted together

# Linear sRGB to OKLab (Ottosson 2020).
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(colors: np.ndarray) -> np.ndarray:
    """Return sRGB colors [..., 3] in [0, 1] in OKLab."""
    return np.cbrt(srgb.decode(colors.astype(np.float64)) @ _TO_CONES.T) @ _TO_LAB.T


def photo_palette(rgb: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """Return the `count` colors that show a picture best: uint8 [N, 3], N <= count.

    K-means in OKLab, started from the colors that lie farthest apart for their frequency.
    rgb: [H, W, 3]; weight: [H, W], how much pixels matter.
    """
    levels = np.rint(rgb.reshape(-1, 3) * (_LEVELS - 1)).astype(int)
    codes = (levels[:, 0] * _LEVELS + levels[:, 1]) * _LEVELS + levels[:, 2]
    _, member = np.unique(codes, return_inverse=True)
    member, each = member.ravel(), weight.ravel().astype(np.float64)
    mass = np.bincount(member, each)
    means = np.stack([np.bincount(member, each * rgb[..., c].ravel()) for c in range(3)], axis=1)
    means, mass = means[mass > 0] / mass[mass > 0, None], mass[mass > 0]
    places = oklab(means)
    chosen = [int(mass.argmax())]
    nearest = np.square(places - places[chosen[0]]).sum(axis=1)
    while len(chosen) < min(count, len(places)) and nearest.max() > 0:
        chosen.append(int((nearest * mass).argmax()))
        nearest = np.minimum(nearest, np.square(places - places[chosen[-1]]).sum(axis=1))
    centers, colors = places[chosen], means[chosen]
    for _ in range(_ROUNDS):
        owner = np.square(places[:, None] - centers[None]).sum(axis=2).argmin(axis=1)
        for k in range(len(centers)):
            own = owner == k
            if own.any():
                colors[k] = np.average(means[own], axis=0, weights=mass[own])
        centers = oklab(colors)
    return np.unique(np.rint(colors * 255.0).astype(np.uint8), axis=0)


def posterized(rgb: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return a picture in the colors of a palette, uint8 [N, 3]: float32 [H, W, 3].

    Each pixel gets the color that is nearest to it and its eight neighbors: their mean distance,
    not its square, keeps edges free of colors in between.
    """
    places = oklab(rgb)
    best = np.full(rgb.shape[:2], np.inf)
    number = np.zeros(rgb.shape[:2], int)
    for k, place in enumerate(oklab(palette / 255.0)):
        distance = _mean_of_neighbors(np.linalg.norm(places - place, axis=2))
        closer = distance < best
        best[closer], number[closer] = distance[closer], k
    return (palette[number] / np.float32(255.0)).astype(np.float32)


def _mean_of_neighbors(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9.0
