# SPDX-License-Identifier: GPL-3.0-or-later
"""Appearance and place of a finished drawing: `Collection.semvec_form` and its like, live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
from bpy.props import EnumProperty, FloatProperty
from mathutils import Matrix

from ..objects.active import NeedsDrawing, active_drawing
from ..objects.collection import placement_of
from ..objects.free_location import facing_matrix
from ..objects.reference import rectangle_of
from ..objects.restyle import (
    fills_of,
    move_to,
    set_fills,
    set_form,
    set_orientation,
    set_shading,
    set_size,
    set_strokes,
    set_thickness,
    size_of,
)
from ..objects.root import SOURCE
from ..properties.settings import placement_properties
from ..run.arranged_views import follow_appearance
from ..run.event_filter import leave_modes

_FILLS = [
    ("FLAT", "Flat", "One color for each shape; gradients are kept and can be shown again"),
    ("GRADIENT", "Gradient", "Gradients of the shapes that have one"),
]

_Setter = Callable[[bpy.types.Collection, Any], None]


def _enum(
    keywords: dict[str, Any],
    get: Callable[[bpy.types.Collection], str],
    change: _Setter,
) -> Any:
    """Return an enumeration that reads and changes a drawing."""
    names = [item[0] for item in keywords["items"]]

    def apply(collection: bpy.types.Collection, number: int) -> None:
        if names[number] != get(collection):
            change(collection, names[number])
            follow_appearance(collection)

    def number_of(collection: bpy.types.Collection) -> int:
        return names.index(get(collection))

    return EnumProperty(**keywords, get=number_of, set=apply)


def _stored(name: str) -> Callable[[bpy.types.Collection], Any]:
    """Return a getter of a field of the drawing's placement."""
    return lambda collection: getattr(placement_of(collection), name)


def _change_form(collection: bpy.types.Collection, form: str) -> None:
    leave_modes(bpy.context)  # objects that are edited can't be removed
    set_form(collection, form)


def _change_strokes(collection: bpy.types.Collection, strokes: str) -> None:
    leave_modes(bpy.context)  # splines of another number are not edited
    set_strokes(collection, strokes)


def _change_thickness(collection: bpy.types.Collection, thickness: float) -> None:
    set_thickness(collection, thickness)
    follow_appearance(collection)


class SEMVEC_OT_place_drawing(NeedsDrawing, bpy.types.Operator):
    """Move the drawing to another place; its size and all edits stay"""

    bl_idname = "semvec.place_drawing"
    bl_label = "Place Drawing"
    bl_options = {"REGISTER", "UNDO"}

    target: EnumProperty(
        name="Place",
        description="Place to move the drawing to",
        items=[
            ("CURSOR", "3D Cursor", "At the 3D cursor, facing the drawing's orientation"),
            ("REFERENCE", "Reference", "On the reference image, facing the same way"),
            ("ACTIVE", "Active Object", "On the active image empty or flat mesh"),
            ("ORIGIN", "World Origin", "At the world origin, facing the drawing's orientation"),
        ],
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Move it."""
        collection: Any = active_drawing(context)
        placement = placement_of(collection)
        matrix = facing_matrix(context.scene, placement)
        if self.target == "CURSOR":
            matrix = Matrix.Translation(context.scene.cursor.location) @ matrix
        elif self.target == "REFERENCE":
            rectangle = rectangle_of(_reference_of(context.scene, collection))
            if rectangle is None:
                self.report({"WARNING"}, "The reference image of this drawing is not in the scene")
                return {"CANCELLED"}
            matrix = rectangle.matrix
        elif self.target == "ACTIVE":
            rectangle = rectangle_of(context.view_layer.objects.active)
            if rectangle is None:
                self.report({"WARNING"}, "Select an image empty or a flat mesh to place it on")
                return {"CANCELLED"}
            matrix = rectangle.matrix
        move_to(collection, matrix)
        return {"FINISHED"}


def _reference_of(
    scene: bpy.types.Scene, collection: bpy.types.Collection
) -> bpy.types.Object | None:
    """Return the object whose image the drawing covers, else an empty that shows its image."""
    named = scene.objects.get(placement_of(collection).reference)
    image = bpy.data.images.get(collection[SOURCE])
    shown = (obj for obj in scene.objects if image is not None and obj.data == image)
    return named or next(shown, None)


classes = (SEMVEC_OT_place_drawing,)

_NAMES = ("semvec_form", "semvec_fills", "semvec_strokes", "semvec_shading", "semvec_thickness",
          "semvec_size", "semvec_orientation")  # fmt: skip


def register() -> None:
    """Add the properties to collections."""
    declared = {name: item.keywords for name, item in placement_properties().items()}
    for keywords in declared.values():
        keywords.pop("default", None)
    kind: Any = bpy.types.Collection
    kind.semvec_form = _enum(declared["form"], _stored("form"), _change_form)
    kind.semvec_strokes = _enum(declared["strokes"], _stored("strokes"), _change_strokes)
    kind.semvec_shading = _enum(declared["shading"], _stored("shading"), set_shading)
    kind.semvec_orientation = _enum(
        declared["orientation"], _stored("orientation"), set_orientation
    )
    fills = {"name": "Fills", "description": "Fills of the shapes", "items": _FILLS}
    kind.semvec_fills = _enum(fills, fills_of, set_fills)
    kind.semvec_thickness = FloatProperty(
        **declared["thickness"], get=_stored("thickness"), set=_change_thickness
    )
    kind.semvec_size = FloatProperty(**declared["size"], get=size_of, set=set_size)


def unregister() -> None:
    """Remove them."""
    for name in _NAMES:
        delattr(bpy.types.Collection, name)
