# SPDX-License-Identifier: GPL-3.0-or-later
"""The rectangle that a reference shows its image in: an image empty or a flat mesh."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix

_FLAT = 1e-4  # thickness of a flat mesh, as a share of its size

# From X to the right, Y up and Z towards the viewer to axes of a mesh, by the one that it is thin
# along: rows of a matrix.
_TURNED = (
    ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
)


class Rectangle(NamedTuple):
    """A rectangle in the world.

    matrix: it lies around the origin of this, in the XY plane, and faces +Z. width, height: in the
    units of the matrix.
    """

    matrix: Matrix
    width: float
    height: float

    def fit(self, width: float, height: float) -> float:
        """Return the long side of the largest picture of this shape that fits.

        A picture of the rectangle's own shape, to a hundredth, fills it: images are resized.
        """
        longest = max(self.width, self.height)
        fits = min(self.width / width, self.height / height) * max(width, height)
        return longest if fits > 0.99 * longest else fits


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
    return Rectangle(matrix, *extent.tolist())


def _of_mesh(obj: bpy.types.Object) -> Rectangle | None:
    corners = np.array(obj.bound_box)
    extent = corners.max(axis=0) - corners.min(axis=0)
    thin = int(extent.argmin())
    if extent[thin] > _FLAT * extent.max():
        return None
    turned = Matrix(_TURNED[thin]).to_4x4()
    middle = Matrix.Translation(((corners.max(axis=0) + corners.min(axis=0)) / 2.0).tolist())
    sides = [float(side) for axis, side in enumerate(extent) if axis != thin]
    return Rectangle(obj.matrix_world @ middle @ turned, *sides)
