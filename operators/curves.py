# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as curve objects, and back.

    <name>                collection; custom properties keep canvas and settings
      <name>              an empty, parent of all: moves, turns and scales the drawing
      Structural, Detail  collections
        structural.003    a curve object for each path: 2D, filled, sub-paths are splines

Below the empty, x and y are those of the picture, seen from +z, with y up and the origin
in its middle; each path lies a step nearer to the viewer than the one painted before it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import bpy
import numpy as np
from mathutils import Color, Matrix

from ..core.drawing import Drawing, Kind, Path
from .materials import flat_material

# Distance between two paths, as a share of the long side: enough for Cycles, Workbench and
# the viewport to keep them apart.
STACKING_STEP = 5e-4

KINDS: tuple[Kind, ...] = ("structural", "detail")

# Custom properties
_SOURCE = "semvec_source"  # of the top collection: which image it shows
_CANVAS = "semvec_canvas"  # of the top collection: width and height in pixels, units a pixel
_SETTINGS = "semvec_settings"  # of the top collection: JSON
_KIND = "semvec_kind"  # of the collections below
_REGION = "semvec_region"  # of every path


class Placement(NamedTuple):
    """Where a drawing goes.

    size: its long side, in Blender's units. orientation: UPRIGHT faces the front view,
    in the XZ plane; FLAT lies in the XY plane and faces up. existing: whether drawings
    of the same image are replaced, or this one is added to them.
    """

    size: float = 2.0
    orientation: Literal["UPRIGHT", "FLAT"] = "UPRIGHT"
    existing: Literal["REPLACE", "ADD"] = "REPLACE"


def add_drawing(
    scene: bpy.types.Scene, drawing: Drawing, name: str, placement: Placement | None = None
) -> bpy.types.Collection:
    """Put `drawing`, made from the image `name`, into the scene; returns its collection."""
    placement = placement or Placement()
    if placement.existing == "REPLACE":
        for old in find_drawings(scene, name):
            remove_drawing(scene, old)
    scale = placement.size / max(drawing.width, drawing.height)
    top = bpy.data.collections.new(name)
    top[_SOURCE] = name
    top[_CANVAS] = (drawing.width, drawing.height, scale)
    top[_SETTINGS] = json.dumps(drawing.settings)
    _add_handle(top, name, placement)
    for kind in KINDS:
        _add_layer(top, kind)
    update_drawing(top, drawing)
    scene.collection.children.link(top)
    return top


def update_drawing(top: bpy.types.Collection, drawing: Drawing) -> None:
    """Make the curves below `top` those of `drawing`, which has the same canvas.

    Curves that are there take the new shapes in place; the rest are added or removed.
    """
    scale = top[_CANVAS][2]
    step = STACKING_STEP * scale * max(drawing.width, drawing.height)
    material = flat_material(transparent=any(path.fill[3] < 1.0 for path in drawing.paths))
    for layer in top.children:
        kind = layer.get(_KIND)
        placed = [(i, path) for i, path in enumerate(drawing.paths) if path.kind == kind]
        items = _as_many_curves(layer, [path for _, path in placed], _handle(top))
        for item, (depth, path) in zip(items, placed, strict=True):
            _set_outlines(item.data, path, drawing, scale)
            _set_material(item.data, material)
            item.location.z = depth * step
            item.color = (*_linear(path.fill[:3]), path.fill[3])
            item[_REGION] = path.region


def find_drawings(scene: bpy.types.Scene, name: str) -> list[bpy.types.Collection]:
    """The scene's drawings of the image `name`."""
    return [item for item in scene.collection.children_recursive if item.get(_SOURCE) == name]


def remove_drawing(scene: bpy.types.Scene, top: bpy.types.Collection) -> None:
    """Remove a drawing. Objects that were put into its collections by hand stay in the scene."""
    curves = [item for item in top.all_objects if _REGION in item]
    handles = [item for item in top.objects if item.type == "EMPTY" and item.get(_SOURCE)]
    for item in set(top.all_objects) - {*curves, *handles}:
        if item.name not in scene.collection.objects:
            scene.collection.objects.link(item)
    data = [item.data for item in curves if item.data.users == 1]
    bpy.data.batch_remove([*curves, *handles, *data, *top.children_recursive, top])


def read_drawing(top: bpy.types.Collection) -> Drawing:
    """The drawing as it now stands in Blender, hand edits included: `add_drawing` backwards.

    Whatever was moved, turned or scaled is where it appears on the canvas; paths are ordered
    by their depth. Splines that are not Béziers become straight lines between their points.
    """
    width, height, scale = top[_CANVAS]
    to_canvas = Matrix.Diagonal((scale, -scale, 1.0, 1.0)).inverted()
    to_canvas = Matrix.Translation((width / 2, height / 2, 0.0)) @ to_canvas
    placed = sorted(
        ((_below_handle(item, top), kind, item) for kind, item in _paths(top)),
        key=lambda found: found[0].translation.z,
    )
    paths = [
        Path(
            [_outline(spline, to_canvas @ matrix) for spline in item.data.splines],
            np.array([*_srgb(item.color[:3]), item.color[3]], np.float32),
            kind,
            item.name,
            item.get(_REGION, -1),
        )
        for matrix, kind, item in placed
    ]
    return Drawing(width, height, paths, json.loads(top[_SETTINGS]))


