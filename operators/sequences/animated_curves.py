# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a sequence as animated curves: an object for each slot, with absolute shape keys.

A slot has the same nodes at all frames. `eval_time` has a keyframe where the shape changes, so
that Blender interpolates between two shapes. Colors are keyed in the slot's own material, and
visibility at the frames at which a shape appears and disappears. Gradients become their mean
colors.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Kind, Path
from ..blender.fcurves import fcurve_of, hold, insert_key, key_change, remove_actions
from ..objects.collection import add_layer, layers_of
from ..objects.depth_order import DEEPEST, STACKING_STEP
from ..objects.form import REGION, DrawingStyle, remove_path_objects
from ..objects.gradients import mean_fill
from ..objects.materials import PathMaterials, color_paths, set_color
from ..objects.parenting import place_below
from ..objects.path_names import set_path_name
from ..objects.shape_names import shape_name
from ..objects.splines import linear_color, new_curve, set_splines
from .placed_frame import PlacedFrame

_SLOT = "semvec_slot"  # custom property: run, shot and name of the slot
_STEP = "semvec_depth_step"  # of the sequence: depth between two slots, by run and shot
_LAYERS: dict[Kind, str] = {"structural": "Structural", "detail": "Detail"}
_HIDDEN = ("hide_viewport", "hide_render")
_TIME = 10.0  # of eval_time between two shape keys


class AnimatedCurves:
    """The curve objects of a sequence."""

    form = "CURVES"

    def show(
        self, collection: bpy.types.Collection, frame: PlacedFrame, style: DrawingStyle
    ) -> None:
        """Show a drawing from its frame on, to before `frame.end`."""
        objects = {obj[_SLOT]: obj for obj in collection.all_objects if _SLOT in obj}
        paths = {path.name: path for path in frame.drawing.paths if path.subpaths}
        shown = set()
        materials = PathMaterials(style)
        for number, name in enumerate(frame.slots):
            if name not in paths:
                continue
            key = f"{frame.run}.{frame.shot}.{name}"
            path = _flat(paths[name])
            if key not in objects:
                depth = number * _depth_step(collection, frame) * style.size
                objects[key] = _new_object(collection, path, depth, style, materials)
                objects[key][_SLOT] = key
                _hide_before(objects[key], frame)
            _add_shape(objects[key], path, frame, style)
            _add_color(objects[key], path, frame)
            shown.add(key)
        materials.close()
        for key, obj in objects.items():
            _set_visibility(obj, frame, key in shown)
        _remove([obj for key, obj in objects.items() if key not in shown and _is_never_shown(obj)])


def _flat(path: Path) -> Path:
    """Return a path with one color for all of it; a stroke as its outline, which has moved."""
    return replace(path, fill=mean_fill(path), ramp=None, stroke=None)


def _depth_step(collection: bpy.types.Collection, frame: PlacedFrame) -> float:
    """Return the depth between two slots of a shot, as a share of the long side."""
    key = f"{_STEP}.{frame.run}.{frame.shot}"
    if key not in collection:
        collection[key] = min(STACKING_STEP, DEEPEST / max(len(frame.slots), 1))
    return float(collection[key])


def _new_object(
    collection: bpy.types.Collection,
    path: Path,
    depth: float,
    style: DrawingStyle,
    materials: PathMaterials,
) -> bpy.types.Object:
    """Make the object of a slot, with the splines of its first shape."""
    layer = _layer(collection, path.kind)
    name = shape_name(path, len(layer.objects) + 1)
    curve: Any = new_curve(name)
    curve.fill_mode = "BOTH" if style.thickness else "FRONT"
    curve.extrude = style.thickness / 2.0
    curve.materials.append(materials.material_of(path))
    set_splines(curve, [style.space.points(points) for points in path.subpaths])
    for spline in curve.splines:  # aligned handles would be moved between two shapes
        for side in ("handle_left_type", "handle_right_type"):
            spline.bezier_points.foreach_set(side, np.zeros(len(spline.bezier_points), np.int32))
    obj = bpy.data.objects.new(name, curve)
    place_below(obj, style.root, Matrix.Translation((0.0, 0.0, depth)))
    obj[REGION] = path.region
    set_path_name(obj, path.name or path.kind)
    layer.objects.link(obj)
    return obj


def _layer(collection: bpy.types.Collection, kind: Kind) -> bpy.types.Collection:
    """Return the collection for paths of a kind, which is made where it is missing."""
    return layers_of(collection).get(kind) or add_layer(collection, _LAYERS[kind], kind)


def _add_shape(obj: Any, path: Path, frame: PlacedFrame, style: DrawingStyle) -> None:
    """Add a shape key for the path, unless it has the last one's shape, and key the time."""
    corners = [style.space.points(points).reshape(-1, 3, 3) for points in path.subpaths]
    values = {
        "co": np.concatenate([part[:, 0] for part in corners]),
        "handle_right": np.concatenate([part[:, 1] for part in corners]),
        "handle_left": np.concatenate([np.roll(part[:, 2], 1, axis=0) for part in corners]),
    }
    keys = obj.data.shape_keys
    if keys is None or not _has_shape(keys.key_blocks[-1], values):
        if keys is not None:
            keys.eval_time = _TIME * len(keys.key_blocks)  # the place of the new one
        block = obj.shape_key_add(name=f"Frame {frame.number}", from_mix=False)
        keys = obj.data.shape_keys
        keys.use_relative = False
        block.interpolation = "KEY_LINEAR"
        for name, points in values.items():
            block.data.foreach_set(name, np.ascontiguousarray(points, np.float32).ravel())
    curve = fcurve_of(keys, "eval_time")
    key_change(curve, frame.number, keys.key_blocks[-1].frame, frame.before)


def _has_shape(block: Any, values: dict[str, np.ndarray]) -> bool:
    """Return whether a shape key has these points."""
    for name, points in values.items():
        stored = np.empty(points.size, np.float32)
        block.data.foreach_get(name, stored)
        if not np.array_equal(stored, points.astype(np.float32).ravel()):
            return False
    return True


def _add_color(obj: Any, path: Path, frame: PlacedFrame) -> None:
    """Key the color of the slot's material."""
    material = obj.data.materials[0]
    color = linear_color(path.fill)
    set_color(material, color)
    for block, data_path, index, channel in color_paths(material):
        curve = fcurve_of(block, data_path, index)
        key_change(curve, frame.number, color[channel], frame.before)


def _hide_before(obj: Any, frame: PlacedFrame) -> None:
    """Hide a new object at all frames that have drawings already."""
    if frame.others:
        for name in _HIDDEN:
            insert_key(fcurve_of(obj, name), min(frame.others), 1.0, "CONSTANT")


def _set_visibility(obj: Any, frame: PlacedFrame, visible: bool) -> None:
    for name in _HIDDEN:
        default = float(getattr(obj, name))
        hold(fcurve_of(obj, name), frame.number, frame.end, float(not visible), default)


def _is_never_shown(obj: Any) -> bool:
    keys = fcurve_of(obj, _HIDDEN[0]).keyframe_points
    return bool(len(keys)) and all(key.co.y > 0.5 for key in keys)


def _remove(objects: list[Any]) -> None:
    """Remove objects and their actions."""
    for obj in objects:
        material = obj.data.materials[0] if obj.data.materials else None
        tree = material.node_tree if material is not None else None
        for block in (obj, obj.data.shape_keys, material, tree):
            remove_actions(block)
    remove_path_objects(objects)
