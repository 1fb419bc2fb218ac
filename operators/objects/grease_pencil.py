# SPDX-License-Identifier: GPL-3.0-or-later
"""The fills of grease-pencil objects, one object for each kind of path.

Strokes lie in painting order, whatever their depth, and keep their Béziers. A stroke has
no holes, so that a path's sub-paths are joined by slits too thin to be seen. Ramps become
their mean colors: those of grease-pencil materials are mixed in linear light, which can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.bezier import bernstein, cubics
from ...core.drawing import Kind, Path
from .form import REGION, DrawingStyle, Placed, remove_objects
from .gradients import mean_fill
from .splines import fill_of, flattened, linear_color, straight

_BEZIER = 2  # type of a stroke
_GAP = 1e-3  # between the objects, as a share of the long side: less, and they flicker
_CHORDS = 8  # for each cubic, where strokes can't be Béziers
_SLIT = 0.01  # pixels, half the width: Blender fills one without any width wrongly
_NAMES = "semvec_names"  # of the strokes, in their order; a custom property of the object
_REGIONS = "semvec_regions"


def show(layer: bpy.types.Collection, placed: list[Placed], look: DrawingStyle) -> None:
    """Make the layer's object those paths."""
    remove_objects(layer)
    drawn = [(depth, path) for depth, path in placed if path.subpaths]
    if not drawn:
        return
    paths = [path for _, path in drawn]
    data = _new_data(paths[0].kind, look.shading == "LIT")
    _set_strokes(data.layers[0].frames[0].drawing, paths, look)
    item = bpy.data.objects.new(paths[0].kind, data)
    item.parent = look.handle
    size = look.space.scale * max(look.space.width, look.space.height)
    item.location.z = _GAP * size if drawn[0][0] else 0.0
    item[REGION] = -1
    item[_NAMES] = [path.name for path in paths]
    item[_REGIONS] = [path.region for path in paths]
    layer.objects.link(item)


def made(item: bpy.types.Object) -> bool:
    """Whether the object shows paths in this form."""
    return item.type == "GREASEPENCIL" and REGION in item


def read(item: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Placed]:
    """The paths of an object. Strokes drawn by hand get names of their own."""
    names, regions = list(item.get(_NAMES, [])), list(item.get(_REGIONS, []))
    drawings = [
        layer.current_frame().drawing
        for layer in item.data.layers
        if not layer.hide and len(layer.frames)
    ]
    strokes = [found for drawing in drawings for found in _strokes_of(drawing)]
    known = len(strokes) == len(names)
    for i, (stroke, corners) in enumerate(strokes):
        name, region = (names[i], regions[i]) if known else (f"{kind}.{i:03d}", -1)
        fill = fill_of((*stroke.fill_color[:3], stroke.fill_opacity))
        path = Path([flattened(corners, to_pixels)], fill, kind, name, region)
        yield to_pixels.translation.z, path


def one_outline(subpaths: list[np.ndarray]) -> np.ndarray:
    """Sub-paths [3·S, 2] joined into one, by slits between nearest anchors: [3·S', 2]."""
    outline, *rest = subpaths
    for points in rest:
        between = np.linalg.norm(outline[::3, None] - points[None, ::3], axis=2)
        here, there = np.unravel_index(np.argmin(between), between.shape)
        outline = np.roll(outline, -3 * here, axis=0)
        points = np.roll(points, -3 * there, axis=0)
        ahead = outline[3 % len(outline)] - outline[0]
        ahead *= _SLIT / max(float(np.linalg.norm(ahead)), _SLIT)
        forth = _line(outline[0] - ahead, points[0] - ahead)
        back = _line(points[0] + ahead, outline[0] + ahead)
        outline = np.concatenate([outline, forth, points, back])
    return outline


