# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes as curve objects: a line whose points have half the stroke's width as their radius.

Where a stroke is shown by its filled outline instead, the object remembers its line, so that it
can be shown and exported as a stroke again, for as long as nobody edits the outline.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Path, Stroke
from ...core.strokes.outline import stroke_outline
from .form import DrawingStyle
from .splines import outline_of, set_splines
from .stroke_modifier import ends_of, show_as_fill, show_as_stroke, shows_stroke
from .touching import pulled_apart

_PEN = ("closed", "cap", "join", "miter_limit")  # fields of a stroke beside its line
# Straight lines for each cubic: of strokes, and of outlines, whose cubics are short.
_RESOLUTION, _OUTLINE_RESOLUTION = 32, 12

_STROKE = "semvec_stroke"  # of an object: JSON, the line that its outline was made from

APART = 1e-4  # distance of nodes that would touch, as a share of the long side

_LOCAL = Matrix.Identity(4)


def line_for(path: Path, style: DrawingStyle) -> Stroke | None:
    """Return the line by which a path is shown; None where that is its filled outline.

    What is translucent would be darker where a line's ribbons and discs overlap.
    """
    is_plain = path.ramp is None and float(path.fill[3]) >= 1.0
    return path.stroke if style.strokes == "CURVES" and is_plain else None


def outlines_of(path: Path) -> list[np.ndarray]:
    """Return the sub-paths of a path, those of a stroke without crossings.

    Blender fills by the even-odd rule: a stroke would have holes where it crosses itself, and at
    the inner side of corners.
    """
    return path.subpaths if path.stroke is None else _without_crossings(path.subpaths)


def _without_crossings(subpaths: list[np.ndarray]) -> list[np.ndarray]:
    from ...core.svg.boolean import combined  # with parsers that take time to load
    from ...core.svg.jobs import Operand

    found = combined("union", Operand([points.astype(np.float64) for points in subpaths]))
    return subpaths if not found else [points.astype(np.float32) for points in found]


def set_line(obj: bpy.types.Object, stroke: Stroke, thickness: float) -> None:
    """Make a curve object show a stroke, in the object's own coordinates."""
    curve: Any = obj.data
    curve.dimensions, curve.fill_mode, curve.extrude = "3D", "FULL", 0.0
    curve.resolution_u = _RESOLUTION
    corners, radii, closed = line_points(stroke)
    set_splines(curve, [_flat(corners)], closed)
    curve.splines[0].bezier_points.foreach_set("radius", radii)
    obj.pop(_STROKE, None)
    show_as_stroke(obj, stroke, thickness)


def line_points(stroke: Stroke) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return corners [3·K, 2] of K nodes, half their widths float32 [K], and whether it is closed.

    Corners are anchor, right handle, left handle of the next node; those of an open line end with
    handles that nothing shows.
    """
    points, widths = _distinct(stroke)
    radii = np.ascontiguousarray(widths / 2.0, np.float32)
    if stroke.closed and len(points) > 4:  # Blender draws no closed line of one point
        return points[:-1], radii[:-1], True
    return np.concatenate([points, points[-1:], points[:1]]), radii, False


def set_outline(obj: bpy.types.Object, outlines: list[np.ndarray], stroke: Stroke | None) -> None:
    """Make a curve object show filled outlines [3·S, 3]; stroke: the one that they are of.

    Both are in the object's own coordinates.
    """
    curve: Any = obj.data
    if shows_stroke(obj):
        show_as_fill(obj)
        curve.dimensions, curve.resolution_u = "2D", _OUTLINE_RESOLUTION
    set_splines(curve, outlines)
    obj.pop(_STROKE, None)
    if stroke is not None:
        obj[_STROKE] = json.dumps(
            {
                "points": stroke.points.tolist(),
                "widths": stroke.widths.tolist(),
                **{name: getattr(stroke, name) for name in _PEN},
                "outline": _checksum(curve),
            }
        )


def strokes_of(obj: bpy.types.Object, to_pixels: Matrix) -> Iterator[Stroke]:
    """Yield the strokes of an object that shows some: one for each of its splines."""
    ends = ends_of(obj)
    scale = float(np.sqrt(abs(np.linalg.det(np.array(to_pixels)[:2, :2]))))
    for spline in obj.data.splines:
        corners = outline_of(spline, to_pixels)
        closed = spline.use_cyclic_u
        is_bezier = spline.type == "BEZIER"
        points = spline.bezier_points if is_bezier else spline.points
        radii = np.array([point.radius for point in points], np.float32)
        if closed:
            corners, radii = np.append(corners, corners[:1], axis=0), np.append(radii, radii[:1])
        elif len(radii) > 1:
            corners = corners[:-2]
        else:  # of one point: a dot
            corners, radii = np.repeat(corners[:1], 4, axis=0), np.repeat(radii, 2)
        widths = (2.0 * scale * radii).astype(np.float32)
        yield Stroke(corners.astype(np.float32), widths, closed, **ends)


def remembered_stroke(obj: bpy.types.Object, to_pixels: Matrix) -> Stroke | None:
    """Return the stroke whose outline an object shows; None where there is none, or none left."""
    try:
        stored = json.loads(obj.get(_STROKE, "null"))
        if stored is None or stored["outline"] != _checksum(obj.data):
            return None
        points, widths = (np.array(stored[name], np.float32) for name in ("points", "widths"))
        stroke = Stroke(points, widths, **{name: stored[name] for name in _PEN})
        return stroke.placed(np.array(to_pixels)[:2, [0, 1, 3]])
    except (ValueError, KeyError, TypeError):  # not written by us
        return None


def show_strokes_as(obj: bpy.types.Object, style: DrawingStyle) -> None:
    """Change how a curve object shows its stroke, in place, to what the style says."""
    if style.strokes == "OUTLINES" and shows_stroke(obj):
        for stroke in list(strokes_of(obj, _LOCAL))[:1]:
            outlines = _without_crossings(stroke_outline(stroke))
            apart = pulled_apart([_flat(points) for points in outlines], APART * style.size)
            set_outline(obj, apart, stroke)
    elif style.strokes == "CURVES" and not shows_stroke(obj):
        remembered = remembered_stroke(obj, _LOCAL)
        if remembered is not None:
            set_line(obj, remembered, style.thickness)


def _distinct(stroke: Stroke) -> tuple[np.ndarray, np.ndarray]:
    """Return points and widths less nodes in the place of the one before; those of a dot stay."""
    cubics = np.stack([stroke.points[k : len(stroke.points) - 3 + k : 3] for k in range(4)], axis=1)
    moves = np.abs(cubics - cubics[:, :1]).max(axis=(1, 2)) > 0.0
    if not moves.any():
        return stroke.points[[0, 0, -1, -1]], np.full(2, stroke.widths.max(), np.float32)
    kept = cubics[moves]
    return (
        np.concatenate([kept[:, :3].reshape(-1, 2), kept[-1:, 3]]),
        np.append(stroke.widths[:-1][moves], stroke.widths[1:][moves][-1]),
    )


def _checksum(curve: Any) -> int:
    """Return a number that changes with every edit of a curve's splines."""
    checksum = 0
    for spline in curve.splines:
        corners = outline_of(spline, _LOCAL)
        checksum = zlib.crc32(corners.tobytes(), checksum)
    return checksum


def _flat(points: np.ndarray) -> np.ndarray:
    return np.column_stack([points, np.zeros(len(points))]).astype(np.float32)
