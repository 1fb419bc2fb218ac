# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves joined by region: an object for each region's structural shape and the detail on it.

Each path has a material of its own, which holds its fill. Paths lie at their depths in the
drawing, whatever object they are in, so that those of several regions may overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Kind, Path
from .curve_objects import middle_of
from .form import JOINED, REGION, DrawingStyle, Layers, Placed, remove_objects
from .gradients import filled
from .layer_modifier import add_stack_modifier, set_stack_thickness
from .materials import PathMaterials, color_of, ramp_of, set_materials_shading
from .parenting import place_below
from .path_names import path_name, set_path_name
from .shape_names import shape_name
from .splines import new_curve, outline_of, set_splines
from .stroke_curves import outlines_of

_KIND = "semvec_kind"  # of a path; custom property of its material


class JoinedCurves:
    """A curve object for each region; the detail on a region lies in the same object."""

    layers: Mapping[Kind, str] = {"structural": "Regions"}
    color_type = "MATERIAL"
    has_group_collections = True

    def update(self, layers: Layers, style: DrawingStyle) -> None:
        """Make the objects of each layer show its paths."""
        layers = list(layers)
        for layer, _ in layers:
            remove_objects(layer)
        self.add(layers, style)

    def add(self, layers: Layers, style: DrawingStyle) -> None:
        """Add an object for each region of these paths to each layer."""
        materials = PathMaterials(style)
        for layer, placed in layers:
            for number, (region, paths) in enumerate(by_region(placed).items(), start=1):
                obj = _new_object(paths, number, materials, style)
                obj[REGION], obj[JOINED] = region, True
                layer.objects.link(obj)
        materials.close()

    def set_thickness(self, obj: bpy.types.Object, thickness: float) -> None:
        """Give the paths of an object this thickness, half of it on either side."""
        set_stack_thickness(obj, thickness)

    def set_strokes(self, obj: bpy.types.Object, style: DrawingStyle) -> None:
        """Do nothing: joined curves are filled."""

    def set_shading(self, obj: bpy.types.Object, shading: str) -> None:
        """Change the materials of an object that are ours."""
        set_materials_shading(obj.data.materials, shading)

    def is_path_object(self, obj: bpy.types.Object) -> bool:
        """Return whether the object shows paths in this form."""
        return obj.type == "CURVE" and JOINED in obj

    def read(self, obj: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Placed]:
        """Yield the paths of an object: one for each of its materials that splines have."""
        splines: dict[int, list[bpy.types.Spline]] = {}
        for spline in obj.data.splines:
            splines.setdefault(_number(spline), []).append(spline)
        for number, material in enumerate(obj.data.materials, start=1):
            if number in splines and material is not None:
                subpaths = [outline_of(spline, to_pixels) for spline in splines[number]]
                fill = filled(ramp_of(material), color_of(material), to_pixels)
                its_kind, region = material.get(_KIND, kind), material.get(REGION, -1)
                name = path_name(material)
                path = Path(subpaths, kind=its_kind, name=name, region=region, **fill)
                yield _depth(splines[number][0], to_pixels), path


def by_region(placed: list[Placed]) -> dict[int, list[Placed]]:
    """Group paths by region, in painting order.

    Detail whose region has no shape of its own lies on the lowest one, the background.
    """
    regions: dict[int, list[Placed]] = {}
    for depth, path in placed:
        known = path.kind == "structural" or path.region in regions or not regions
        region = path.region if known else next(iter(regions))
        regions.setdefault(region, []).append((depth, path))
    return regions


def add_joined(
    layer: bpy.types.Collection, placed: list[Placed], style: DrawingStyle
) -> bpy.types.Object:
    """Add one object for all of these paths, of whatever regions, to a layer."""
    materials = PathMaterials(style)
    obj = _new_object(placed, 1, materials, style)
    obj[REGION], obj[JOINED] = -1, True
    obj.name = obj.data.name = layer.name
    layer.objects.link(obj)
    materials.close()
    return obj


def _new_object(
    paths: list[Placed], number: int, materials: PathMaterials, style: DrawingStyle
) -> bpy.types.Object:
    """Make an object of all paths of a region, with its origin in the middle of the first."""
    name = shape_name(paths[0][1], number)
    obj = bpy.data.objects.new(name, new_curve(name, "3D"))
    middle = middle_of(paths[0][1], style.space)
    _fill(obj.data, paths, middle, materials, style)
    add_stack_modifier(obj, style.thickness)
    place_below(obj, style.root, Matrix.Translation((*middle, 0.0)))
    return obj


def _fill(
    curve: Any,
    placed: list[Placed],
    middle: tuple[float, float],
    materials: PathMaterials,
    style: DrawingStyle,
) -> None:
    """Add all paths as splines of one curve, in the order that the modifier expects."""
    origin = np.array([*middle, 0.0], np.float32)
    subpaths = [outlines_of(path) for _, path in placed]
    outlines = [
        style.space.points(subpath, depth) - origin
        for (depth, _), own in zip(placed, subpaths, strict=True)
        for subpath in own
    ]
    set_splines(curve, outlines)
    splines = iter(curve.splines)
    for slot, (_, path) in enumerate(placed):
        material = materials.material_of(path, middle)
        material[_KIND] = path.kind
        material.name = shape_name(path, slot + 1)
        set_path_name(material, path.name or path.kind)
        curve.materials.append(material)
        for _ in subpaths[slot]:
            spline = next(splines)
            spline.material_index = slot
            number = np.full(len(spline.bezier_points), slot + 1, np.float32)
            spline.bezier_points.foreach_set("radius", number)


def _number(spline: bpy.types.Spline) -> int:
    """Return the number of a spline's path, as the modifier reads it."""
    return round(float(np.mean([point.radius for point in _points(spline)])))


def _depth(spline: bpy.types.Spline, to_pixels: Matrix) -> float:
    return float(np.mean([(to_pixels @ point.co.to_3d()).z for point in _points(spline)]))


def _points(spline: bpy.types.Spline) -> Any:
    return spline.bezier_points if spline.type == "BEZIER" else spline.points
