# SPDX-License-Identifier: GPL-3.0-or-later
"""A curve object for each region: its structural shape and the detail on it, still Béziers.

Each path has a material of its own, named after it, which holds its color or ramp. Paths lie at
their depths in the drawing, whatever object they are in, so that those of several regions may
overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Kind, Path
from .form import REGION, DrawingStyle, Placed, remove_objects
from .gradients import Values, filled, mean_fill, ramp_values
from .layer_modifier import add_stack_modifier
from .materials import color_of, plain_material, ramp_node, set_color, set_ramp
from .splines import PictureSpace, linear_color, new_curve, outline_of, set_splines

_JOINED = "semvec_joined"  # custom property of the objects
_KIND = "semvec_kind"  # of a path; custom property of its material


def show(layer: bpy.types.Collection, placed: list[Placed], look: DrawingStyle) -> None:
    """Make the layer's objects those paths."""
    remove_objects(layer)
    templates = {
        ramp: plain_material(look.shading, look.transparent, ramp)
        for ramp in {path.ramp is not None for _, path in placed}
    }
    for region, paths in by_region(placed).items():
        name = paths[0][1].name or paths[0][1].kind
        item = bpy.data.objects.new(name, new_curve(name, "3D"))
        _fill(item.data, paths, templates, look)
        add_stack_modifier(item, look.thickness)
        item.parent = look.handle
        item[REGION], item[_JOINED] = region, True
        layer.objects.link(item)
    bpy.data.batch_remove(templates.values())


def by_region(placed: list[Placed]) -> dict[int, list[Placed]]:
    """The paths of each region, in painting order.

    Detail whose region has no shape of its own lies on the lowest one, the background.
    """
    regions: dict[int, list[Placed]] = {}
    for depth, path in placed:
        known = path.kind == "structural" or path.region in regions or not regions
        region = path.region if known else next(iter(regions))
        regions.setdefault(region, []).append((depth, path))
    return regions


def made(item: bpy.types.Object) -> bool:
    """Whether the object shows paths in this form."""
    return item.type == "CURVE" and _JOINED in item


def read(item: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Placed]:
    """The paths of an object: one for each of its materials that splines have."""
    splines: dict[int, list[bpy.types.Spline]] = {}
    for spline in item.data.splines:
        splines.setdefault(_number(spline), []).append(spline)
    for number, material in enumerate(item.data.materials, start=1):
        if number in splines and material is not None:
            subpaths = [outline_of(spline, to_pixels) for spline in splines[number]]
            fill = filled(_ramp_of(material), color_of(material), to_pixels)
            its_kind, region = material.get(_KIND, kind), material.get(REGION, -1)
            path = Path(subpaths, kind=its_kind, name=material.name, region=region, **fill)
            yield _depth(splines[number][0], to_pixels), path


def _fill(
    curve: Any, placed: list[Placed], templates: dict[bool, bpy.types.Material], look: DrawingStyle
) -> None:
    """All paths as splines of one curve, in the way that the modifier understands.

    templates: the materials to be copied, for paths with a ramp and for those without.
    """
    outlines = [
        look.space.points(subpath, depth) for depth, path in placed for subpath in path.subpaths
    ]
    set_splines(curve, outlines)
    splines = iter(curve.splines)
    for slot, (_, path) in enumerate(placed):
        material = templates[path.ramp is not None].copy()
        _paint(material, path, look.space)
        curve.materials.append(material)
        for _ in path.subpaths:
            spline = next(splines)
            spline.material_index = slot
            number = np.full(len(spline.bezier_points), slot + 1, np.float32)
            spline.bezier_points.foreach_set("radius", number)


def _number(spline: bpy.types.Spline) -> int:
    """The number of a spline's path, as the modifier sees it."""
    return round(float(np.mean([point.radius for point in _points(spline)])))


def _depth(spline: bpy.types.Spline, to_pixels: Matrix) -> float:
    return float(np.mean([(to_pixels @ point.co.to_3d()).z for point in _points(spline)]))


def _points(spline: bpy.types.Spline) -> Any:
    return spline.bezier_points if spline.type == "BEZIER" else spline.points


def _paint(material: bpy.types.Material, path: Path, space: PictureSpace) -> None:
    """Give a material the path's name and fill; what can't show a ramp shows its mean color."""
    material.name = path.name or path.kind
    material[REGION], material[_KIND] = path.region, path.kind
    set_color(material, linear_color(mean_fill(path)))
    if path.ramp is not None:
        set_ramp(material, ramp_values(path, path.ramp, space))


def _ramp_of(material: bpy.types.Material) -> Values:
    """What the material's ramp has for a name."""
    node = ramp_node(material)
    inputs = node.inputs if node else {}
    return lambda name: inputs[name].default_value if name in inputs else None
