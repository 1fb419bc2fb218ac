# SPDX-License-Identifier: GPL-3.0-or-later
"""The rectangle that a reference shows its image in: an image empty or a flat mesh."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix

_FLAT = 1e-4  # thickness of a flat mesh, as a share of its size


class Rectangle(NamedTuple):
    """A rectangle in the world.

    matrix: it lies around the origin of this, in the XY plane, and faces +Z. size: its long
    side, in the units of the matrix.
    """

    matrix: Matrix
    size: float


def rectangle_of(obj: bpy.types.Object | None) -> Rectangle | None:
    """Return the rectangle that an object shows its image in; None for a solid or no object."""
    if obj is None:
        return None
    if isinstance(obj.data, bpy.types.Image):
        return _of_empty(obj)
    return _of_mesh(obj) if obj.type == "MESH" else None


def image_extent(reference: bpy.types.Object) -> np.ndarray:
    """Return width and height of the image in the empty's own space, as Blender draws it: [2]."""
    image: Any = reference.data
    shape = np.array(image.size) * np.array(image.display_aspect)
    return reference.empty_display_size * shape / max(shape.max(), 1e-9)


def _of_empty(obj: bpy.types.Object) -> Rectangle | None:
    extent = image_extent(obj)
    if not extent.min() > 0.0:
        return None
    offset = (np.array(obj.empty_image_offset) + 0.5) * extent
    matrix = obj.matrix_world @ Matrix.Translation((*offset, 0.0))
    return Rectangle(matrix, float(extent.max()))


def _of_mesh(obj: bpy.types.Object) -> Rectangle | None:
    corners = np.array(obj.bound_box)
    extent = corners.max(axis=0) - corners.min(axis=0)
    thin = int(extent.argmin())
    if thin == 0 or extent[thin] > _FLAT * extent.max():
        return None
    turned = Matrix.Rotation(math.pi / 2, 4, "X") if thin == 1 else Matrix()
    middle = Matrix.Translation(((corners.max(axis=0) + corners.min(axis=0)) / 2.0).tolist())
    return Rectangle(obj.matrix_world @ middle @ turned, float(extent.max()))
