# SPDX-License-Identifier: GPL-3.0-or-later
"""Separate curves: an object for each path, with its origin in the middle of the shape.

Flat shapes of one color share a material. A gradient is in Object > Custom Properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Kind, Path
from ...core.strokes.outline import stroke_outline
from ..blender.areas import redraw
from .form import JOINED, REGION, DrawingStyle, Layers, Placed, remove_path_objects, remove_unused
from .gradients import filled, ramp_values, set_properties
from .materials import (
    PathMaterials,
    color_of,
    has_ramp,
    ramp_of,
    set_materials_shading,
    shows_object_color,
)
from .parenting import local_matrix, place_below
from .path_names import path_name, set_path_name
from .shape_names import shape_name
from .splines import PictureSpace, fill_nonzero, has_fill_rule, new_curve, outline_of
from .stroke_curves import (
    APART,
    line_for,
    outlines_of,
    remembered_stroke,
    set_line,
    set_outline,
    show_strokes_as,
    strokes_of,
)
from .stroke_modifier import set_stroke_thickness, shows_stroke
from .touching import pulled_apart

_SAME_DEPTH = 2e-7  # as a share of the drawing's long side: a rounding error of matrices


# An object, its matrix in the root's coordinates, the path that it shows and the one that it gets.
Replacement = tuple[bpy.types.Object, Matrix, Path, Path]


class _NewShape(NamedTuple):
    """An object to be made: its collection, path, name, and place in the root's coordinates."""

    layer: bpy.types.Collection
    path: Path
    name: str
    place: tuple[float, float, float]


class SeparateCurves:
    """A curve object for each path; curves drawn by hand count as paths, too."""

    layers: Mapping[Kind, str] = {"structural": "Structural", "detail": "Detail"}
    color_type = "MATERIAL"
    has_group_collections = True

    def update(self, layers: Layers, style: DrawingStyle) -> None:
        """Make the curves of each layer show its paths, in place where they exist already."""
        empty = []
        for layer, placed in layers:
            if _curves(layer):
                self.update_range(layer, 0, placed, style)
                self.truncate(layer, len(placed))
            else:
                empty.append((layer, placed))
        self.add(empty, style)

    def add(self, layers: Layers, style: DrawingStyle) -> None:
        """Add a curve for each path to each layer."""
        shapes = [
            _NewShape(layer, path, shape_name(path, number), (*middle_of(path, style.space), depth))
            for layer, placed in layers
            for number, (depth, path) in enumerate(placed, 1)
        ]
        # By name, as Blender keeps data-blocks: it looks for the place of a new one from the end.
        by_name = sorted(range(len(shapes)), key=lambda number: shapes[number].name.lower())
        materials = PathMaterials(style, share=True, by_object=True)
        curves = {number: _new_curve(shapes[number], style, materials) for number in by_name}
        materials.close()
        # After all curves: Blender looks at all objects when a curve gets a material.
        objects = {number: _new_object(shapes[number], curves[number], style) for number in by_name}
        for number, shape in enumerate(shapes):  # collections are in painting order
            shape.layer.objects.link(objects[number])
            _set_shape(objects[number], shape.path, style)

    def set_thickness(self, obj: bpy.types.Object, thickness: float) -> None:
        """Give a curve this thickness, half of it on either side."""
        if shows_stroke(obj):
            set_stroke_thickness(obj, thickness)
        else:
            _set_thickness(obj.data, thickness)

    def set_strokes(self, obj: bpy.types.Object, style: DrawingStyle) -> None:
        """Show the stroke of an object as the style says, in place, where it is one."""
        material = obj.active_material
        if material is None or color_of(material)[3] >= 1.0:
            show_strokes_as(obj, style)
            if not shows_stroke(obj):
                _set_thickness(obj.data, style.thickness)

    def update_range(
        self, layer: bpy.types.Collection, first: int, placed: list[Placed], style: DrawingStyle
    ) -> None:
        """Make the layer's curves from number `first` on show these paths; the rest stay.

        Where only points and colors change, nothing but 3D viewports is drawn again.
        """
        materials = PathMaterials(style, by_object=True)
        objects = _curves(layer)[first : first + len(placed)]
        for number, (depth, path) in enumerate(placed[len(objects) :], first + len(objects) + 1):
            place = (*middle_of(path, style.space), depth)
            shape = _NewShape(layer, path, shape_name(path, number), place)
            obj = _new_object(shape, _new_curve(shape, style, materials), style)
            layer.objects.link(obj)
            objects.append(obj)
        for obj, (depth, path) in zip(objects, placed, strict=True):
            _update(obj, depth, path, style, materials)
        materials.close()
        redraw("WINDOW", "VIEW_3D")

    def replace(self, shapes: Iterable[Replacement], style: DrawingStyle) -> None:
        """Give curves other paths; names, depths, and materials of the same color stay.

        A curve that was turned or scaled by hand is level and of scale 1 afterwards.
        """
        materials = PathMaterials(style, by_object=True)
        for obj, matrix, old, new in shapes:
            place_below(obj, style.root, Matrix.Translation(matrix.translation))
            if not _same_fill(old, new):
                _set_fill(obj, new, materials)
            _set_shape(obj, new, style)
            obj[REGION] = new.region
            obj.update_tag(refresh={"OBJECT"})
        materials.close()
        redraw("WINDOW", "VIEW_3D")

    def truncate(self, layer: bpy.types.Collection, count: int) -> None:
        """Remove the layer's curves from number `count` on."""
        remove_path_objects(_curves(layer)[count:])

    def set_shading(self, obj: bpy.types.Object, shading: str) -> None:
        """Change the materials of an object that are ours."""
        set_materials_shading(obj.data.materials, shading)

    def is_path_object(self, obj: bpy.types.Object) -> bool:
        """Return whether the object shows a path in this form."""
        return obj.type == "CURVE" and JOINED not in obj

    def read(self, obj: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Placed]:
        """Yield the path of a curve object; of one that shows strokes, one for each spline."""
        material = obj.active_material
        if material is None:
            fill = filled(ramp_of(None), obj.color, to_pixels)
        else:
            values = obj.get if has_ramp(material) else ramp_of(None)
            color = obj.color if shows_object_color(material) else color_of(material)
            fill = filled(values, color, to_pixels)
        fill |= {"kind": kind, "name": path_name(obj), "region": obj.get(REGION, -1)}
        depth = to_pixels.translation.z
        if shows_stroke(obj):
            for stroke in strokes_of(obj, to_pixels):
                yield depth, Path(stroke_outline(stroke), stroke=stroke, **fill)
        else:
            subpaths = [outline_of(spline, to_pixels) for spline in obj.data.splines]
            yield depth, Path(subpaths, stroke=remembered_stroke(obj, to_pixels), **fill)


