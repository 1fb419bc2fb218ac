# SPDX-License-Identifier: GPL-3.0-or-later
"""The image that an object shows: as a reference, or as the texture of its material."""

from __future__ import annotations

from typing import Any

import bpy

_DEEPEST = 8  # groups inside each other


def image_of_object(item: bpy.types.Object | None) -> bpy.types.Image | None:
    """Return the image of a reference or of the active material; None where there is none.

    In a material that is the image of the active node, else of the first that has one.
    """
    if item is None:
        return None
    if isinstance(item.data, bpy.types.Image):
        return item.data
    material = item.active_material
    if material is None or material.node_tree is None:
        return None
    return _image_of_tree(material.node_tree)


def _image_of_tree(tree: Any, depth: int = 0) -> bpy.types.Image | None:
    """Return the image of the active node, else of the first that has one, groups included."""
    nodes = [node for node in (tree.nodes.active, *tree.nodes) if node is not None]
    for node in nodes:
        if node.type == "TEX_IMAGE" and node.image is not None:
            return node.image
    groups = (node.node_tree for node in nodes if node.type == "GROUP" and node.node_tree)
    if depth == _DEEPEST:
        return None
    images = (_image_of_tree(group, depth + 1) for group in groups)
    return next((image for image in images if image is not None), None)
