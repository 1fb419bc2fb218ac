# SPDX-License-Identifier: GPL-3.0-or-later
"""A curve object for each sheet of paths that don't touch: few objects, still Béziers.

An object has one colour, so that each path has a material of its own here, named after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import bpy
from mathutils import Matrix

from ..core.drawing import Kind, Path
from .form import REGION, Look, Placed, remove_objects
from .materials import color_of, plain_material, set_color
from .outlines import fill_of, linear_color, new_curve, outline_of, set_outlines
from .stacking import sheets

_JOINED = "semvec_joined"  # custom property of the objects


def show(layer: bpy.types.Collection, placed: list[Placed], look: Look) -> None:
    """Make the layer's objects those paths."""
    remove_objects(layer)
    first = 0
    template = plain_material(look.shading, look.transparent)
    for number, sheet in enumerate(sheets([path for _, path in placed])):
        name = f"{sheet[0].kind} sheet.{number:03d}"
        item = bpy.data.objects.new(name, new_curve(name))
        _fill(item.data, sheet, template, look)
        item.parent = look.handle
        item.location.z = placed[first][0]
        first += len(sheet)
        item[REGION], item[_JOINED] = -1, True
        layer.objects.link(item)
    bpy.data.materials.remove(template)


def made(item: bpy.types.Object) -> bool:
    """Whether the object shows paths in this form."""
    return item.type == "CURVE" and _JOINED in item


def read(item: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Path]:
    """The paths of an object: one for each of its materials, in their order."""
    for slot, material in enumerate(item.data.materials):
        splines = [spline for spline in item.data.splines if spline.material_index == slot]
        if splines and material is not None:
            subpaths = [outline_of(spline, to_pixels) for spline in splines]
            region = material.get(REGION, -1)
            yield Path(subpaths, fill_of(color_of(material)), kind, material.name, region)


def _fill(curve: Any, sheet: Any, template: bpy.types.Material, look: Look) -> None:
    """All paths of a sheet as the splines of one curve."""
    joined = replace(sheet[0], subpaths=[points for path in sheet for points in path.subpaths])
    set_outlines(curve, joined.subpaths, look.space, look.thickness)
    splines = iter(curve.splines)
    for slot, path in enumerate(sheet):
        material = template.copy()
        material.name = path.name or path.kind
        set_color(material, linear_color(path.fill))
        material[REGION] = path.region
        curve.materials.append(material)
        for _ in path.subpaths:
            next(splines).material_index = slot
