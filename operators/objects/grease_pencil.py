# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills and strokes of a Grease Pencil object, as Blender's "SVG as Grease Pencil" makes one.

One object shows all paths, with a material for fills, one for lines, and the colors on its strokes.
Consecutive paths of one kind and group are a layer. Strokes lie in painting order, whatever their
depth, and keep their Béziers. The strokes of a fill share a `fill_id`, which makes holes of those
inside. Before Blender 5.1 a fill has no holes, so that a path's sub-paths are joined by slits too
thin to be seen. Gradients are materials of their own (`grease_pencil_ramps`); the strokes have
their mean colors, which solid viewports show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix

from ...core.bezier import bernstein, cubics
from ...core.drawing import Kind, Path
from ...core.strokes.outline import stroke_outline
from .form import REGION, DrawingStyle, Layers, Placed, remove_objects
from .gradients import filled, mean_fill
from .grease_pencil_lines import (
    PencilLine,
    is_line,
    join_of,
    line_color,
    line_material,
    pencil_line,
    read_line,
    set_line,
)
from .grease_pencil_ramps import RampMaterials, ShownRamps
from .parenting import place_below
from .splines import flattened, linear_color, straight
from .stroke_curves import outlines_of

_BEZIER = 2  # type of a stroke
LAYERS: dict[Kind, str] = {"structural": "Structural", "detail": "Detail"}
_KINDS = {name: kind for kind, name in LAYERS.items()}
_SEPARATOR = ": "  # between kind and group in the name of a layer
_NUMBER = re.compile(r"\.\d{3,}$")  # which Blender adds to the names of further layers
_CHORDS = 8  # for each cubic, where strokes can't be Béziers
_SLIT = 0.01  # pixels, half the width: Blender fills one without any width wrongly
_NAMES = "semvec_names"  # of the strokes, in their order; a custom property of the object
_REGIONS = "semvec_regions"
_JOINS = "semvec_joins"  # of the paths: "round" or a miter limit, nothing for fills
_DEPTHS = "semvec_depths"  # of the paths, above the object's plane: their place in the order


class GreasePencilFills:
    """A Grease Pencil object with a filled stroke for each path."""

    layers: Mapping[Kind, str] = {"structural": "Grease Pencil"}
    color_type = "VERTEX"
    has_group_collections = False

    def update(self, layers: Layers, style: DrawingStyle) -> None:
        """Make the object of each layer show its paths."""
        layers = list(layers)
        for layer, _ in layers:
            remove_objects(layer)
        self.add(layers, style)

    def add(self, layers: Layers, style: DrawingStyle) -> None:
        """Add an object with these paths to each layer."""
        for layer, placed in layers:
            drawn = [(depth, path) for depth, path in placed if path.subpaths]
            if drawn:
                layer.objects.link(_new_object(layer.name, drawn, style))

    def set_thickness(self, obj: bpy.types.Object, thickness: float) -> None:
        """Do nothing: fills of Grease Pencil are flat."""

    def set_strokes(self, obj: bpy.types.Object, style: DrawingStyle) -> None:
        """Do nothing: objects are made again instead."""

    def set_shading(self, obj: bpy.types.Object, shading: str) -> None:
        """Have lights affect all layers of an object, or none."""
        for layer in obj.data.layers:
            layer.use_lights = shading == "LIT"

    def is_path_object(self, obj: bpy.types.Object) -> bool:
        """Return whether the object shows paths in this form."""
        return obj.type == "GREASEPENCIL" and REGION in obj

    def read(self, obj: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Placed]:
        """Yield the paths of an object. Strokes drawn by hand get new names."""
        keys = (_NAMES, _REGIONS, _DEPTHS, _JOINS)
        names, regions, depths, joins = (list(obj.get(key, [])) for key in keys)
        fills = list(_fills_of_object(obj, kind))
        known = len(fills) == len(names)
        for i, fill in enumerate(fills):
            if fill.hidden:
                continue
            name, region = (names[i], regions[i]) if known else (f"{fill.kind}.{i:03d}", -1)
            above = depths[i] if known and len(depths) == len(names) else 0.0
            shape: dict[str, Any] = {
                "kind": fill.kind, "name": name, "region": region, "group": fill.group,
            }  # fmt: skip
            if fill.is_line:
                join = joins[i] if known and len(joins) == len(names) else ""
                line = read_line(fill.stroke, fill.outlines[0], to_pixels, join)
                shape |= {"fill": line_color(fill.stroke), "stroke": line}
                subpaths = stroke_outline(line)
            else:
                flat = (*fill.stroke.fill_color[:3], fill.stroke.fill_opacity)
                shape |= filled(fill.ramp.get, flat, to_pixels)
                subpaths = [flattened(corners, to_pixels) for corners in fill.outlines]
            path = Path(subpaths, **shape)
            yield to_pixels.translation.z + above, path


