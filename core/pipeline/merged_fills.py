# SPDX-License-Identifier: GPL-3.0-or-later
"""Similar fills of a finished drawing as one color."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..drawing import Drawing, Path, pack
from ..flat.similar import merged_similar
from ..rendering.native import render

# Long side at which the visible areas of shapes are counted.
_SIDE = 512

# Levels of a channel that encodes numbers of paths; their cube is the largest number.
_LEVELS = 17


def with_merged_fills(drawing: Drawing, distance: float) -> Drawing:
    """Return the drawing with fills nearer to each other than a distance in the same color.

    distance: hundredths of OKLab; 0 changes nothing. Of similar colors, the mean by visible area
    is taken: that changes the picture least. Both ends of gradients count; one whose ends become
    the same is no gradient any more. Opacities and shapes stay.
    """
    if distance <= 0 or not drawing.paths:
        return drawing
    areas = _visible_areas(drawing) + 1.0  # what is hidden counts, but little
    ends = [path.fill[:3] if path.ramp is None else path.ramp.color for path in drawing.paths]
    colors = np.concatenate([[path.fill[:3] for path in drawing.paths], ends])
    distinct, member = np.unique(colors, axis=0, return_inverse=True)
    weights = np.bincount(member.ravel(), np.tile(areas, 2), len(distinct))
    mapping, merged = merged_similar(distinct, weights, distance)
    new = merged[mapping[member.ravel()]].astype(np.float32)
    pairs = zip(drawing.paths, *np.split(new, 2), strict=True)
    return replace(drawing, paths=[_filled(path, start, end) for path, start, end in pairs])


def _filled(path: Path, start: np.ndarray, end: np.ndarray) -> Path:
    ramp = path.ramp
    if ramp is not None:
        ramp = None if (start == end).all() else replace(ramp, color=end)
    return replace(path, fill=np.append(start, path.fill[3]), ramp=ramp)


def _visible_areas(drawing: Drawing) -> np.ndarray:
    """Return the pixels in which each path alone is seen, as if all were opaque: int [N].

    Each path is drawn in a color that is its number; mixtures along edges are none.
    """
    factor = _SIDE / max(drawing.width, drawing.height)
    width, height = (max(1, round(side * factor)) for side in (drawing.width, drawing.height))
    numbers = np.arange(1, len(drawing.paths) + 1)
    digits = np.stack([numbers, numbers // _LEVELS, numbers // _LEVELS**2], axis=1) % _LEVELS
    codes = np.concatenate([digits / (_LEVELS - 1), np.ones((len(numbers), 1))], axis=1)
    scene = pack(drawing.scaled(width, height).paths)._replace(
        colors=codes.astype(np.float32), ramps=None
    )
    shown = render(scene, width, height, (0.0, 0.0, 0.0)) * (_LEVELS - 1)
    whole = np.rint(shown)
    pure = (np.abs(shown - whole) < 1e-3).all(axis=2)
    found = (whole[pure] @ np.array([1, _LEVELS, _LEVELS**2])).astype(int)
    counts = np.bincount(found, minlength=len(numbers) + 1)
    return counts[1 : len(numbers) + 1]
