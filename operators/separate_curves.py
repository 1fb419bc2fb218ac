# SPDX-License-Identifier: GPL-3.0-or-later
"""A curve object for each path. Its colour is that of the object; a ramp, its custom properties."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
from mathutils import Matrix

from ..core.drawing import Kind, Path
from .form import REGION, Look, Placed
from .materials import drawing_material
from .outlines import linear_color, new_curve, outline_of, set_outlines
from .ramps import filled, mean_fill, ramp_values, set_properties


def show(layer: bpy.types.Collection, placed: list[Placed], look: Look) -> None:
    """Make the layer's curves those paths: in place where they are there already."""
    show_some(layer, 0, placed, look)
    keep_first(layer, len(placed))


def show_some(layer: bpy.types.Collection, first: int, placed: list[Placed], look: Look) -> None:
    """Make the layer's curves from the one numbered `first` on those paths; the rest stay."""
    items = _curves(layer)[first : first + len(placed)]
    for _, path in placed[len(items) :]:
        items.append(_new_item(layer, path, look))
    for item, (depth, path) in zip(items, placed, strict=True):
        set_outlines(item.data, path.subpaths, look.space, look.thickness)
        _paint(item, path, look)
        item.location.z = depth
        item[REGION] = path.region


def keep_first(layer: bpy.types.Collection, count: int) -> None:
    """Remove the layer's curves from the one numbered `count` on."""
    spare = _curves(layer)[count:]
    bpy.data.batch_remove([*spare, *(item.data for item in spare if item.data.users == 1)])


def made(item: bpy.types.Object) -> bool:
    """Whether the object shows a path in this form; curves drawn by hand do, too."""
    return item.type == "CURVE"


def read(item: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Placed]:
    """The path of a curve object."""
    subpaths = [outline_of(spline, to_pixels) for spline in item.data.splines]
    fill = filled(item.get, item.color, to_pixels)
    path = Path(subpaths, kind=kind, name=item.name, region=item.get(REGION, -1), **fill)
    yield to_pixels.translation.z, path


def _curves(layer: bpy.types.Collection) -> list[bpy.types.Object]:
    return [item for item in layer.objects if item.type == "CURVE" and REGION in item]


def _paint(item: bpy.types.Object, path: Path, look: Look) -> None:
    """Give the object the path's fill; what can't show a ramp shows its mean colour."""
    material = drawing_material(look.shading, look.transparent, path.ramp is not None)
    if material.name not in item.data.materials:
        item.data.materials.clear()
        item.data.materials.append(material)
    set_properties(item, ramp_values(path, path.ramp, look.space) if path.ramp else {})
    item.color = linear_color(mean_fill(path))


def _new_item(layer: bpy.types.Collection, path: Path, look: Look) -> bpy.types.Object:
    name = path.name or path.kind
    item = bpy.data.objects.new(name, new_curve(name))
    item.parent = look.handle
    item[REGION] = path.region
    layer.objects.link(item)
    return item
