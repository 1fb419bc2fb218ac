# SPDX-License-Identifier: GPL-3.0-or-later
"""Ink as filled outlines, one compound path a color: pages of text, which have too many strokes."""

from __future__ import annotations

import numpy as np

from ..drawing import Path
from ..flat.palette import Palette
from ..flat.tracing import trace_labels
from ..segmentation.regions import connected_components
from ..segmentation.windows import dilated, smoothed
from .ink import SMOOTHED_NOISE, Ink
from .skeleton import ink_mask

# Anti-aliased pixels around ink.
_RIM = 2

# Coverage that noise adds to paper and takes from ink, in deviations, and no more than so much.
_NOISES, _MOST_NOISE = 2.0, 0.2

# Visible pieces have so much ink: coverage summed over pixels; more of it where there is noise.
_LEAST_INK, _LEAST_INK_OF_NOISE = 0.6, 20.0


def count_pieces(ink: Ink) -> int:
    """Count the connected pieces of ink: there are as many strokes, or more."""
    return int(_pieces(ink, _coverage(ink)).max(initial=-1)) + 1


def outlined_ink(ink: Ink, threads: int = 0) -> list[Path]:
    """Trace the outlines of ink, without its noise: one path for each color, in pixels."""
    if not len(ink.colors):
        return []
    coverage = _coverage(ink)
    pieces = _pieces(ink, coverage)
    amount = np.bincount(pieces[pieces >= 0], coverage[pieces >= 0])
    least = _LEAST_INK + _LEAST_INK_OF_NOISE * ink.noise
    mask = np.append(amount >= least, False)[pieces]
    low = min(_NOISES * ink.noise, _MOST_NOISE)
    share = np.where(dilated(mask, _RIM) & (coverage > low), coverage, 0.0)
    share[share > 1.0 - low] = 1.0
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    colors = np.rint(ink.colors * 255.0).astype(np.uint8)
    pixels[..., :3], pixels[..., 3] = colors[ink.labels], np.rint(share * 255.0)
    solid = np.full((len(colors), 1), 255, np.uint8)
    every = np.concatenate([np.zeros((1, 4), np.uint8), np.hstack([colors, solid])])
    labels = np.where(mask, _main_ink(pieces, ink)[pieces] + 1, 0).astype(np.int32)
    noise = round(255.0 * min(ink.noise, _MOST_NOISE))
    return trace_labels(labels, pixels, Palette(every, labels, noise), threads)


def _main_ink(pieces: np.ndarray, ink: Ink) -> np.ndarray:
    """Return the ink that most pixels of each piece have, and one for paper: int [N + 1]."""
    count, inside = len(ink.colors), pieces >= 0
    codes = pieces[inside] * count + ink.labels[inside]
    counts = np.bincount(codes, minlength=(int(pieces.max(initial=-1)) + 1) * count)
    return np.append(counts.reshape(-1, count).argmax(axis=1), 0)


def _coverage(ink: Ink) -> np.ndarray:
    return smoothed(ink.coverage) if ink.noise > SMOOTHED_NOISE else ink.coverage


def _pieces(ink: Ink, coverage: np.ndarray) -> np.ndarray:
    """Return the number of the connected piece of ink at each pixel, -1 for paper: int32 [H, W]."""
    return connected_components(np.where(ink_mask(coverage, ink.noise, 1), 0, -1))
