# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as objects of Blender, and back.

    <name>                collection; custom properties keep canvas, settings and placement
      <name>              an empty, parent of all: moves, turns and scales the drawing
      Structural, Detail  collections
        structural.003    a curve object for each path: 2D, filled, sub-paths are splines

Below the empty, x and y are those of the picture, seen from +z, with y up and the origin
in its middle; each path lies nearer to the viewer than the one painted before it. With
another `Placement.form` there are other objects in the collections, and nothing else changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import bpy
from mathutils import Matrix

from ...core.drawing import Drawing, Kind
from ...core.errors import OutputError
from ..blender.linked_data import why_not_editable
from . import (
    curve_objects as separate_curves,
)
from . import (
    grease_pencil as grease_pencil_fills,
)
from . import (
    joined_curves as region_curves,
)
from .depth_order import STACKING_STEP, stacking_depths
from .form import REGION, DrawingStyle, Placed, remove_objects
from .free_location import find_free_location
from .placement import Placement
from .splines import PictureSpace

__all__ = [
    "CANVAS", "LEVEL", "SETTINGS", "SOURCE", "STACKING_STEP", "Placement", "add_drawing",
    "add_layer", "drawing_of", "find_drawings", "form_of", "layers_of", "new_drawing", "new_root",
    "placed_paths", "placement_of", "read_drawing", "remove_drawing", "remove_layer", "root_of",
    "show_paths", "style_of", "update_drawing",
]  # fmt: skip

FORMS: dict[str, ModuleType] = {
    "CURVES": separate_curves,
    "JOINED": region_curves,
    "GREASE_PENCIL": grease_pencil_fills,
}

# Which collections paths are in, by their kind. Joined, the detail on a region lies with it.
LAYERS: dict[str, dict[Kind, str]] = {
    "CURVES": {"structural": "Structural", "detail": "Detail"},
    "JOINED": {"structural": "Regions"},
    "GREASE_PENCIL": {"structural": "Structural", "detail": "Detail"},
}

# Custom properties of the drawing's collection
SOURCE = "semvec_source"  # which image it shows; of its empty, too
CANVAS = "semvec_canvas"  # width and height in pixels, units a pixel
SETTINGS = "semvec_settings"  # JSON
PLACEMENT = "semvec_placement"  # JSON

# Custom properties of the collections below
_KIND = "semvec_kind"
LEVEL = "semvec_level"  # of one that shows another level of detail


def add_drawing(
    scene: bpy.types.Scene, drawing: Drawing, name: str, placement: Placement | None = None
) -> bpy.types.Collection:
    """Put `drawing`, made from the image `name`, into the scene; returns its collection.

    It stands where the drawing stood that it replaces, else where nothing hides it. Raises
    OutputError where the scene can't be added to.
    """
    reason = why_not_editable(scene)
    if reason:
        raise OutputError(f"{reason}.", "Choose another scene.")
    placement = placement or Placement()
    replaced = find_drawings(scene, name) if placement.existing == "REPLACE" else []
    handle = new_root(scene, drawing, name, placement, replaced)
    for old in replaced:
        remove_drawing(scene, old)
    handle.name = name  # which the replaced one had
    collection = new_drawing(drawing, name, placement, handle)
    update_drawing(collection, drawing)
    scene.collection.children.link(collection)
    return collection


def new_drawing(
    drawing: Drawing, name: str, placement: Placement, handle: bpy.types.Object
) -> bpy.types.Collection:
    """A drawing as `add_drawing` makes it, without any paths, to be linked to the scene."""
    collection = bpy.data.collections.new(name)
    collection[SOURCE] = name
    collection[CANVAS] = (
        drawing.width,
        drawing.height,
        placement.size / max(drawing.width, drawing.height),
    )
    collection[SETTINGS] = json.dumps(drawing.settings)
    collection[PLACEMENT] = json.dumps(placement._asdict())
    collection.objects.link(handle)
    for kind, layer in LAYERS[placement.form].items():
        add_layer(collection, layer, kind)
    return collection


def update_drawing(collection: bpy.types.Collection, drawing: Drawing) -> None:
    """Make the objects below `collection` those of `drawing`, which has the same canvas.

    Curves that are there take the new shapes in place; the rest are added or removed.
    """
    show_paths(collection, drawing, layers_of(collection))


def show_paths(
    collection: bpy.types.Collection, drawing: Drawing, layers: dict[Kind, bpy.types.Collection]
) -> None:
    """Make the objects of these layers, by the kind of their paths, those of the drawing."""
    placement, look = placement_of(collection), style_of(collection, drawing)
    placed = placed_paths(drawing, placement)
    for kind, layer in layers.items():
        FORMS[placement.form].show(layer, placed[kind], look)


def style_of(collection: bpy.types.Collection, drawing: Drawing) -> DrawingStyle:
    """Where the drawing's paths lie below `collection`, and how they look."""
    placement, space = placement_of(collection), PictureSpace(*collection[CANVAS])
    transparent = any(path.fill[3] < 1.0 for path in drawing.paths)
    return DrawingStyle(
        root_of(collection), space, placement.shading, transparent, placement.thickness
    )


