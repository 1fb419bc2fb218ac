# SPDX-License-Identifier: GPL-3.0-or-later
"""Appearance of a finished drawing: thickness, shading, fills, size and orientation, in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import bpy
from mathutils import Matrix

from ..blender.areas import redraw
from .change_form import change_form
from .collection import (
    CANVAS,
    path_objects,
    placement_of,
    read_drawing,
    store_placement,
    style_of,
)
from .form import REGION, remove_unused
from .free_location import facing_matrix
from .materials import has_ramp, set_color, show_ramp
from .parenting import local_matrix
from .path_names import path_name
from .root import root_of
from .splines import linear_color

_FLAT_FILLS = "semvec_flat_fills"  # of the collection: gradients are hidden behind flat colors


def set_form(collection: bpy.types.Collection, form: str) -> None:
    """Show the drawing by objects of another form; gradients that are hidden stay hidden."""
    with with_hidden_gradients(collection):
        change_form(collection, form)


@contextmanager
def with_hidden_gradients(collection: bpy.types.Collection) -> Iterator[None]:
    """Show gradients while objects are replaced; hide them again, in the same flat colors."""
    if fills_of(collection) == "GRADIENT":
        yield
        return
    colors = {path.name: linear_color(path.fill) for path in read_drawing(collection).paths}
    set_fills(collection, "GRADIENT")
    yield
    set_fills(collection, "FLAT")
    for obj, material in _our_materials(collection):
        name = path_name(obj if len(obj.data.materials) == 1 else material)
        if has_ramp(material) and name in colors:
            set_color(material, colors[name])


def set_thickness(collection: bpy.types.Collection, thickness: float) -> None:
    """Change the thickness of all shapes, in Blender's units."""
    store_placement(collection, replace(placement_of(collection), thickness=thickness))
    for _, form, obj in path_objects(collection):
        if REGION in obj:
            form.set_thickness(obj, thickness)


def set_shading(collection: bpy.types.Collection, shading: Any) -> None:
    """Let all shapes react to light (LIT) or show their exact colors (FLAT)."""
    store_placement(collection, replace(placement_of(collection), shading=shading))
    for _, form, obj in path_objects(collection):
        if REGION in obj:
            form.set_shading(obj, shading)


def set_strokes(collection: bpy.types.Collection, strokes: Any) -> None:
    """Show strokes as lines with a width (CURVES) or as filled outlines (OUTLINES)."""
    placement = replace(placement_of(collection), strokes=strokes)
    store_placement(collection, placement)
    if placement.form == "GREASE_PENCIL":  # made again
        set_form(collection, "CURVES")
        set_form(collection, "GREASE_PENCIL")
        return
    style = style_of(collection, ())
    for _, form, obj in list(path_objects(collection)):
        if REGION in obj:
            form.set_strokes(obj, style)
    remove_unused(set(bpy.data.node_groups))


def fills_of(collection: bpy.types.Collection) -> str:
    """Return whether gradients are shown (GRADIENT) or hidden behind flat colors (FLAT)."""
    return "FLAT" if collection.get(_FLAT_FILLS) else "GRADIENT"


def has_gradients(collection: bpy.types.Collection) -> bool:
    """Return whether a shape of the drawing has a gradient, shown or hidden."""
    return any(has_ramp(material) for _, material in _our_materials(collection))


def set_fills(collection: bpy.types.Collection, fills: str) -> None:
    """Show gradients (GRADIENT), or hide them behind flat colors (FLAT) until they are shown."""
    collection[_FLAT_FILLS] = fills == "FLAT"
    for obj, material in _our_materials(collection):
        show_ramp(obj, material, fills == "GRADIENT")
    redraw("WINDOW", "VIEW_3D")


def size_of(collection: bpy.types.Collection) -> float:
    """Return the length of the drawing's long side in the world, in Blender's units."""
    root = root_of(collection)
    scale = 1.0 if root is None else max(_world(root).to_scale()[:2])
    width, height, unit = collection[CANVAS]
    return float(max(width, height) * unit * scale)


def set_size(collection: bpy.types.Collection, size: float) -> None:
    """Scale the drawing about its middle, by its root."""
    root, current = root_of(collection), size_of(collection)
    if root is not None and current > 0.0:
        root.scale = root.scale * (size / current)


def set_orientation(collection: bpy.types.Collection, orientation: Any) -> None:
    """Turn the drawing about its middle, so that it faces the front or the top view."""
    placement = replace(placement_of(collection), orientation=orientation)
    store_placement(collection, placement)
    root = root_of(collection)
    if root is not None:
        _set_matrix(root, facing_matrix(bpy.context.scene, placement), _world(root).translation)


def move_to(collection: bpy.types.Collection, matrix: Matrix) -> None:
    """Move and turn the drawing to a place in the world; its size stays."""
    root = root_of(collection)
    if root is not None:
        _set_matrix(root, matrix, matrix.translation)


def _set_matrix(root: bpy.types.Object, rotation: Matrix, location: Any) -> None:
    scale = Matrix.Diagonal((*_world(root).to_scale(), 1.0))
    turned = Matrix.Translation(location) @ rotation.to_quaternion().to_matrix().to_4x4()
    above = root.parent.matrix_world @ root.matrix_parent_inverse if root.parent else Matrix()
    root.matrix_basis = above.inverted_safe() @ turned @ scale


def _world(root: bpy.types.Object) -> Matrix:
    """Return the root's place in the world, before Blender has evaluated a change of it."""
    return root.parent.matrix_world @ local_matrix(root) if root.parent else root.matrix_basis


def _our_materials(
    collection: bpy.types.Collection,
) -> Iterator[tuple[bpy.types.Object, bpy.types.Material]]:
    """Yield the materials of the objects that show shapes, with these."""
    for _, _, obj in path_objects(collection):
        if REGION in obj:
            for material in obj.data.materials:
                if material is not None and REGION in material:
                    yield obj, material