def _line(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A straight cubic and what follows it, one to the next anchor: [6, 2]."""
    way = (end - start) / 3.0
    return np.array([start, start + way, end - way, end, end, end])


def _new_data(name: str, lit: bool) -> Any:
    """Grease-pencil data with one layer, an empty drawing and the material of all fills."""
    in_43_to_45 = hasattr(bpy.data, "grease_pencils_v3")
    collection = bpy.data.grease_pencils_v3 if in_43_to_45 else bpy.data.grease_pencils
    data = collection.new(name)
    layer = data.layers.new(name.capitalize())
    layer.use_lights = lit
    layer.frames.new(bpy.context.scene.frame_start)
    data.materials.append(_material())
    return data


def _material() -> bpy.types.Material:
    """Fills without lines; every stroke has its own color."""
    material = bpy.data.materials.get("Semvec Fills")
    if material is None or not material.is_grease_pencil:
        material = bpy.data.materials.new("Semvec Fills")
        bpy.data.materials.create_gpencil_data(material)
        material.grease_pencil.show_stroke = False
        material.grease_pencil.show_fill = True
    return material


def _set_strokes(drawing: Any, paths: list[Path], look: DrawingStyle) -> None:
    """A closed stroke for each path: Béziers, or in Blender 4.3 short straight lines."""
    outlines = [look.space.points(one_outline(path.subpaths)) for path in paths]
    if hasattr(drawing, "set_types"):
        _set_beziers(drawing, outlines)
    else:
        _set_polygons(drawing, [polygon(points) for points in outlines])
    for number, (stroke, path) in enumerate(zip(drawing.strokes, paths, strict=True), start=1):
        *color, opacity = linear_color(mean_fill(path))
        stroke.cyclic = True
        stroke.fill_color = (*color, 1.0)
        stroke.fill_opacity = opacity
        if hasattr(stroke, "fill_id"):  # since 5.1 the stroke says what the material did before
            stroke.fill_id, stroke.hide_stroke = number, True
    drawing.tag_positions_changed()


def _set_beziers(drawing: Any, outlines: list[np.ndarray]) -> None:
    """Empty strokes become cubics: each [3·S, 3]."""
    drawing.add_strokes([len(points) // 3 for points in outlines])
    drawing.set_types(type="BEZIER")
    corners = np.concatenate(outlines).reshape(-1, 3, 3)  # [points, anchor and handles, xyz]
    ends = np.cumsum([len(points) // 3 for points in outlines])[:-1]
    left = [np.roll(piece, 1, axis=0) for piece in np.split(corners[:, 2], ends)]
    _set(drawing, "position", corners[:, 0])
    _set(drawing, "handle_right", corners[:, 1])
    _set(drawing, "handle_left", np.concatenate(left))


def _set_polygons(drawing: Any, outlines: list[np.ndarray]) -> None:
    """Empty strokes become polygons: each [N, 3]."""
    drawing.add_strokes([len(points) for points in outlines])
    _set(drawing, "position", np.concatenate(outlines))


def polygon(points: np.ndarray) -> np.ndarray:
    """Points along a closed outline of cubics [3·S, D]: [_CHORDS·S, D]."""
    weights = bernstein(np.arange(_CHORDS) / _CHORDS)
    return np.einsum("tk,skd->std", weights, cubics(points)).reshape(-1, points.shape[1])


def _set(drawing: Any, name: str, values: np.ndarray) -> None:
    attributes = drawing.attributes
    attribute = attributes.get(name) or attributes.new(name, "FLOAT_VECTOR", "POINT")
    attribute.data.foreach_set("vector", np.ascontiguousarray(values, np.float32).ravel())


def _strokes_of(drawing: Any) -> Iterator[tuple[Any, np.ndarray]]:
    """Every stroke with its anchors and handles [3·S, 3]; straight lines if it is no Bézier."""
    anchors, right, left = (
        _get(drawing, name) for name in ("position", "handle_right", "handle_left")
    )
    ends = [offset.value for offset in drawing.curve_offsets]
    for stroke, start, end in zip(drawing.strokes, ends, ends[1:], strict=False):
        own = slice(start, end)
        if right is None or left is None or int(stroke.curve_type) != _BEZIER:
            yield stroke, straight(anchors[own])
        else:
            handles_in = np.roll(left[own], -1, axis=0)
            corners = np.stack([anchors[own], right[own], handles_in], axis=1)
            yield stroke, corners.reshape(-1, 3)


def _get(drawing: Any, name: str) -> Any:
    """Vectors of all points [K, 3], or None."""
    attribute = drawing.attributes.get(name)
    if attribute is None:
        return None
    values = np.empty(3 * len(attribute.data), np.float32)
    attribute.data.foreach_get("vector", values)
    return values.reshape(-1, 3)
