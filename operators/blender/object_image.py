# SPDX-License-Identifier: GPL-3.0-or-later
"""The image that an object shows: as a reference, or as the texture of its material."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy

_DEEPEST = 8  # groups inside each other


class Shown(NamedTuple):
    """An image that is shown. user: the `ImageUser` that says which frame of it."""

    image: bpy.types.Image
    user: Any


def image_of_object(item: bpy.types.Object | None) -> bpy.types.Image | None:
    """Return the image of a reference or of the active material; None where there is none."""
    shown = shown_by_object(item)
    return None if shown is None else shown.image


def shown_by_object(item: bpy.types.Object | None) -> Shown | None:
    """Return what a reference or the active material shows; None where that is no image.

    In a material that is the image of the active node, else of the first that has one.
    """
    if item is None:
        return None
    if isinstance(item.data, bpy.types.Image):
        return Shown(item.data, item.image_user)
    material = item.active_material
    if material is None or material.node_tree is None:
        return None
    return _shown_by_tree(material.node_tree)


def _shown_by_tree(tree: Any, depth: int = 0) -> Shown | None:
    """Return the image of the active node, else of the first that has one, groups included."""
    nodes = [node for node in (tree.nodes.active, *tree.nodes) if node is not None]
    for node in nodes:
        if node.type == "TEX_IMAGE" and node.image is not None:
            return Shown(node.image, node.image_user)
    groups = (node.node_tree for node in nodes if node.type == "GROUP" and node.node_tree)
    if depth == _DEEPEST:
        return None
    found = (_shown_by_tree(group, depth + 1) for group in groups)
    return next((shown for shown in found if shown is not None), None)
