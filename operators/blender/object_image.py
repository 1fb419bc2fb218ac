# SPDX-License-Identifier: GPL-3.0-or-later
"""The image that an object shows: as a reference, or as the texture of its material."""

from __future__ import annotations

from typing import Any

import bpy


def image_of_object(item: bpy.types.Object | None) -> bpy.types.Image | None:
    """The image of a reference or of the active material; None where there is none.

    In a material that is the image of the active node, else of the first that has one.
    """
    if item is None:
        return None
    if isinstance(item.data, bpy.types.Image):
        return item.data
    material = item.active_material
    if material is None or material.node_tree is None:
        return None
    nodes = material.node_tree.nodes
    images = [_image_of_node(node) for node in (nodes.active, *nodes)]
    return next((image for image in images if image is not None), None)


def _image_of_node(node: Any) -> bpy.types.Image | None:
    return node.image if node is not None and node.type == "TEX_IMAGE" else None
