# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as one object, and as plain objects of Blender that semvec knows nothing of."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from .collection import (
    CANVAS,
    FORMS,
    LEVEL,
    layers_of,
    path_objects,
    placed_paths,
    placement_of,
    read_drawing,
    style_of,
)
from .curves_data import new_curves_data
from .depth_order import stacking_depths
from .form import remove_path_objects
from .joined_curves import add_joined
from .parenting import place_below
from .restyle import set_form, with_hidden_gradients
from .root import root_of
from .splines import PictureSpace

_OURS = "semvec_"  # custom properties that begin so are ours


def join_shapes(collection: bpy.types.Collection) -> bpy.types.Object | None:
    """Join all visible shapes to one curve object, with a material for each.

    It is still a drawing. Returns the object; None where there is no shape.
    """
    set_form(collection, "JOINED")
    joined: list[bpy.types.Object] = []
    with with_hidden_gradients(collection):
        placement = placement_of(collection)
        form = FORMS[placement.form]
        own = [
            obj
            for layer, its_form, obj in path_objects(collection)
            if its_form is form and LEVEL not in layer and not (obj.hide_viewport or obj.hide_get())
        ]
        drawing = read_drawing(collection, own)
        placed = placed_paths(drawing, placement)["structural"]
        style = style_of(collection, drawing.paths)
        remove_path_objects(own)
        if placed:
            joined.append(add_joined(layers_of(collection)["structural"], placed, style))
    return joined[0] if joined else None


def expand_drawing(collection: bpy.types.Collection, as_meshes: bool) -> list[bpy.types.Object]:
    """Make a drawing a collection of plain objects with the same look; returns the objects.

    as_meshes: whether curves become meshes; they stay curves otherwise. Grease Pencil stays.
    """
    objects = [obj for _, _, obj in path_objects(collection)]
    if as_meshes:
        objects = [_as_mesh(obj) if obj.type == "CURVE" else obj for obj in objects]
    materials = {each for obj in objects for each in obj.data.materials if each is not None}
    layers = [collection, *collection.children_recursive]
    for block in (*collection.all_objects, *materials, *layers):
        _forget(block)
    return objects


def expand_to_curves_data(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Make a drawing one plain object of *Curves* data with the same look, and return that."""
    drawing, placement = read_drawing(collection), placement_of(collection)
    depths = (stacking_depths(drawing.paths) * placement.size).tolist()
    space = PictureSpace(*collection[CANVAS])
    obj = new_curves_data(f"{collection.name} Curves", drawing.paths, depths, space)
    collection.objects.link(obj)
    place_below(obj, root_of(collection), Matrix())
    remove_path_objects([each for _, _, each in path_objects(collection)])
    for layer in list(collection.children_recursive):
        if not layer.objects:
            bpy.data.collections.remove(layer)
    for block in (*collection.all_objects, collection, *collection.children_recursive):
        _forget(block)
    return [obj]


def _as_mesh(obj: bpy.types.Object) -> bpy.types.Object:
    """Replace a curve object by a mesh object of the same name, place and look."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    mesh = bpy.data.meshes.new_from_object(
        obj.evaluated_get(depsgraph), preserve_all_data_layers=True, depsgraph=depsgraph
    )
    for slot in reversed(range(len(mesh.materials))):
        if mesh.materials[slot] is None:  # of the lines that nodes have filled
            mesh.materials.pop(index=slot)
    name = obj.name
    new: Any = bpy.data.objects.new(name, mesh)
    for key in obj.keys():  # noqa: SIM118
        new[key] = obj[key]  # gradients read some of them
    new.parent, new.matrix_parent_inverse = obj.parent, obj.matrix_parent_inverse
    new.matrix_basis = obj.matrix_basis
    for layer in obj.users_collection:
        layer.objects.link(new)
    for state in ("hide_viewport", "hide_render", "hide_select"):
        setattr(new, state, getattr(obj, state))
    if obj.hide_get():
        new.hide_set(True)
    curve = obj.data
    bpy.data.objects.remove(obj)
    if not curve.users:
        bpy.data.curves.remove(curve)
    new.name = mesh.name = name
    return new


def _forget(block: Any) -> None:
    """Remove our custom properties of a data-block."""
    for key in [key for key in block.keys() if key.startswith(_OURS)]:  # noqa: SIM118
        del block[key]
