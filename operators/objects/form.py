# SPDX-License-Identifier: GPL-3.0-or-later
"""What the forms of a drawing share: curves, curves joined by region, grease-pencil fills."""

from __future__ import annotations

from typing import NamedTuple

import bpy

from ...core.drawing import Path
from .splines import PictureSpace

# Custom property of every object that shows paths, and of materials and node groups that go with
# the last of them: the region of the path, or -1.
REGION = "semvec_region"

Placed = tuple[float, Path]  # with its depth, in Blender's units


class DrawingStyle(NamedTuple):
    """Where paths lie and how they look. handle: their parent, the drawing's empty."""

    handle: bpy.types.Object | None
    space: PictureSpace
    shading: str
    transparent: bool
    thickness: float


def remove_objects(layer: bpy.types.Collection) -> None:
    """Remove all objects of a layer that show paths, and what nothing else uses of theirs."""
    items = [item for item in layer.objects if REGION in item]
    data = {item.data for item in items if item.data.users == 1}
    materials = {material for each in data for material in each.materials}
    modifiers = [modifier for item in items for modifier in item.modifiers]
    trees = {modifier.node_group for modifier in modifiers if modifier.type == "NODES"}
    bpy.data.batch_remove([*items, *data])
    for used in (trees, materials):  # in this order: trees may use materials
        ours = [each for each in used if each and REGION in each and not each.users]
        bpy.data.batch_remove(ours)
