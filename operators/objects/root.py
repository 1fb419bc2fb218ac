# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of a drawing: the empty that is the parent of all its objects, and its location."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import bpy
from mathutils import Matrix

from ...core.drawing import Drawing
from .free_location import facing_matrix, find_free_location
from .parenting import local_matrix
from .placement import Placement
from .reference import Rectangle, rectangle_of

SOURCE = "semvec_source"  # custom property of roots and collections: the name of the image
_MATRIX = "semvec_root_matrix"  # of collections: the root's matrix when the drawing was added
# In front of a reference, as a share of the size: at ten sizes from it, viewports still tell them
# apart, whose depths have 24 bits.
_GAP = 2.5e-3


def root_of(collection: bpy.types.Collection) -> bpy.types.Object | None:
    """Return the root of a drawing, unless it has been deleted."""
    return next((obj for obj in collection.objects if obj.get(SOURCE)), None)


def new_root(
    scene: bpy.types.Scene,
    name: str,
    placement: Placement,
    shape: tuple[float, float],
    replaced: Sequence[tuple[bpy.types.Object | None, Placement]] = (),
) -> bpy.types.Object:
    """Make the root of a drawing of the image `name`.

    It stands where a replaced drawing's stands that faces the same direction, else as the
    placement says. shape: width and height of the drawing, in any unit. replaced: roots and
    placements.
    """
    for old, previous in replaced:
        if old is not None and _stays(previous, placement):
            return old.copy()  # with its parent and constraints
    root = bpy.data.objects.new(name, None)
    root[SOURCE] = name
    root.empty_display_size = placement.size / 10.0
    root.matrix_basis = _matrix_for(scene, placement, *shape)
    return root


def fitted(scene: bpy.types.Scene, placement: Placement, drawing: Drawing) -> Placement:
    """Return the placement with the size that the drawing has on its reference, if it has one."""
    rectangle = _reference(scene, placement)
    if rectangle is None:
        return placement
    return replace(placement, size=rectangle.fit(drawing.width, drawing.height))


def remember_root(collection: bpy.types.Collection, root: bpy.types.Object) -> None:
    """Keep the root's matrix with the drawing, for `matrix_below_root` without a root."""
    collection[_MATRIX] = [number for row in root.matrix_basis for number in row]


def matrix_below_root(obj: bpy.types.Object, collection: bpy.types.Collection) -> Matrix:
    """Return the place of an object of a drawing in the coordinates of the drawing's root.

    Without a root that is the matrix it had, below which shapes stay in place.
    """
    if obj.parent is not None and obj.parent.get(SOURCE):
        return local_matrix(obj)  # valid before any redraw
    root = root_of(collection)
    if root is not None:
        return root.matrix_world.inverted_safe() @ obj.matrix_world
    numbers = list(collection.get(_MATRIX, ()))
    rows = [numbers[row : row + 4] for row in range(0, 16, 4)] if len(numbers) == 16 else None
    return (Matrix(rows) if rows else Matrix()).inverted_safe() @ obj.matrix_world


def _stays(previous: Placement, placement: Placement) -> bool:
    """Return whether a new drawing stands where the one did that it replaces."""
    moved = placement.location == "CURSOR" or placement.reference not in ("", previous.reference)
    return previous.orientation == placement.orientation and not moved


def _reference(scene: bpy.types.Scene, placement: Placement) -> Rectangle | None:
    if placement.location == "CURSOR" or not placement.reference:
        return None
    return rectangle_of(scene.objects.get(placement.reference))


def _matrix_for(
    scene: bpy.types.Scene, placement: Placement, width: float, height: float
) -> Matrix:
    """Return the root's matrix: on the reference, at the 3D cursor, or on a free place."""
    rectangle = _reference(scene, placement)
    if rectangle is not None:
        gap = _GAP * placement.size
        return rectangle.matrix @ Matrix.Translation((0.0, 0.0, gap))
    if placement.location == "CURSOR":
        return Matrix.Translation(scene.cursor.location) @ facing_matrix(scene, placement)
    return find_free_location(scene, placement, width, height)
