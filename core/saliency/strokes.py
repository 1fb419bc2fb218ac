# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency from brush strokes: pixels under a stroke matter."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..bezier import polygon
from ..drawing import Path, pack
from ..errors import SaliencyError
from ..native.library import array, function, thread_count
from ..rendering.native import render
from .maps import floored

_paint_lines = function(
    "semvec_paint_strokes",
    *(array(np.float32, 2), ctypes.c_int, ctypes.c_float),
    *(ctypes.c_int, ctypes.c_int, ctypes.c_int, array(np.float32, 2)),
)


@dataclass(frozen=True)
class Stroke:
    """A line through points, with a radius and an opacity at each.

    points: float [K, 2], pixels, x right and y down; one point is a dot.
    radii: float [K], pixels. opacities: float [K] in [0, 1].
    closed: whether a line leads from the last point to the first.
    filling: opacity in [0, 1] of the shape that the line encloses; 0 leaves it empty.
    """

    points: np.ndarray
    radii: np.ndarray
    opacities: np.ndarray
    closed: bool = False
    filling: float = 0.0


def paint_strokes(
    strokes: Sequence[Stroke],
    height: int,
    width: int,
    *,
    softness: float = 0.0,
    background: float = 0.0,
    threads: int = 0,
) -> np.ndarray:
    """Paint strokes as a saliency map: float32 [height, width] in [0, 1].

    A pixel has the maximum over all strokes of the opacity at the nearest point of the line,
    times a ramp of the distance from there, both interpolated between the points.
    softness: start of the ramp, from 0 (hard, at the radius) to 1 (on the line).
    background: value of unpainted pixels; painted ones lie between that and 1.
    Points that are not finite or farther than a million pixels away are not painted.
    Raises SaliencyError for arrays that don't fit together and numbers out of range.
    """
    _check(strokes, softness=softness, background=background)
    segments = np.concatenate([np.zeros((0, 8), np.float32), *map(_segments, strokes)])
    saliency = _paint_fillings(strokes, height, width, threads)
    workers = thread_count(threads)
    _paint_lines(segments, len(segments), softness, height, width, workers, saliency)
    return floored(saliency.clip(0.0, 1.0), background)


def _segments(stroke: Stroke) -> np.ndarray:
    """Return a segment from each point to the next: [K, 8], x, y, radius, opacity of both ends.

    An open line ends in a segment without length, so that a single point is a dot.
    """
    values = [*np.transpose(stroke.points), stroke.radii, stroke.opacities]
    points = np.stack(values, axis=1).astype(np.float32)  # [K, 4]
    following = np.roll(points, -1, axis=0)
    if not stroke.closed:
        following[-1:] = points[-1:]
    return np.hstack([points, following])


def _paint_fillings(strokes: Sequence[Stroke], height: int, width: int, threads: int) -> np.ndarray:
    """Paint the fills of strokes: float32 [height, width]. Each opacity is one rendering."""
    saliency = np.zeros((height, width), np.float32)
    filled = [
        stroke for stroke in strokes if stroke.filling > 0.0 and np.isfinite(stroke.points).all()
    ]
    for opacity in sorted({stroke.filling for stroke in filled}):
        white = np.ones(4, np.float32)
        shapes = [
            Path([polygon(stroke.points)], white) for stroke in filled if stroke.filling == opacity
        ]
        covered = render(pack(shapes), width, height, (0.0, 0.0, 0.0), threads)[..., 0]
        np.maximum(saliency, covered * np.float32(opacity), out=saliency)
    return saliency


def _check(strokes: Sequence[Stroke], **fractions: float) -> None:
    fillings = (("filling", stroke.filling) for stroke in strokes)
    for name, value in (*fractions.items(), *fillings):
        if not 0.0 <= value <= 1.0:
            raise SaliencyError(f"The {name} of strokes is {value}.", "It must lie in [0, 1].")
    for stroke in strokes:
        count = len(stroke.points)
        if np.shape(stroke.points) != (count, 2) or not (
            np.shape(stroke.radii) == np.shape(stroke.opacities) == (count,)
        ):
            raise SaliencyError(
                f"A stroke has points of shape {np.shape(stroke.points)}, "
                f"{np.size(stroke.radii)} radii and {np.size(stroke.opacities)} opacities.",
                "Give points [K, 2] and as many radii and opacities.",
            )
