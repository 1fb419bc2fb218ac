# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a free location near the world origin for a new drawing, by casting rays."""

from __future__ import annotations

import math

import bpy
from mathutils import Matrix, Vector

from .depth_order import DEEPEST, STACKING_STEP
from .placement import Placement

_RAYS = 16  # along each side of the picture
_REACH = 1.0  # how far away something is in the way, in sizes of the picture
_CLEAR = 0.01  # from what is behind, in sizes: viewports sort images less exactly than surfaces
_STEPS = 8  # each beyond what the one before met


def facing_matrix(scene: bpy.types.Scene, placement: Placement) -> Matrix:
    """Return the rotation of a drawing that faces the direction of its placement.

    Without a camera to face, it is upright.
    """
    if placement.orientation == "CAMERA" and scene.camera is not None:
        return scene.camera.matrix_world.to_quaternion().to_matrix().to_4x4()
    upright = placement.orientation != "FLAT"
    return Matrix.Rotation(math.pi / 2 if upright else 0.0, 4, "X")


def find_free_location(
    scene: bpy.types.Scene, placement: Placement, width: float, height: float
) -> Matrix:
    """Return the matrix of a picture of this shape, in whose XY plane it lies, facing +Z.

    It stands in front of surfaces that are visible in the viewport and would hide it, unless
    they are farther away than the picture is large.
    """
    matrix = facing_matrix(scene, placement)
    scale = placement.size / max(width, height)
    corner = Vector((width, height, 0.0)) * scale / 2.0
    matrix.translation = matrix.col[2].to_3d() * _clearance(scene, matrix, corner, placement.size)
    return matrix


def _clearance(scene: bpy.types.Scene, matrix: Matrix, corner: Vector, size: float) -> float:
    """Return how far to move along +Z until nothing near is in front."""
    view_layer = scene.view_layers[0]
    view_layer.update()
    distance = 0.0
    for _ in range(_STEPS):
        met = _farthest_surface(scene, view_layer.depsgraph, matrix, corner, distance, size)
        if met is None:
            break
        distance = met + _CLEAR * size
    return distance


def _farthest_surface(
    scene: bpy.types.Scene,
    depsgraph: bpy.types.Depsgraph,
    matrix: Matrix,
    corner: Vector,
    distance: float,
    size: float,
) -> float | None:
    """Return the largest distance of the surfaces that rays from the picture's front meet first."""
    towards = matrix.col[2].to_3d()
    behind = STACKING_STEP * size / 2.0  # so that what lies in the very plane is met
    reach = (_REACH + DEEPEST) * size
    shares = [2.0 * (i + 0.5) / _RAYS - 1.0 for i in range(_RAYS)]
    met = []
    for across in shares:
        for up in shares:
            start = matrix @ Vector((corner.x * across, corner.y * up, distance - behind))
            hit, location, *_ = scene.ray_cast(depsgraph, start, towards, distance=reach)
            if hit:
                met.append((location - matrix.translation).dot(towards))
    return max(met, default=None)