def middle_of(path: Path, space: PictureSpace) -> tuple[float, float]:
    """Return the middle of the box around a path's anchors, in the root's coordinates."""
    if not path.nodes:
        return 0.0, 0.0
    anchors = space.points(np.concatenate([points[::3] for points in path.subpaths]))[:, :2]
    x, y = (anchors.min(axis=0) + anchors.max(axis=0)) / 2.0
    return float(x), float(y)


def _curves(layer: bpy.types.Collection) -> list[bpy.types.Object]:
    return [obj for obj in layer.objects if obj.type == "CURVE" and REGION in obj]


def _new_curve(shape: _NewShape, style: DrawingStyle, materials: PathMaterials) -> bpy.types.Curve:
    """Make the data of a path's object, with its material and without splines."""
    curve = new_curve(shape.name)
    _set_thickness(curve, style.thickness)
    if style.foreign:
        fill_nonzero(curve)
    curve.materials.append(materials.material_of(shape.path, shape.place[:2]))
    return curve


def _new_object(shape: _NewShape, curve: bpy.types.Curve, style: DrawingStyle) -> bpy.types.Object:
    """Make an object of a path's data below the root, in no collection yet."""
    obj = bpy.data.objects.new(curve.name, curve)
    place_below(obj, style.root, Matrix.Translation(shape.place))
    obj[REGION] = shape.path.region
    set_path_name(obj, shape.path.name or shape.path.kind)
    return obj


def _set_thickness(curve: Any, thickness: float) -> None:
    curve.fill_mode = "BOTH" if thickness else "FRONT"
    curve.extrude = thickness / 2.0


def _update(
    obj: bpy.types.Object,
    depth: float,
    path: Path,
    style: DrawingStyle,
    materials: PathMaterials,
) -> None:
    """Give an object another path; it stays where it is, but for its depth."""
    local = local_matrix(obj)
    if abs(local.translation.z - depth) > _SAME_DEPTH * style.size:
        local.translation.z = depth
        place_below(obj, style.root, local)
    _set_fill(obj, path, materials)
    _set_shape(obj, path, style)
    obj[REGION] = path.region
    obj.update_tag(refresh={"OBJECT"})


def _set_fill(obj: bpy.types.Object, path: Path, materials: PathMaterials) -> None:
    """Give an object the fill of a path, in its own material."""
    origin = local_matrix(obj).translation.xy
    material = obj.active_material
    if material is not None and material.users == 1 and materials.fits(material, path):
        materials.paint(material, path, origin)
    else:
        obj.data.materials.clear()
        obj.data.materials.append(materials.material_of(path, origin))
        remove_unused([material])


def _same_fill(old: Path, new: Path) -> bool:
    """Return whether two paths have one flat color, up to rounding to 8 bits."""
    is_flat = old.ramp is None and new.ramp is None
    return is_flat and bool(np.abs(old.fill - new.fill).max() < 0.6 / 255)


def _set_shape(obj: bpy.types.Object, path: Path, style: DrawingStyle) -> None:
    """Give an object the line or the outlines and the gradient of a path, around its origin."""
    middle = local_matrix(obj).translation.xy
    values = ramp_values(path, path.ramp, style.space, middle) if path.ramp else {}
    set_properties(obj, values)
    to_local = style.space.from_pixels - np.array([[0.0, 0.0, middle.x], [0.0, 0.0, middle.y]])
    line = line_for(path, style)
    if line is not None:
        set_line(obj, line.placed(to_local), style.thickness)
        return
    origin = np.array([*middle, 0.0], np.float32)
    outlines = [style.space.points(points) - origin for points in outlines_of(path)]
    may_touch = style.foreign or path.stroke is not None
    if may_touch and not has_fill_rule():
        outlines = pulled_apart(outlines, APART * style.size)
    set_outline(obj, outlines, path.stroke and path.stroke.placed(to_local))
