# SPDX-License-Identifier: GPL-3.0-or-later
"""The 3D viewport turned to a new drawing, showing its exact colors."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from ..blender.areas import find_area
from ..blender.framing import frame_view, show_in_local_views
from ..blender.software_rendering import draws_in_software
from ..blender.view_change import ViewChange
from ..blender.view_transform import ViewTransformChange
from ..blender.viewport_change import ViewportChange
from .collection import CANVAS, FORMS, placement_of
from .form import REGION
from .materials import has_ramp
from .placement import Placement
from .root import root_of
from .shading import (
    change_solid_viewports,
    hide_relationship_lines,
    other_surfaces,
    show_colors,
    show_materials,
    viewports,
)

_LIGHT_NOTE = "Solid shading was left as it is, because other objects are visible"
_STROKES_NOTE = "To see stroke colors beside other objects, set solid shading to Attribute color"
_MEANS_NOTE = "Solid shading shows mean colors; Material Preview shows the gradients"


class ArrangedView:
    """Arranges the view for a drawing when it is created; can be put back and arranged again.

    A view through a camera is left alone, and so is shading that is not solid, or that other
    visible objects share. Solid shading shows no gradients: a drawing that has any is shown by
    its materials instead, and, where its colors are to be exact, under the view transform
    Standard. Not so where Blender draws in software: a redraw of materials takes seconds there.

    replaced: the placement of the drawing that this one replaces. The view is then turned
    already.
    """

    def __init__(
        self,
        context: bpy.types.Context,
        collection: bpy.types.Collection,
        replaced: Placement | None = None,
    ) -> None:
        self._scene = context.scene.session_uid
        self._alone = not other_surfaces(context.view_layer)
        self._shadings = change_solid_viewports() if self._alone else []
        self._lines = hide_relationship_lines()
        self._leaves_light = not self._alone and any(viewports("SOLID"))
        self._replaced = replaced  # until shading was changed
        self._view: ViewportChange | None = None
        self._transform: ViewTransformChange | None = None
        self._shows_means = False
        if replaced is None:
            self._view = frame_drawing(context, collection, leave_camera=False)
        self.show(collection)

    def show(self, collection: bpy.types.Collection) -> None:
        """Show the colors of this drawing, in whatever form, instead."""
        placement = placement_of(collection)
        self._form = placement.form
        if self._replaced is None or not _same_look(self._replaced, placement):
            self._replaced = None
            flat = placement.shading == "FLAT" and not placement.thickness
            show_colors(self._shadings, FORMS[placement.form].color_type, flat)
        self._show_ramps(collection)

    def put_back(self) -> None:
        """Show everything as before, but for what the artist has changed since."""
        for change in self._changes():
            change.take_back()

    def arrange_again(self) -> None:
        """Undo `put_back`."""
        for change in self._changes():
            change.make_again()

    @property
    def note(self) -> str:
        """A sentence on what differs from the expected view; empty where nothing does."""
        if self._shows_means:
            return _MEANS_NOTE
        changed = self._transform is not None and self._transform.changed
        if changed:
            return "View transform set to Standard"
        if self._leaves_light:
            return _STROKES_NOTE if self._form == "GREASE_PENCIL" else _LIGHT_NOTE
        return ""

    def _changes(self) -> list[ViewChange]:
        changes = (*self._shadings, *self._lines, self._view, self._transform)
        return [change for change in changes if change is not None]

    def _show_ramps(self, collection: bpy.types.Collection) -> None:
        if not _has_ramps(collection):
            return
        solid = any(viewports("SOLID"))
        if draws_in_software() or not self._alone:
            self._shows_means = solid
        else:
            show_materials(self._shadings)
        exact = placement_of(collection).shading == "FLAT" and any(viewports("MATERIAL"))
        if exact and self._alone and self._transform is None:
            self._transform = ViewTransformChange(self._scene)


def frame_drawing(
    context: bpy.types.Context, collection: bpy.types.Collection, leave_camera: bool = True
) -> ViewportChange | None:
    """Fill the 3D viewport with the drawing, straight on; returns None without a viewport.

    leave_camera: whether a view through the camera is given up for it.
    """
    viewport: Any = find_area(context, "VIEW_3D")
    if viewport is None or bpy.app.background:  # where Blender has views, but can't update them
        return None
    if not leave_camera and viewport.spaces.active.region_3d.view_perspective == "CAMERA":
        return None
    context.view_layer.update()
    root = root_of(collection)
    width, height, scale = collection[CANVAS]
    matrix = root.matrix_world if root is not None else Matrix()
    change = ViewportChange(viewport, "region_3d")
    frame_view(viewport, matrix, width * scale, height * scale)
    show_in_local_views(collection.all_objects)
    return change.done()


def _same_look(one: Placement, other: Placement) -> bool:
    """Return whether solid viewports show both in the same way."""
    return all(
        getattr(one, name) == getattr(other, name) for name in ("form", "shading", "thickness")
    )


def _has_ramps(collection: bpy.types.Collection) -> bool:
    """Return whether the drawing has materials with gradients."""
    data = {obj.data for obj in collection.all_objects if REGION in obj}
    materials = {material for each in data for material in each.materials if material}
    return any(has_ramp(material) for material in materials)
