# SPDX-License-Identifier: GPL-3.0-or-later
"""A curve object for each path. Its color is that of the object; a ramp, its custom properties."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Kind, Path
from ..blender.areas import redraw
from .form import REGION, DrawingStyle, Placed
from .gradients import filled, mean_fill, ramp_values, set_properties
from .materials import drawing_material
from .splines import linear_color, new_curve, outline_of, set_splines


def show(layer: bpy.types.Collection, placed: list[Placed], look: DrawingStyle) -> None:
    """Make the layer's curves those paths: in place where they are there already."""
    update_range(layer, 0, placed, look)
    truncate(layer, len(placed))


def update_range(
    layer: bpy.types.Collection, first: int, placed: list[Placed], look: DrawingStyle
) -> None:
    """Make the layer's curves from the one numbered `first` on those paths; the rest stay.

    Where only points and colors change, nothing but 3D viewports is drawn again.
    """
    items = _curves(layer)[first : first + len(placed)]
    for _, path in placed[len(items) :]:
        items.append(_new_item(layer, path, look))
    for item, (depth, path) in zip(items, placed, strict=True):
        set_splines(item.data, [look.space.points(points) for points in path.subpaths])
        _set_fill(item, path, look)
        if item.location.z != np.float32(depth):
            item.location.z = depth
        item[REGION] = path.region
        item.update_tag(refresh={"OBJECT"})
    _set_colors(layer, first, [path for _, path in placed])
    redraw("WINDOW", "VIEW_3D")


def truncate(layer: bpy.types.Collection, count: int) -> None:
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
    return [item for item in layer.objects if _is_path(item)]


def _is_path(item: bpy.types.Object) -> bool:
    return item.type == "CURVE" and REGION in item


def _set_fill(item: bpy.types.Object, path: Path, look: DrawingStyle) -> None:
    """Give the object the path's material and ramp."""
    material = drawing_material(look.shading, look.transparent, path.ramp is not None)
    if material.name not in item.data.materials:
        item.data.materials.clear()
        item.data.materials.append(material)
    set_properties(item, ramp_values(path, path.ramp, look.space) if path.ramp else {})


def _set_colors(layer: bpy.types.Collection, first: int, paths: list[Path]) -> None:
    """Give the curves from that number on the paths' colors; of ramps, the mean.

    All at once: after each single one Blender would draw most of its editors again.
    """
    colors = np.empty((len(layer.objects), 4), np.float32)
    layer.objects.foreach_get("color", colors.ravel())
    ours = [number for number, item in enumerate(layer.objects) if _is_path(item)]
    for number, path in zip(ours[first:], paths, strict=False):
        colors[number] = linear_color(mean_fill(path))
    layer.objects.foreach_set("color", colors.ravel())


def _new_item(layer: bpy.types.Collection, path: Path, look: DrawingStyle) -> bpy.types.Object:
    name = path.name or path.kind
    curve = new_curve(name)
    curve.fill_mode = "BOTH" if look.thickness else "FRONT"
    curve.extrude = look.thickness / 2.0
    item = bpy.data.objects.new(name, curve)
    item.parent = look.handle
    item[REGION] = path.region
    layer.objects.link(item)
    return item
