# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as objects of Blender, and back.

    <name>                collection; custom properties keep canvas, settings and placement
      <name>              the root: an empty, parent of all; moves, turns and scales the drawing
      Structural, Detail  collections; where paths have groups, with one in them for each
        Dark Red 03       a curve object for each path: 2D, filled, sub-paths are splines

In the root's coordinates x and y are those of the picture, seen from +z, with y up and the
origin in its middle; each path lies nearer to the viewer than the one painted before it. With
another `Placement.form` there are other objects and collections, and nothing else changes.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import bpy

from ...core.drawing import Drawing, Kind, Path
from ...core.errors import OutputError
from ...core.version import VERSION
from ..blender.linked_data import why_not_editable
from .curve_objects import SeparateCurves
from .depth_order import stacking_depths
from .form import REGION, DrawingForm, DrawingStyle, Placed, remove_objects
from .grease_pencil import GreasePencilFills
from .group_layers import in_group, parts_of, remove_empty_groups
from .joined_curves import JoinedCurves
from .placement import Placement
from .root import SOURCE, fitted, matrix_below_root, new_root, remember_root, root_of
from .splines import PictureSpace

FORMS: dict[str, DrawingForm] = {
    "CURVES": SeparateCurves(),
    "JOINED": JoinedCurves(),
    "GREASE_PENCIL": GreasePencilFills(),
}

# Custom properties of the drawing's collection
CANVAS = "semvec_canvas"  # width and height in pixels, units a pixel
SETTINGS = "semvec_settings"  # JSON
PLACEMENT = "semvec_placement"  # JSON
WRITER = "semvec_version"  # of semvec, which made it; none in files of version 0.1

# Custom properties of the collections below
KIND = "semvec_kind"
LEVEL = "semvec_level"  # of one that shows another level of detail

_IMAGE_FILES = {
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".exr", ".hdr", ".tga", ".svg",
}  # fmt: skip


def add_drawing(
    scene: bpy.types.Scene, drawing: Drawing, name: str, placement: Placement | None = None
) -> bpy.types.Collection:
    """Put `drawing`, made from the image `name`, into the scene; returns its collection.

    It stands where the drawing stood that it replaces, else on its reference, at the 3D cursor, or
    where nothing hides it. Raises OutputError where the scene can't be added to.
    """
    reason = why_not_editable(scene)
    if reason:
        raise OutputError(f"{reason}.", "Choose another scene.")
    placement = placement or Placement()
    replaced = find_drawings(scene, name) if placement.existing == "REPLACE" else []
    root = root_for(scene, drawing, name, placement, replaced)
    for old in replaced:
        remove_drawing(scene, old)
    root.name = title_of(name)  # which the replaced one had
    collection = new_drawing(drawing, name, fitted(scene, placement, drawing), root)
    update_drawing(collection, drawing)
    scene.collection.children.link(collection)
    return collection


def new_drawing(
    drawing: Drawing, name: str, placement: Placement, root: bpy.types.Object
) -> bpy.types.Collection:
    """Make a drawing as `add_drawing` does, without any paths, to be linked to the scene."""
    collection = bpy.data.collections.new(title_of(name))
    collection[SOURCE] = name
    collection[CANVAS] = (
        drawing.width,
        drawing.height,
        placement.size / max(drawing.width, drawing.height),
    )
    collection[SETTINGS] = json.dumps(drawing.settings)
    store_placement(collection, placement)
    collection[WRITER] = VERSION
    collection.objects.link(root)
    remember_root(collection, root)
    for kind, layer in FORMS[placement.form].layers.items():
        add_layer(collection, layer, kind)
    return collection


def root_for(
    scene: bpy.types.Scene,
    drawing: Drawing,
    name: str,
    placement: Placement,
    replaced: Sequence[bpy.types.Collection],
) -> bpy.types.Object:
    """Make the root of a drawing that replaces those."""
    old = [(root_of(collection), placement_of(collection)) for collection in replaced]
    shape = drawing.width, drawing.height
    return new_root(scene, name, fitted(scene, placement, drawing), shape, old)


def title_of(image_name: str) -> str:
    """Return the name of a drawing: that of its image, without the ending of a file."""
    path = pathlib.Path(image_name)
    return path.stem if path.suffix.lower() in _IMAGE_FILES else image_name


def update_drawing(collection: bpy.types.Collection, drawing: Drawing) -> None:
    """Make the objects of `collection` those of `drawing`, which has the same canvas.

    Curves that are there take the new shapes in place; the rest are added or removed.
    """
    show_paths(collection, drawing, layers_of(collection))


def show_paths(
    collection: bpy.types.Collection, drawing: Drawing, layers: dict[Kind, bpy.types.Collection]
) -> None:
    """Make the objects of these layers, by the kind of their paths, those of the drawing."""
    placement, style = placement_of(collection), style_of(collection, drawing.paths)
    placed = placed_paths(drawing, placement)
    form = FORMS[placement.form]
    parts = [part for kind, layer in layers.items() for part in parts_of(form, layer, placed[kind])]
    form.update(parts, style)
    for layer in layers.values():
        remove_empty_groups(layer)


def style_of(collection: bpy.types.Collection, paths: Sequence[Path]) -> DrawingStyle:
    """Return location and appearance of a drawing's paths in `collection`."""
    placement, space = placement_of(collection), PictureSpace(*collection[CANVAS])
    transparent = any(path.fill[3] < 1.0 for path in paths)
    return DrawingStyle(
        root_of(collection),
        space,
        placement.shading,
        transparent,
        placement.thickness,
        placement.strokes,
        is_foreign(collection),
    )


