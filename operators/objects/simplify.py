# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing in the scene with fewer nodes and fewer shapes.

Separate curves change in place. Objects that show several paths are replaced by new ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy

from ...core.drawing import Path
from ...core.simplification.least_useful import keep_most_useful
from ...core.simplification.nodes import merge_nodes
from .collection import (
    CANVAS,
    FORMS,
    KIND,
    path_objects,
    style_of,
)
from .form import REGION, DrawingForm, Placed, remove_path_objects
from .grease_pencil import without_hidden
from .root import matrix_below_root
from .splines import PictureSpace, set_flat_outlines


class Counts(NamedTuple):
    """Numbers of shapes and nodes before and after."""

    shapes: tuple[int, int]
    nodes: tuple[int, int]


class _Shape(NamedTuple):
    depth: float
    path: Path
    layer: bpy.types.Collection
    form: DrawingForm
    obj: Any


def shape_count(collection: bpy.types.Collection) -> int:
    """Return the number of visible shapes."""
    return len(_visible_shapes(collection))


def simplify_drawing(
    collection: bpy.types.Collection, tolerance: float, shapes: int | None = None
) -> Counts:
    """Merge nodes of the visible shapes, and remove the least useful ones.

    tolerance: in pixels of the picture. shapes: number that stays. Shapes that can't be selected
    are locked: they stay as they are.
    """
    found = _visible_shapes(collection)
    paths = [each.path for each in found]
    locked = {number for number, each in enumerate(found) if each.obj.hide_select}
    stays = list(range(len(found)))
    if shapes is not None and shapes < len(found):
        width, height, _ = collection[CANVAS]
        stays = keep_most_useful(paths, (width, height), shapes, locked)
    merged = dict(zip(stays, merge_nodes([paths[number] for number in stays], tolerance)))
    for number in locked:
        merged[number] = paths[number]
    _show(collection, found, merged)
    before, after = (sum(path.nodes for path in group) for group in (paths, merged.values()))
    return Counts((len(found), len(merged)), (before, after))


def _visible_shapes(collection: bpy.types.Collection) -> list[_Shape]:
    """Return the visible shapes in painting order."""
    space = PictureSpace(*collection[CANVAS])
    found = []
    for layer, form, obj in path_objects(collection):
        if REGION not in obj or layer.hide_viewport or obj.hide_viewport or obj.hide_get():
            continue
        to_pixels = space.to_pixels @ matrix_below_root(obj, collection)
        placed = form.read(obj, layer.get(KIND, "detail"), to_pixels)
        found += [_Shape(depth, path, layer, form, obj) for depth, path in placed]
    return sorted(found, key=lambda each: each.depth)


def _show(collection: bpy.types.Collection, found: list[_Shape], merged: dict[int, Path]) -> None:
    """Make the objects show the paths that stay, by their numbers."""
    separate = FORMS["CURVES"]
    gone: list[bpy.types.Object] = []
    replaced: dict[tuple[bpy.types.Collection, int], list[Placed]] = {}
    for number, shape in enumerate(found):
        path = merged.get(number)
        if shape.form is separate:
            if path is None:
                gone.append(shape.obj)
            elif path.nodes < shape.path.nodes:
                set_flat_outlines(shape.obj.data, path.subpaths, _to_pixels(collection, shape.obj))
            continue
        key = (shape.layer, list(FORMS.values()).index(shape.form))
        placed = replaced.setdefault(key, [])
        if path is not None:
            placed.append((shape.depth, path))
        if shape.obj not in gone:
            gone.append(shape.obj)
    style = style_of(collection, list(merged.values()))
    remove_path_objects(without_hidden(gone))
    for (layer, form), placed in replaced.items():
        list(FORMS.values())[form].add([(layer, placed)], style)


def _to_pixels(collection: bpy.types.Collection, obj: bpy.types.Object) -> Any:
    space = PictureSpace(*collection[CANVAS])
    return space.to_pixels @ matrix_below_root(obj, collection)
