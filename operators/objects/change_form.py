# SPDX-License-Identifier: GPL-3.0-or-later
"""Another form of a finished drawing, made of its shapes as they now stand.

What shapes have of their own in Blender is kept where the form has an object for each of them:
locks and the render visibility are remembered for the time in which it has not. A hidden shape
is not joined with others: it stays behind as the object that it is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, NamedTuple

import bpy

from ...core.drawing import Kind, Path
from .collection import (
    CANVAS,
    FORMS,
    KIND,
    LEVEL,
    add_layer,
    layers_of,
    path_objects,
    placement_of,
    store_placement,
    style_of,
)
from .depth_order import stacking_depths
from .form import REGION, DrawingForm, Placed, remove_path_objects
from .grease_pencil import without_hidden
from .group_layers import in_group, parts_of, remove_empty_groups
from .parenting import local_matrix, place_below
from .path_names import path_name
from .root import matrix_below_root, root_of
from .splines import PictureSpace

_STATES = "semvec_states"  # of the collection: JSON, by the names of paths
_FLAGS = ("hide_select", "hide_render")
_LOCKS = ("lock_location", "lock_rotation", "lock_scale")


class _Found(NamedTuple):
    """A path as it now stands, and the object that shows it."""

    depth: float
    path: Path
    obj: bpy.types.Object
    converts: bool
    hidden: bool


def change_form(collection: bpy.types.Collection, form: Any) -> None:
    """Show a drawing by objects of another form, with all edits made by hand."""
    placement = placement_of(collection)
    if placement.form == form:
        return
    old = FORMS[placement.form]
    store_placement(collection, replace(placement, form=form))
    levels = [layer for layer in collection.children if LEVEL in layer]
    own = layers_of(collection)
    layers = _layers_for(collection, FORMS[form], own)
    if old is FORMS["CURVES"]:
        _remember_states(collection)
    _convert(collection, old, layers, levels)
    for level in levels:
        _convert(collection, old, {"structural": level}, levels, level)
    for kind, layer in own.items():
        remove_empty_groups(layer)
        if kind not in layers and not layer.objects and not layer.children:
            bpy.data.collections.remove(layer)


def _convert(
    collection: bpy.types.Collection,
    old: DrawingForm,
    layers: dict[Kind, bpy.types.Collection],
    levels: list[bpy.types.Collection],
    level: bpy.types.Collection | None = None,
) -> None:
    """Convert the shapes of the drawing itself, or those of another level of detail."""
    found = _found(collection, layers, bool(levels), level)
    placement = placement_of(collection)
    depths = (stacking_depths([each.path for each in found]) * placement.size).tolist()
    placed: dict[Kind, list[Placed]] = {kind: [] for kind in layers}
    for depth, each in zip(depths, found, strict=True):
        if each.converts:
            kind = each.path.kind if each.path.kind in placed else "structural"
            placed[kind].append((depth, each.path))
        elif FORMS["CURVES"].is_path_object(each.obj):
            _set_depth(each.obj, collection, depth)
    style = style_of(collection, [each.path for each in found])
    form, hidden = FORMS[placement.form], {id(each.path) for each in found if each.hidden}
    parts = [part for kind, layer in layers.items() for part in parts_of(form, layer, placed[kind])]
    before = {part: set(part.objects) for part, _ in parts}
    _remove(collection, {each.obj for each in found if each.converts})
    form.add(parts, style)
    if form is FORMS["CURVES"]:
        states = json.loads(collection.get(_STATES, "{}"))
        for part, shown in parts:
            new = [obj for obj in part.objects if obj not in before[part]]
            _restore_states(new, [id(path) in hidden for _, path in shown], states)


def _found(
    collection: bpy.types.Collection,
    layers: dict[Kind, bpy.types.Collection],
    has_level: bool,
    level: bpy.types.Collection | None,
) -> list[_Found]:
    """Return all paths in painting order."""
    space = PictureSpace(*collection[CANVAS])
    target = FORMS[placement_of(collection).form]
    found = []
    for layer, form, obj in path_objects(collection):
        if REGION not in obj or (layer if LEVEL in layer else None) != level:
            continue
        layer_hidden = layer.hide_viewport and layer not in layers.values() and not has_level
        hidden = layer_hidden or obj.hide_viewport or obj.hide_get()
        converts = form is not target and (target is FORMS["CURVES"] or not hidden)
        to_pixels = space.to_pixels @ matrix_below_root(obj, collection)
        placed = form.read(obj, layer.get(KIND, "detail"), to_pixels)
        found += [
            _Found(depth, in_group(path, layer), obj, converts, hidden) for depth, path in placed
        ]
    return sorted(found, key=lambda each: each.depth)


def _layers_for(
    collection: bpy.types.Collection,
    form: DrawingForm,
    own: dict[Kind, bpy.types.Collection],
) -> dict[Kind, bpy.types.Collection]:
    """Return the layers of a form, by kind; those that the drawing has are renamed."""
    usual = {name for each in FORMS.values() for name in each.layers.values()}
    for kind, name in form.layers.items():
        if kind in own and own[kind].name.partition(".")[0] in usual:
            own[kind].name = name
    return {
        kind: own.get(kind) or add_layer(collection, name, kind)
        for kind, name in form.layers.items()
    }


def _remove(collection: bpy.types.Collection, objects: set[bpy.types.Object]) -> None:
    """Remove objects; where one of them was active, the drawing's root becomes that."""
    active: Any = bpy.context.view_layer.objects
    root = root_of(collection)
    if active.active in objects and root is not None and root.name in active:
        active.active = root
    remove_path_objects(without_hidden(objects))


def _set_depth(obj: bpy.types.Object, collection: bpy.types.Collection, depth: float) -> None:
    """Move a shape that stays as it is to its place in the order."""
    root = root_of(collection)
    if root is not None and obj.parent == root:
        local = local_matrix(obj)
        local.translation.z = depth
        place_below(obj, root, local)


def _remember_states(collection: bpy.types.Collection) -> None:
    """Keep locks and render visibility of the shapes that have any."""
    states = {}
    for _, _, obj in path_objects(collection):
        state: dict[str, Any] = {name: getattr(obj, name) for name in _FLAGS}
        state |= {name: list(getattr(obj, name)) for name in _LOCKS}
        if REGION in obj and any(map(_is_set, state.values())):
            states[path_name(obj)] = state
    collection[_STATES] = json.dumps(states)


def _is_set(value: Any) -> bool:
    return any(value) if isinstance(value, list) else bool(value)


def _restore_states(
    objects: list[bpy.types.Object], hidden: list[bool], states: dict[str, Any]
) -> None:
    """Hide and lock new shapes, in the order of their paths, as they were."""
    for obj, is_hidden in zip(objects, hidden, strict=True):
        if is_hidden:
            obj.hide_set(True)
        for name, value in states.get(path_name(obj), {}).items():
            setattr(obj, name, value)
