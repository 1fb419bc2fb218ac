# SPDX-License-Identifier: GPL-3.0-or-later
"""A curve object for each path. Its colour is that of the object."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
from mathutils import Matrix

from ..core.drawing import Kind, Path
from .form import REGION, Look, Placed
from .materials import drawing_material
from .outlines import fill_of, linear_color, new_curve, outline_of, set_outlines


def show(layer: bpy.types.Collection, placed: list[Placed], look: Look) -> None:
    """Make the layer's curves those paths: in place where they are there already."""
    material = drawing_material(look.shading, look.transparent)
    items = _as_many(layer, [path for _, path in placed], look.handle)
    for item, (depth, path) in zip(items, placed, strict=True):
        set_outlines(item.data, path.subpaths, look.space, look.thickness)
        if material.name not in item.data.materials:
            item.data.materials.clear()
            item.data.materials.append(material)
        item.location.z = depth
        item.color = linear_color(path.fill)
        item[REGION] = path.region


def made(item: bpy.types.Object) -> bool:
    """Whether the object shows a path in this form; curves drawn by hand do, too."""
    return item.type == "CURVE"


def read(item: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Path]:
    """The path of a curve object."""
    subpaths = [outline_of(spline, to_pixels) for spline in item.data.splines]
    yield Path(subpaths, fill_of(item.color), kind, item.name, item.get(REGION, -1))


def _as_many(
    layer: bpy.types.Collection, paths: list[Path], handle: bpy.types.Object | None
) -> list[bpy.types.Object]:
    """A curve object of the layer for each path; what is missing is added, the rest removed."""
    items = [item for item in layer.objects if item.type == "CURVE" and REGION in item]
    spare = items[len(paths) :]
    bpy.data.batch_remove([*spare, *(item.data for item in spare if item.data.users == 1)])
    for path in paths[len(items) :]:
        name = path.name or path.kind
        item = bpy.data.objects.new(name, new_curve(name))
        item.parent = handle
        layer.objects.link(item)
        items.append(item)
    return items[: len(paths)]