def _add_handle(top: bpy.types.Collection, name: str, placement: Placement) -> bpy.types.Object:
    """The empty that carries the drawing."""
    handle = bpy.data.objects.new(name, None)
    handle[_SOURCE] = name
    handle.empty_display_size = placement.size / 10.0
    if placement.orientation == "UPRIGHT":
        handle.rotation_euler.x = math.pi / 2
    top.objects.link(handle)
    return handle


def _add_layer(top: bpy.types.Collection, kind: Kind) -> bpy.types.Collection:
    layer = bpy.data.collections.new(kind.capitalize())
    layer[_KIND] = kind
    top.children.link(layer)
    return layer


def _handle(top: bpy.types.Collection) -> bpy.types.Object | None:
    return next((item for item in top.objects if item.get(_SOURCE)), None)


def _as_many_curves(
    layer: bpy.types.Collection, paths: list[Path], handle: bpy.types.Object | None
) -> list[bpy.types.Object]:
    """A curve object of the layer for each path; what is missing is added, the rest removed."""
    items = [item for item in layer.objects if item.type == "CURVE" and _REGION in item]
    spare = items[len(paths) :]
    bpy.data.batch_remove([*spare, *(item.data for item in spare if item.data.users == 1)])
    for path in paths[len(items) :]:
        item = bpy.data.objects.new(path.name or path.kind, _new_curve(path))
        item.parent = handle
        layer.objects.link(item)
        items.append(item)
    return items[: len(paths)]


def _new_curve(path: Path) -> bpy.types.Curve:
    """An empty curve: 2D and filled."""
    curve = bpy.data.curves.new(path.name or path.kind, "CURVE")
    curve.dimensions = "2D"
    curve.fill_mode = "FRONT"
    return curve


def _set_outlines(curve: bpy.types.Curve, path: Path, drawing: Drawing, scale: float) -> None:
    """The outlines of a path as closed splines, handles free; in place where they fit."""
    wanted = [len(points) // 3 for points in path.subpaths]
    if [len(spline.bezier_points) for spline in curve.splines] != wanted:
        curve.splines.clear()
        for count in wanted:
            spline = curve.splines.new("BEZIER")
            spline.bezier_points.add(count - 1)
            spline.use_cyclic_u = True
    middle = np.array([drawing.width, drawing.height]) / 2.0
    for spline, points in zip(curve.splines, path.subpaths, strict=True):
        flat = (points - middle) * (scale, -scale)  # [3·S, 2]
        corners = np.pad(flat, ((0, 0), (0, 1))).astype(np.float32).reshape(-1, 3, 3)
        spline.bezier_points.foreach_set("co", corners[:, 0].ravel())
        spline.bezier_points.foreach_set("handle_right", corners[:, 1].ravel())
        spline.bezier_points.foreach_set("handle_left", np.roll(corners[:, 2], 1, 0).ravel())
    curve.update_tag()  # setting many values at once doesn't


def _set_material(curve: bpy.types.Curve, material: bpy.types.Material) -> None:
    if material.name not in curve.materials:
        curve.materials.clear()
        curve.materials.append(material)


def _outline(spline: bpy.types.Spline, to_canvas: Matrix) -> np.ndarray:
    """A spline as a sub-path on the canvas: float32 [3·S, 2]."""
    if spline.type == "BEZIER":
        points = spline.bezier_points
        anchors, right, left = (
            _vectors(points, name, 3) for name in ("co", "handle_right", "handle_left")
        )
        corners = np.stack([anchors, right, np.roll(left, -1, 0)], axis=1).reshape(-1, 3)
    else:
        anchors = _vectors(spline.points, "co", 4)[:, :3]
        thirds = (np.roll(anchors, -1, 0) - anchors) / 3.0
        corners = np.stack([anchors, anchors + thirds, anchors + 2 * thirds], axis=1).reshape(-1, 3)
    matrix = np.array(to_canvas)
    return (corners @ matrix[:2, :3].T + matrix[:2, 3]).astype(np.float32)


def _vectors(points: Any, name: str, width: int) -> np.ndarray:
    values = np.empty(len(points) * width, np.float32)
    points.foreach_get(name, values)
    return values.reshape(-1, width)


def _paths(top: bpy.types.Collection) -> Iterator[tuple[Kind, bpy.types.Object]]:
    """All curve objects of a drawing with their kind; loose ones count as detail."""
    for layer in (top, *top.children_recursive):
        for item in layer.objects:
            if item.type == "CURVE":
                yield layer.get(_KIND, "detail"), item


def _below_handle(item: bpy.types.Object, top: bpy.types.Collection) -> Matrix:
    """Where the object stands, seen from the drawing's empty."""
    if item.parent is not None and item.parent.get(_SOURCE):
        return item.matrix_parent_inverse @ item.matrix_basis  # valid before any redraw
    handle = _handle(top)
    origin = handle.matrix_world.inverted() if handle is not None else Matrix()
    return origin @ item.matrix_world


def _linear(srgb: np.ndarray) -> Color:
    """A colour as Blender's objects keep it."""
    return Color(srgb.tolist()).from_srgb_to_scene_linear()


def _srgb(linear: Any) -> Color:
    return Color(linear).from_scene_linear_to_srgb()