class _Fill(NamedTuple):
    """A fill of an object: its first stroke and the outlines of all that share it, [3·S, 3].

    is_line: whether it is a stroke, with a width and without a fill. ramp: as `ramp_values`.
    """

    stroke: Any
    outlines: list[np.ndarray]
    kind: Kind
    group: str
    hidden: bool
    is_line: bool
    ramp: dict[str, Any]


def follow_colors(material: bpy.types.Material) -> None:
    """Give the strokes of a gradient, in all drawings, its new mean color."""
    for obj in bpy.data.objects:
        if obj.type != "GREASEPENCIL" or REGION not in obj:
            continue
        for fill in _fills_of_object(obj, "structural"):
            slot = fill.stroke.material_index
            if fill.ramp and obj.data.materials[slot] == material:
                outlines = [points[:, :2] for points in fill.outlines]
                shape = Path(outlines, **filled(fill.ramp.get, (0.0, 0.0, 0.0, 1.0), Matrix()))
                mean = (*linear_color(mean_fill(shape))[:3], 1.0)
                if tuple(fill.stroke.fill_color) != mean:
                    fill.stroke.fill_color = mean


def without_hidden(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    """Return the objects whose shapes can all be replaced, as they are all shown.

    Objects with hidden layers lose the others: what is hidden stays.
    """
    objects = list(objects)
    partly = [
        obj
        for obj in objects
        if obj.type == "GREASEPENCIL" and any(layer.hide for layer in obj.data.layers)
    ]
    for obj in partly:
        _remove_shown(obj)
    return [obj for obj in objects if obj not in partly]


def _remove_shown(obj: Any) -> None:
    """Remove the layers that are shown, and what is stored of their paths."""
    hidden = [fill.hidden for fill in _fills_of_object(obj, "structural")]
    for key in (_NAMES, _REGIONS, _DEPTHS, _JOINS):
        values = list(obj.get(key, []))
        if len(values) == len(hidden):
            obj[key] = [value for value, stays in zip(values, hidden, strict=True) if stays]
    for layer in [layer for layer in obj.data.layers if not layer.hide]:
        obj.data.layers.remove(layer)


def one_outline(subpaths: list[np.ndarray]) -> np.ndarray:
    """Join sub-paths [3·S, 2] into one, by slits between nearest anchors: [3·S', 2]."""
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
    """Return a straight cubic and a zero-length one that ends in the next anchor: [6, 2]."""
    way = (end - start) / 3.0
    return np.array([start, start + way, end - way, end, end, end])


def _new_object(name: str, drawn: list[Placed], style: DrawingStyle) -> bpy.types.Object:
    """Make an object of paths, with a layer for each run of one kind."""
    data = new_data(name)
    paths = [path for _, path in drawn]
    data.materials.append(fills_material())
    if any(pencil_line(path, style) for path in paths):
        data.materials.append(line_material())
    ramps = RampMaterials(data, style)
    for (kind, group), run in groupby(paths, key=lambda path: (path.kind, path.group)):
        layer = data.layers.new(_layer_name(kind, group, style.foreign))
        layer.use_lights = style.shading == "LIT"
        drawing = layer.frames.new(bpy.context.scene.frame_start).drawing
        set_strokes(drawing, list(run), style, ramps)
    obj = bpy.data.objects.new(name, data)
    place_below(obj, style.root, Matrix.Translation((0.0, 0.0, drawn[0][0])))
    obj[REGION] = -1
    obj[_NAMES] = [path.name for path in paths]
    obj[_REGIONS] = [path.region for path in paths]
    obj[_JOINS] = [join_of(path.stroke) if pencil_line(path, style) else "" for path in paths]
    obj[_DEPTHS] = [depth - drawn[0][0] for depth, _ in drawn]
    return obj


def new_data(name: str) -> Any:
    """Return new Grease Pencil data whose strokes lie in painting order."""
    in_43_to_45 = hasattr(bpy.data, "grease_pencils_v3")
    blocks = bpy.data.grease_pencils_v3 if in_43_to_45 else bpy.data.grease_pencils
    data = blocks.new(name)
    data.stroke_depth_order = "2D"
    return data


def fills_material() -> bpy.types.Material:
    """Return the material of all fills: no lines; every stroke has its own color.

    In Blender 5.1 and later strokes have the flags that the material had.
    """
    material = bpy.data.materials.get("Semvec Fills")
    if material is None or not material.is_grease_pencil:
        material = bpy.data.materials.new("Semvec Fills")
        material[REGION] = -1
        bpy.data.materials.create_gpencil_data(material)
        if bpy.app.version < (5, 1, 0):
            material.grease_pencil.show_stroke = False
            material.grease_pencil.show_fill = True
    return material


def set_strokes(
    drawing: Any, paths: Sequence[Path], style: DrawingStyle, ramps: RampMaterials | None = None
) -> None:
    """Add a stroke for each line and closed ones for each fill.

    They are Béziers, or in Blender 4.3 short straight lines. ramps: those of the object; without
    them gradients become their mean colors.
    """
    holes = _has_fill_ids(drawing)
    lines = [pencil_line(path, style) for path in paths]
    subpaths = [
        [line.corners] if line else _filled(path, holes)
        for line, path in zip(lines, paths, strict=True)
    ]
    outlines = [style.space.points(points) for group in subpaths for points in group]
    owners = [number for number, group in enumerate(subpaths) for _ in group]
    if hasattr(drawing, "set_types"):
        _set_beziers(drawing, outlines)
    else:
        pieces = zip(outlines, owners, strict=True)
        _set_polygons(drawing, [_polyline(points, lines[owner]) for points, owner in pieces])
    for stroke, number in zip(drawing.strokes, owners, strict=True):
        line = lines[number]
        if line is not None:
            set_line(stroke, line, paths[number].fill)
            continue
        *color, opacity = linear_color(mean_fill(paths[number]))
        stroke.cyclic = True
        stroke.fill_color = (*color, 1.0)
        stroke.fill_opacity = opacity
        if holes:  # the stroke says what the material did before
            stroke.fill_id, stroke.hide_stroke = number + 1, True
    if ramps and any(path.ramp for path in paths):
        ramps.show(drawing, [None if lines[owner] else paths[owner] for owner in owners])
    drawing.tag_positions_changed()


def _polyline(points: np.ndarray, line: PencilLine | None) -> np.ndarray:
    """Return points [N, D] along cubics [3·S, D], to the end of a line that is not closed."""
    sampled = polygon(points)
    return sampled if line is None else line.polyline(sampled, _CHORDS)


def _filled(path: Path, holes: bool) -> list[np.ndarray]:
    """Return the outlines that fill a path; holes: whether fills can have some."""
    subpaths = outlines_of(path)
    return subpaths if holes else [one_outline(subpaths)]


def _has_fill_ids(drawing: Any) -> bool:
    """Return whether strokes of this version of Blender, 5.1 or later, have a `fill_id`."""
    drawing.add_strokes([1])
    found = hasattr(drawing.strokes[0], "fill_id")
    drawing.remove_strokes()
    return found


def _set_beziers(drawing: Any, outlines: list[np.ndarray]) -> None:
    """Add a stroke of cubics for each outline [3·S, 3]."""
    drawing.add_strokes([len(points) // 3 for points in outlines])
    drawing.set_types(type="BEZIER")
    corners = np.concatenate(outlines).reshape(-1, 3, 3)  # [points, anchor and handles, xyz]
    ends = np.cumsum([len(points) // 3 for points in outlines])[:-1]
    left = [np.roll(piece, 1, axis=0) for piece in np.split(corners[:, 2], ends)]
    _set(drawing, "position", corners[:, 0])
    _set(drawing, "handle_right", corners[:, 1])
    _set(drawing, "handle_left", np.concatenate(left))


def _set_polygons(drawing: Any, outlines: list[np.ndarray]) -> None:
    """Add a polygonal stroke for each outline [N, 3]."""
    drawing.add_strokes([len(points) for points in outlines])
    _set(drawing, "position", np.concatenate(outlines))


def polygon(points: np.ndarray) -> np.ndarray:
    """Return points along a closed outline of cubics [3·S, D]: [_CHORDS·S, D]."""
    weights = bernstein(np.arange(_CHORDS) / _CHORDS)
    return np.einsum("tk,skd->std", weights, cubics(points)).reshape(-1, points.shape[1])


def _set(drawing: Any, name: str, values: np.ndarray) -> None:
    attributes = drawing.attributes
    attribute = attributes.get(name) or attributes.new(name, "FLOAT_VECTOR", "POINT")
    attribute.data.foreach_set("vector", np.ascontiguousarray(values, np.float32).ravel())


def _strokes_of(drawing: Any) -> Iterator[tuple[Any, np.ndarray]]:
    """Yield every stroke with its anchors and handles [3·S, 3]; others than Béziers as lines."""
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


def _fills_of_object(obj: bpy.types.Object, kind: Kind) -> Iterator[_Fill]:
    """Yield all fills of an object; kind: that of layers that have other names than ours."""
    for layer in obj.data.layers:
        frame = layer.current_frame() or next(iter(layer.frames), None)
        if frame is not None:
            own, group = _kind_and_group(layer.name, kind)
            ramps = ShownRamps(obj, frame.drawing)
            for number, stroke, outlines in _fills_of(frame.drawing):
                lined, ramp = is_line(obj, stroke), ramps.values(number, stroke)
                yield _Fill(stroke, outlines, own, group, layer.hide, lined, ramp)


def _layer_name(kind: Kind, group: str, foreign: bool) -> str:
    """Return the name of a layer; groups of another program's file have their own names."""
    if not group:
        return LAYERS[kind]
    plain = foreign and kind == "structural"  # the kind of all paths of such files
    return group if plain else LAYERS[kind] + _SEPARATOR + group


def _kind_and_group(layer: str, kind: Kind) -> tuple[Kind, str]:
    """Return what the name of a layer says; kind: for names that are not ours."""
    name = _NUMBER.sub("", layer)
    first, _, group = name.partition(_SEPARATOR)
    return (_KINDS[first], group) if first in _KINDS else (kind, name)


def _fills_of(drawing: Any) -> Iterator[tuple[int, Any, list[np.ndarray]]]:
    """Yield each fill: number and first stroke, and the outlines of all strokes that share it."""
    fills: dict[int, tuple[int, Any, list[np.ndarray]]] = {}
    for number, (stroke, corners) in enumerate(_strokes_of(drawing)):
        shared = getattr(stroke, "fill_id", 0)
        key = shared if shared > 0 else -1 - number
        fills.setdefault(key, (number, stroke, []))[2].append(corners)
    yield from fills.values()


def _get(drawing: Any, name: str) -> Any:
    """Return a vector attribute of all points [K, 3], or None."""
    attribute = drawing.attributes.get(name)
    if attribute is None:
        return None
    values = np.empty(3 * len(attribute.data), np.float32)
    attribute.data.foreach_get("vector", values)
    return values.reshape(-1, 3)