def placed_paths(drawing: Drawing, placement: Placement) -> dict[Kind, list[Placed]]:
    """The paths of each layer with their depths, in painting order."""
    placed: dict[Kind, list[Placed]] = {kind: [] for kind in LAYERS[placement.form]}
    depths = stacking_depths(drawing.paths) * placement.size
    for depth, path in zip(depths.tolist(), drawing.paths, strict=True):
        placed[path.kind if path.kind in placed else "structural"].append((depth, path))
    return placed


def layers_of(collection: bpy.types.Collection) -> dict[Kind, bpy.types.Collection]:
    """The collections of the drawing's own paths; not those of another level of detail."""
    own = (layer for layer in collection.children if _KIND in layer and LEVEL not in layer)
    return {layer[_KIND]: layer for layer in own}


def root_of(collection: bpy.types.Collection) -> bpy.types.Object | None:
    """The empty that carries a drawing, unless somebody has removed it."""
    return next((item for item in collection.objects if item.get(SOURCE)), None)


def find_drawings(scene: bpy.types.Scene, name: str) -> list[bpy.types.Collection]:
    """The scene's drawings of the image `name`."""
    return [item for item in scene.collection.children_recursive if item.get(SOURCE) == name]


def drawing_of(
    scene: bpy.types.Scene, item: bpy.types.Object | None
) -> bpy.types.Collection | None:
    """The drawing that an object belongs to, if any."""
    collections = [
        collection for collection in scene.collection.children_recursive if SOURCE in collection
    ]
    return (
        next((collection for collection in collections if item in collection.all_objects[:]), None)
        if item
        else None
    )


def form_of(collections: Sequence[bpy.types.Collection]) -> str:
    """What the first of these drawings is made of; empty where there is none."""
    return placement_of(collections[0]).form if collections else ""


def placement_of(collection: bpy.types.Collection) -> Placement:
    """The placement that a drawing was added with."""
    return Placement(**json.loads(collection.get(PLACEMENT, "{}")))


def remove_drawing(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    """Remove a drawing. Objects that were put into its collections by hand stay in the scene."""
    handles = [item for item in collection.objects if item.type == "EMPTY" and item.get(SOURCE)]
    ours = {*handles, *(item for item in collection.all_objects if REGION in item)}
    for item in set(collection.all_objects) - ours:
        if item.name not in scene.collection.objects:
            scene.collection.objects.link(item)
    layers = list(collection.children_recursive)
    for layer in (collection, *layers):
        remove_objects(layer)
    bpy.data.batch_remove([*handles, *layers, collection])


def read_drawing(collection: bpy.types.Collection) -> Drawing:
    """The drawing as it now stands in Blender, hand edits included: `add_drawing` backwards.

    Whatever was moved, turned or scaled is where it appears on the canvas; paths are ordered
    by their depth. Splines that are not Béziers become straight lines between their points.
    What is disabled in viewports is left out.
    """
    space = PictureSpace(*collection[CANVAS])
    placed = [
        found
        for kind, item in _shown(collection)
        for found in _form_of(item).read(
            item, kind, space.to_pixels @ _below_handle(item, collection)
        )
    ]
    placed.sort(key=lambda found: found[0])
    paths = [path for _, path in placed]
    return Drawing(space.width, space.height, paths, json.loads(collection[SETTINGS]))


def add_layer(collection: bpy.types.Collection, name: str, kind: Kind) -> bpy.types.Collection:
    """A collection for paths of one kind."""
    layer = bpy.data.collections.new(name)
    layer[_KIND] = kind
    collection.children.link(layer)
    return layer


def remove_layer(layer: bpy.types.Collection) -> None:
    """Remove a collection of paths with all of them."""
    remove_objects(layer)
    bpy.data.collections.remove(layer)


def new_root(
    scene: bpy.types.Scene,
    drawing: Drawing,
    name: str,
    placement: Placement,
    replaced: Sequence[bpy.types.Collection],
) -> bpy.types.Object:
    """The empty that carries the drawing: where the replaced one's stands, if it faces the same."""
    for old in replaced:
        handle = root_of(old)
        if handle is not None and placement_of(old).orientation == placement.orientation:
            return handle.copy()  # with its parent and constraints
    handle = bpy.data.objects.new(name, None)
    handle[SOURCE] = name
    handle.empty_display_size = placement.size / 10.0
    handle.matrix_basis = find_free_location(scene, placement, drawing.width, drawing.height)
    return handle


def _form_of(item: bpy.types.Object) -> Any:
    return next(form for form in reversed(FORMS.values()) if form.made(item))


def _shown(collection: bpy.types.Collection) -> Iterator[tuple[Kind, bpy.types.Object]]:
    """All objects of a drawing that show paths, with their kind; loose ones count as detail."""
    for layer in (collection, *collection.children_recursive):
        for item in () if layer.hide_viewport else layer.objects:
            if not item.hide_viewport and any(form.made(item) for form in FORMS.values()):
                yield layer.get(_KIND, "detail"), item


def _below_handle(item: bpy.types.Object, collection: bpy.types.Collection) -> Matrix:
    """Where the object stands, seen from the drawing's empty."""
    if item.parent is not None and item.parent.get(SOURCE):
        return item.matrix_parent_inverse @ item.matrix_basis  # valid before any redraw
    handle = root_of(collection)
    origin = handle.matrix_world.inverted() if handle is not None else Matrix()
    return origin @ item.matrix_world
