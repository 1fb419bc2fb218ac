# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections in the layers of a drawing: one for the paths of each group."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ...core.drawing import Path
from .form import DrawingForm, Placed
from .path_names import has_path_name, path_name, set_path_name

Part = tuple[bpy.types.Collection, list[Placed]]


def group_of(layer: bpy.types.Collection) -> str:
    """Return the group whose paths a collection holds; empty for a layer."""
    return path_name(layer) if has_path_name(layer) else ""


def in_group(path: Path, layer: bpy.types.Collection) -> Path:
    """Return a path with the group of the collection that it is in, where it is in one."""
    group = group_of(layer)
    return replace(path, group=group) if group else path


def parts_of(form: DrawingForm, layer: bpy.types.Collection, placed: list[Placed]) -> list[Part]:
    """Return the collections that show the paths of a layer, with their paths.

    The layer itself shows paths without a group, and all those of a form that keeps groups in its
    objects. Groups that the layer does not have are added; those without any path are empty.
    """
    if not form.has_group_collections:
        return [(layer, placed)]
    groups = {group_of(child): child for child in layer.children if has_path_name(child)}
    parts: dict[str, list[Placed]] = {name: [] for name in ("", *groups)}
    for each in placed:
        parts.setdefault(each[1].group, []).append(each)
    return [
        (groups.get(name) or _add_group(layer, name) if name else layer, members)
        for name, members in parts.items()
    ]


def _add_group(layer: bpy.types.Collection, name: str) -> bpy.types.Collection:
    group = bpy.data.collections.new(name)
    for key in layer.keys():  # noqa: SIM118
        group[key] = layer[key]
    set_path_name(group, name)
    layer.children.link(group)
    return group


def remove_empty_groups(layer: bpy.types.Collection) -> None:
    """Remove the collections of groups in a layer that hold nothing."""
    for child in list(layer.children):
        if has_path_name(child) and not child.objects and not child.children:
            bpy.data.collections.remove(child)
