# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a drawing with data and colors of its own."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from .collection import CANVAS
from .form import REGION
from .path_names import path_name, set_path_name
from .root import SOURCE, root_of

_GAP = 1.1  # distance to the original, in widths of the picture


def duplicate_drawing(
    scene: bpy.types.Scene, collection: bpy.types.Collection
) -> bpy.types.Collection:
    """Copy a drawing to the right of the original; returns the copy's collection."""
    copies: dict[Any, Any] = {}
    materials: dict[Any, Any] = {}
    for obj in collection.all_objects:
        if REGION in obj or obj.get(SOURCE):
            copies[obj] = _copied(obj, materials)
    for obj, copy in copies.items():
        if obj.parent in copies:
            inverse = obj.matrix_parent_inverse.copy()
            copy.parent = copies[obj.parent]
            copy.matrix_parent_inverse = inverse
    copy = _copied_collection(collection, copies)
    scene.collection.children.link(copy)
    root = root_of(copy)
    if root is not None:
        width, _, unit = collection[CANVAS]
        aside = Matrix.Translation((_GAP * width * unit, 0.0, 0.0))
        root.matrix_basis = root.matrix_basis @ aside
    return copy


def _copied_collection(collection: Any, copies: dict[Any, Any]) -> bpy.types.Collection:
    """Copy a collection with its custom properties and those below it."""
    copy = bpy.data.collections.new(collection.name)
    for key in collection.keys():  # noqa: SIM118
        copy[key] = collection[key]
    copy.hide_viewport, copy.hide_render = collection.hide_viewport, collection.hide_render
    for obj in collection.objects:
        if obj in copies:
            copy.objects.link(copies[obj])
    for child in collection.children:
        copy.children.link(_copied_collection(child, copies))
    return _renamed(copy, collection)


def _copied(obj: bpy.types.Object, materials: dict[Any, Any]) -> bpy.types.Object:
    """Copy an object with its data and materials; a material is copied once."""
    copy: Any = obj.copy()
    if obj.data is not None:
        copy.data = obj.data.copy()
        for slot, material in enumerate(copy.data.materials):
            if material is not None and REGION in material:
                if material not in materials:
                    materials[material] = _renamed(material.copy(), material)
                copy.data.materials[slot] = materials[material]
    return _renamed(copy, obj)


def _renamed(copy: Any, original: Any) -> Any:
    """Give the copy the same name of its path, where the original has one."""
    if "semvec_name" in original:
        set_path_name(copy, path_name(original))
    return copy
