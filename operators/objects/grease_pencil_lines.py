# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes of a drawing as strokes of Grease Pencil: points with a radius and a color."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Path, Stroke
from .form import REGION, DrawingStyle
from .splines import fill_of, flattened, linear_color
from .stroke_curves import line_points

_NAME = "Semvec Strokes"  # of the material
_FLAT = 1  # type of a cap


class PencilLine(NamedTuple):
    """A line: corners [3·K, 2] of K nodes, pixels; radii [K], Blender's units; as `line_points`."""

    corners: np.ndarray
    radii: np.ndarray
    closed: bool
    is_blunt: bool

    def polyline(self, points: np.ndarray, chords: int) -> np.ndarray:
        """Return those of the points along all cubics, `chords` for each, that are of the line."""
        return points if self.closed else points[: chords * (len(self.radii) - 1) + 1]


def pencil_line(path: Path, style: DrawingStyle) -> PencilLine | None:
    """Return the line by which a path is shown; None where that is a fill."""
    if path.stroke is None or path.ramp is not None or style.strokes != "CURVES":
        return None
    corners, radii, closed = line_points(path.stroke)
    return PencilLine(corners, radii * style.space.scale, closed, path.stroke.cap == "butt")


def set_line(stroke: Any, line: PencilLine, fill: np.ndarray) -> None:
    """Make a stroke, which has its points, show a line in a color [4]."""
    *color, opacity = linear_color(fill)
    stroke.cyclic = line.closed
    stroke.material_index = 1
    if line.is_blunt:
        stroke.start_cap = stroke.end_cap = _FLAT
    nodes = np.append(line.radii, line.radii[:1]) if line.closed else line.radii
    count = len(stroke.points)
    share = len(line.radii) if line.closed else len(line.radii) - 1
    steps = count if line.closed else count - 1
    places = np.arange(count) * (share / max(steps, 1))
    for point, radius in zip(
        stroke.points, np.interp(places, np.arange(len(nodes)), nodes).tolist(), strict=True
    ):
        point.radius, point.opacity, point.vertex_color = radius, opacity, (*color, 1.0)


def line_material() -> bpy.types.Material:
    """Return the material of all lines: no fills; every point has its own color."""
    material = bpy.data.materials.get(_NAME)
    if material is None or not material.is_grease_pencil:
        material = bpy.data.materials.new(_NAME)
        material[REGION] = -1
        bpy.data.materials.create_gpencil_data(material)
        if bpy.app.version < (5, 1, 0):
            material.grease_pencil.show_stroke = True
            material.grease_pencil.show_fill = False
    return material


def is_line(obj: Any, stroke: Any) -> bool:
    """Return whether a stroke of an object is a line without a fill."""
    if hasattr(stroke, "hide_stroke"):  # since Blender 5.1
        return not stroke.hide_stroke and not stroke.fill_id
    slots = obj.data.materials
    material = slots[stroke.material_index] if 0 <= stroke.material_index < len(slots) else None
    if material is None or material.grease_pencil is None:
        return False
    return material.grease_pencil.show_stroke and not material.grease_pencil.show_fill


def lines_of(obj: Any, drawing: Any, count: int) -> np.ndarray:
    """Return `is_line` of all `count` strokes of an object's drawing, at once: bool [count]."""
    if bpy.app.version >= (5, 1, 0):
        return ~values_of(drawing, "hide_stroke", count, np.bool_) & (
            values_of(drawing, "fill_id", count, np.int32) == 0
        )
    looks = [material and material.grease_pencil for material in obj.data.materials]
    lined = [bool(look and look.show_stroke and not look.show_fill) for look in looks]
    slots = values_of(drawing, "material_index", count, np.int32)
    return np.isin(slots, np.flatnonzero(lined))


def values_of(drawing: Any, name: str, count: int, kind: type) -> np.ndarray:
    """Return an attribute of strokes [count]; zeros where there is none."""
    values: np.ndarray = np.zeros(count, kind)
    if name in drawing.attributes:
        drawing.attributes[name].data.foreach_get("value", values)
    return values


def read_line(stroke: Any, corners: np.ndarray, to_pixels: Matrix, join: str) -> Stroke:
    """Return a stroke of Grease Pencil, with all of its corners [3·K, 3], as one of a drawing."""
    scale = float(np.sqrt(abs(np.linalg.det(np.array(to_pixels)[:2, :2]))))
    radii = np.array([point.radius for point in stroke.points], np.float32)
    points = flattened(corners, to_pixels)
    if stroke.cyclic:
        points, radii = np.append(points, points[:1], axis=0), np.append(radii, radii[:1])
    elif len(radii) > 1:
        points = points[:-2]
    else:
        points, radii = np.repeat(points[:1], 4, axis=0), np.repeat(radii, 2)
    widths = (2.0 * scale * radii).astype(np.float32)
    blunt = stroke.start_cap == _FLAT
    options = {} if join in ("", "round") else {"join": "miter", "miter_limit": float(join)}
    return Stroke(points, widths, stroke.cyclic, "butt" if blunt else "round", **options)  # type: ignore[arg-type]


def line_color(stroke: Any) -> np.ndarray:
    """Return the color of a line: that of its first point."""
    first = stroke.points[0]
    return fill_of((*first.vertex_color[:3], first.opacity))


def join_of(stroke: Stroke | None) -> str:
    """Return how a stroke is joined, for `read_line`."""
    return repr(stroke.miter_limit) if stroke is not None and stroke.join == "miter" else "round"
