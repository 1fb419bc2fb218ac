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
    handle = _add_handle(top, name, placement)
    layers = {kind: _add_layer(top, kind) for kind in KINDS}
    material = flat_material(transparent=any(path.fill[3] < 1.0 for path in drawing.paths))
    for depth, path in enumerate(drawing.paths):
        curve = _curve(path, drawing, scale)
        curve.materials.append(material)
        item = bpy.data.objects.new(path.name or path.kind, curve)
        item.parent = handle
        item.location.z = depth * STACKING_STEP * placement.size
        item.color = (*_linear(path.fill[:3]), path.fill[3])
        item[_REGION] = path.region
        layers[path.kind].objects.link(item)
    scene.collection.children.link(top)
    return top


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


def _curve(path: Path, drawing: Drawing, scale: float) -> bpy.types.Curve:
    """The outlines of a path: 2D, filled, handles free."""
    curve = bpy.data.curves.new(path.name or path.kind, "CURVE")
    curve.dimensions = "2D"
    curve.fill_mode = "FRONT"
    middle = np.array([drawing.width, drawing.height]) / 2.0
    for points in path.subpaths:
        flat = (points - middle) * (scale, -scale)  # [3·S, 2]
        corners = np.pad(flat, ((0, 0), (0, 1))).astype(np.float32).reshape(-1, 3, 3)
        spline = curve.splines.new("BEZIER")
        spline.bezier_points.add(len(corners) - 1)
        spline.bezier_points.foreach_set("co", corners[:, 0].ravel())
        spline.bezier_points.foreach_set("handle_right", corners[:, 1].ravel())
        spline.bezier_points.foreach_set("handle_left", np.roll(corners[:, 2], 1, 0).ravel())
        spline.use_cyclic_u = True
    return curve


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
    handles = [other for other in top.objects if other.get(_SOURCE)]
    origin = handles[0].matrix_world.inverted() if handles else Matrix()
    return origin @ item.matrix_world


def _linear(srgb: np.ndarray) -> Color:
    """A colour as Blender's objects keep it."""
    return Color(srgb.tolist()).from_srgb_to_scene_linear()


def _srgb(linear: Any) -> Color:
    return Color(linear).from_scene_linear_to_srgb()
