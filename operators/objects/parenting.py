# SPDX-License-Identifier: GPL-3.0-or-later
"""Parenting of a drawing's objects to its root.

An object's own transform holds its place in the world at the time it was parented, and the
parent inverse cancels that. Where the root is deleted, the object stays in place instead of
collapsing into the local coordinates of a parent that is gone.
"""

from __future__ import annotations

import bpy
from mathutils import Matrix


def place_below(obj: bpy.types.Object, root: bpy.types.Object | None, local: Matrix) -> None:
    """Parent an object to the root at `local`, in the root's coordinates."""
    obj.parent = root
    if root is None:
        obj.matrix_basis = local
        return
    obj.matrix_basis = _world_matrix(root) @ local
    # From what the object has kept of that matrix: it has no shear.
    obj.matrix_parent_inverse = local @ obj.matrix_basis.inverted_safe()


def local_matrix(obj: bpy.types.Object) -> Matrix:
    """Return the transform of a parented object in its parent's coordinates."""
    return obj.matrix_parent_inverse @ obj.matrix_basis


def _world_matrix(obj: bpy.types.Object) -> Matrix:
    """Return the object's place in the world, before Blender has evaluated a new object."""
    if obj.parent is None:
        return obj.matrix_basis
    return obj.parent.matrix_world @ local_matrix(obj)
