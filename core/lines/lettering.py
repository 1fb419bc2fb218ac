# SPDX-License-Identifier: GPL-3.0-or-later
"""Lettering and other small signs that strokes of a width don't draw: they get outlines instead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..bezier import bernstein
from ..drawing import Path, pack
from ..rendering import native
from ..segmentation.regions import connected_components
from ..segmentation.windows import dilated, maximum, smoothed
from .fills import outlined
from .ink import SMOOTHED_NOISE, Ink
from .skeleton import FAINTEST

# Share of a piece's ink that its strokes miss or add, above which they don't draw it. It is 0.02
# to 0.12 of lines, and 0.2 to 0.8 of letters 10 pixels high with serifs.
_MISSED = 0.18

# Long side of a sign at most, as a share of the picture's, and its ink at least, in pixels.
_LONG_SIDE, _LEAST_INK = 0.15, 10.0

# Pixels around ink that belong to it; deviations of the noise that are not missed, and that the
# faintest ink has.
_RIM, _NOISES, _FAINT_NOISES = 2, 2.0, 4.0

# Points along each cubic that tell which piece a stroke is of.
_SAMPLES = 5


def with_outlined_signs(drawn: list[Path], ink: Ink, threads: int = 0) -> list[Path]:
    """Return what was drawn of the ink, with outlines in place of strokes that don't draw signs."""
    if not any(path.stroke for path in drawn):
        return drawn
    coverage = smoothed(ink.coverage) if ink.noise > SMOOTHED_NOISE else ink.coverage
    faint = coverage > max(FAINTEST, _FAINT_NOISES * ink.noise)
    pieces = connected_components(np.where(faint, 0, -1))
    signs = _signs(drawn, ink, pieces, coverage, threads)
    if not signs.any():
        return drawn
    inside = np.append(signs, False)[pieces]
    near = inside | (dilated(inside, _RIM) & (pieces < 0))
    kept = [path for path in drawn if path.stroke is None or not _is_within(path, near)]
    return [*kept, *outlined(near, ink, 1, "color")]


def _signs(
    drawn: list[Path], ink: Ink, pieces: np.ndarray, coverage: np.ndarray, threads: int
) -> np.ndarray:
    """Return which pieces are small and look otherwise than the ink: bool [N]."""
    height, width = pieces.shape
    count = int(pieces.max(initial=-1)) + 1
    black = np.array([0.0, 0.0, 0.0, 1.0], np.float32)
    scene = pack([replace(path, fill=black, ramp=None) for path in drawn])
    shown = 1.0 - native.render(scene, width, height, threads=threads)[..., 0]
    # The edge of a line may be sharper or softer than that of a rendered one.
    difference = np.abs(smoothed(shown - np.clip(coverage, 0.0, 1.0))) - _NOISES * ink.noise
    near, inside = maximum(pieces, _RIM), pieces >= 0
    missed = np.bincount(near[near >= 0], np.maximum(difference, 0.0)[near >= 0], minlength=count)
    amount = np.bincount(pieces[inside], coverage[inside], minlength=count)
    small = _long_sides(pieces, count) <= _LONG_SIDE * max(height, width)
    signs: np.ndarray = small & (amount >= _LEAST_INK) & (missed > _MISSED * amount)
    return signs


def _long_sides(pieces: np.ndarray, count: int) -> np.ndarray:
    """Return the long side of the box around each piece, in pixels: [N]."""
    sides = []
    labels = pieces[pieces >= 0]
    for places in np.nonzero(pieces >= 0):
        first, last = np.full(count, max(pieces.shape)), np.zeros(count, int)
        np.minimum.at(first, labels, places)
        np.maximum.at(last, labels, places)
        sides.append(last - first + 1)
    return np.maximum(*sides)


def _is_within(path: Path, mask: np.ndarray) -> bool:
    """Tell whether most of a stroke's line lies within a mask, bool [H, W]."""
    assert path.stroke is not None
    points = path.stroke.points
    curves = np.stack([points[:-1:3], points[1::3], points[2::3], points[3::3]], axis=1)
    places = np.einsum("tk,skd->std", bernstein(np.linspace(0.0, 1.0, _SAMPLES)), curves)
    height, width = mask.shape
    x, y = np.moveaxis(places.astype(int), -1, 0)
    return bool(mask[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)].mean() > 0.5)
