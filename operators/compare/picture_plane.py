# SPDX-License-Identifier: GPL-3.0-or-later
"""The rectangle of a drawing in the world, and on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Matrix, Vector

from ..blender.screen_drawing import CORNERS
from ..objects.collection import CANVAS
from ..objects.root import root_of


def corners_of(
    collection: bpy.types.Collection, left: float = 0.0, right: float = 1.0
) -> list[Vector]:
    """Return the corners of a drawing's picture in the world, in the order of `CORNERS`.

    left, right: the part between these shares of the width.
    """
    root = root_of(collection)
    matrix = root.matrix_world if root is not None else Matrix()
    width, height, unit = collection[CANVAS]
    return [
        matrix
        @ Vector(((left + x * (right - left) - 0.5) * width * unit, (y - 0.5) * height * unit, 0.0))
        for x, y in CORNERS
    ]


def share_at(
    corners: Sequence[Vector],
    region: bpy.types.Region,
    view: bpy.types.RegionView3D,
    place: Sequence[float],
) -> float | None:
    """Return the share of the picture's width at a place of the region, in [0, 1].

    None where the picture is not in view, or seen from its edge.
    """
    ends = []
    for near, far in ((0, 2), (1, 3)):
        middle = (corners[near] + corners[far]) / 2.0
        seen = location_3d_to_region_2d(region, view, middle)
        if seen is None:
            return None
        ends.append(np.array(seen))
    axis = ends[1] - ends[0]
    square = float(axis @ axis)
    return float(np.clip((np.array(place) - ends[0]) @ axis / square, 0, 1)) if square else None
