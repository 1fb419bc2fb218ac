# SPDX-License-Identifier: GPL-3.0-or-later
"""F-Curves of data-blocks, in actions with and without slots (before Blender 4.4)."""

from __future__ import annotations

from typing import Any

import bpy


def fcurve_of(block: Any, path: str, index: int = 0) -> Any:
    """Return the F-Curve of a property of a data-block, which is made where it is missing."""
    data = block.animation_data or block.animation_data_create()
    if data.action is None:
        data.action = bpy.data.actions.new(block.name)
    curves = _curves(block, data)
    return curves.find(path, index=index) or curves.new(path, index=index)


def _curves(block: Any, data: Any) -> Any:
    action = data.action
    if not hasattr(action, "slots"):
        return action.fcurves
    if data.action_slot is None:
        data.action_slot = action.slots.new(id_type=block.id_type, name=block.name)
    layer = action.layers[0] if action.layers else action.layers.new("Layer")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(data.action_slot, ensure=True).fcurves


def insert_key(curve: Any, frame: int, value: float, interpolation: str = "LINEAR") -> None:
    """Set a keyframe, in place of one at the same frame."""
    key = curve.keyframe_points.insert(frame, value, options={"FAST"})
    key.interpolation = interpolation


def key_change(curve: Any, frame: int, value: float, before: int | None) -> None:
    """Key a value at a frame after all others, unless the last key has it already.

    before: the frame before this one, up to which the last value is held.
    """
    keys = curve.keyframe_points
    if len(keys):
        last = keys[-1]
        if abs(last.co.y - value) < 1e-6:
            return
        if before is not None and last.co.x < before < frame:
            insert_key(curve, before, last.co.y)
    insert_key(curve, frame, value)
    curve.update()


def hold(curve: Any, start: int, end: int | None, value: float, default: float) -> None:
    """Make an F-Curve of steps have a value from frame `start` to before `end`; the rest stays.

    end: None for ever. default: the value without keys.
    """
    keys = curve.keyframe_points
    inside = [key for key in keys if start <= key.co.x and (end is None or key.co.x < end)]
    before = curve.evaluate(start - 1) if len(keys) else default
    after = (curve.evaluate(end) if len(keys) else default) if end is not None else value
    here = curve.evaluate(start) if len(keys) else default
    if here == value and all(key.co.y == value for key in inside):
        return
    for key in reversed(inside):
        keys.remove(key, fast=True)
    if before != value:
        if not any(key.co.x < start for key in keys):  # the first key counts before it as well
            insert_key(curve, start - 1, before, "CONSTANT")
        insert_key(curve, start, value, "CONSTANT")
    if end is not None and after != value:
        insert_key(curve, end, after, "CONSTANT")
    curve.update()


def remove_actions(block: Any) -> None:
    """Remove the action of a data-block that is about to be removed, unless others use it."""
    data = getattr(block, "animation_data", None)
    action = data.action if data is not None else None
    if action is not None and action.users == 1:
        bpy.data.actions.remove(action)