def is_foreign(collection: bpy.types.Collection) -> bool:
    """Return whether a drawing was neither vectorized here nor read from a file of ours."""
    settings = json.loads(collection.get(SETTINGS, "{}"))
    return not settings or "notes" in settings


def placed_paths(drawing: Drawing, placement: Placement) -> dict[Kind, list[Placed]]:
    """Return the paths of each layer with their depths, in painting order."""
    placed: dict[Kind, list[Placed]] = {kind: [] for kind in FORMS[placement.form].layers}
    depths = stacking_depths(drawing.paths) * placement.size
    for depth, path in zip(depths.tolist(), drawing.paths, strict=True):
        placed[path.kind if path.kind in placed else "structural"].append((depth, path))
    return placed


def layers_of(collection: bpy.types.Collection) -> dict[Kind, bpy.types.Collection]:
    """Return the collections of the drawing's own paths, by kind; no other level of detail."""
    own = (layer for layer in collection.children if KIND in layer and LEVEL not in layer)
    return {layer[KIND]: layer for layer in own}


def find_drawings(scene: bpy.types.Scene, name: str) -> list[bpy.types.Collection]:
    """Return the scene's drawings of the image `name`."""
    return [item for item in scene.collection.children_recursive if item.get(SOURCE) == name]


def drawing_of(scene: bpy.types.Scene, obj: bpy.types.Object | None) -> bpy.types.Collection | None:
    """Return the drawing that an object belongs to, if any."""
    if obj is None:
        return None
    drawings = (each for each in scene.collection.children_recursive if SOURCE in each)
    return next((drawing for drawing in drawings if obj in drawing.all_objects[:]), None)


def placement_of(collection: bpy.types.Collection) -> Placement:
    """Return the placement that a drawing was added with."""
    known = {field.name for field in fields(Placement)}
    stored = json.loads(collection.get(PLACEMENT, "{}"))
    return Placement(**{name: value for name, value in stored.items() if name in known})


def store_placement(collection: bpy.types.Collection, placement: Placement) -> None:
    """Store the placement of a drawing, as `placement_of` returns it."""
    collection[PLACEMENT] = json.dumps(placement.to_dict())


def remove_drawing(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    """Remove a drawing. Objects that were put into its collections by hand stay in the scene."""
    roots = [obj for obj in collection.objects if obj.type == "EMPTY" and obj.get(SOURCE)]
    ours = {*roots, *(obj for obj in collection.all_objects if REGION in obj)}
    for obj in set(collection.all_objects) - ours:
        if obj.name not in scene.collection.objects:
            scene.collection.objects.link(obj)
    layers = list(collection.children_recursive)
    for layer in (collection, *layers):
        remove_objects(layer)
    bpy.data.batch_remove([*roots, *layers, collection])


def read_drawing(
    collection: bpy.types.Collection, only: Sequence[bpy.types.Object] | None = None
) -> Drawing:
    """Return the drawing in its current state, edits included: the inverse of `add_drawing`.

    Whatever was moved, turned or scaled is where it appears on the canvas; paths are ordered
    by their depth. Splines that are not Béziers become straight lines between their points.
    What is disabled in viewports is left out. only: the objects to read; None for all.
    """
    width, height, _ = collection[CANVAS]
    paths = [path for _, path in read_shapes(collection, only)]
    return Drawing(width, height, paths, json.loads(collection[SETTINGS]))


def read_shapes(
    collection: bpy.types.Collection, only: Sequence[bpy.types.Object] | None = None
) -> list[tuple[bpy.types.Object, Path]]:
    """Return the paths of a drawing as `read_drawing` does, each with the object that shows it."""
    space = PictureSpace(*collection[CANVAS])
    placed = [
        (depth, obj, in_group(path, layer))
        for layer, form, obj in _shown(collection)
        if only is None or obj in only
        for depth, path in form.read(
            *(obj, layer.get(KIND, "detail")),
            space.to_pixels @ matrix_below_root(obj, collection),
        )
    ]
    placed.sort(key=lambda found: found[0])
    return [(obj, path) for _, obj, path in placed]


def shows_other_level(collection: bpy.types.Collection) -> bool:
    """Return whether another level of detail is shown in place of the drawing's own paths."""
    return any(LEVEL in layer for layer in collection.children)


def add_layer(collection: bpy.types.Collection, name: str, kind: Kind) -> bpy.types.Collection:
    """Add a collection for paths of one kind."""
    layer = bpy.data.collections.new(name)
    layer[KIND] = kind
    collection.children.link(layer)
    return layer


def remove_layer(layer: bpy.types.Collection) -> None:
    """Remove a collection of paths with all of them."""
    remove_objects(layer)
    bpy.data.collections.remove(layer)


def path_objects(
    collection: bpy.types.Collection,
) -> Iterator[tuple[bpy.types.Collection, DrawingForm, bpy.types.Object]]:
    """Yield all objects of a drawing that show paths, with their layer and form."""
    for layer in (collection, *collection.children_recursive):
        for obj in layer.objects:
            form = _form_of(obj)
            if form is not None:
                yield layer, form, obj


def _shown(
    collection: bpy.types.Collection,
) -> Iterator[tuple[bpy.types.Collection, DrawingForm, Any]]:
    """Yield the objects of a drawing that are enabled in viewports, with their layer and form.

    Objects outside of the layers count as detail.
    """
    hidden = {collection} if collection.hide_viewport else set()
    for child in collection.children_recursive:
        if child.hide_viewport:
            hidden |= {child, *child.children_recursive}
    for layer, form, obj in path_objects(collection):
        if not (layer in hidden or obj.hide_viewport):
            yield layer, form, obj


def _form_of(obj: bpy.types.Object) -> DrawingForm | None:
    return next((form for form in FORMS.values() if form.is_path_object(obj)), None)
