# SPDX-License-Identifier: GPL-3.0-or-later
"""The viewport turned to a new drawing, and showing its true colors, or those of another form."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from ..blender.areas import find_area
from ..blender.framing import frame_view, show_in_local_views
from ..blender.software_rendering import draws_in_software
from ..blender.view_transform import ViewTransformChange
from ..blender.viewport_change import ViewportChange
from .collection import CANVAS, placement_of, root_of
from .materials import ramp_node
from .shading import (
    materials_are_seen,
    show_colors_instead,
    show_colors_of,
    show_materials,
    show_true_colors,
)


class ArrangedView:
    """Arranges what there is to see when it is made; can be put back.

    A view through a camera is left alone, and so is shading that is not solid. Solid shading
    knows no ramps: a drawing that has any is shown by its materials instead, and, where its
    colors are to be exact, under the view transform Standard. Not so where Blender draws in
    software: a redraw of materials takes seconds there.

    replaced_form: of the drawing that this one replaces. The view is then as it should be, but
    for where the colors are.
    """

    def __init__(
        self, context: bpy.types.Context, collection: bpy.types.Collection, replaced_form: str = ""
    ) -> None:
        placement = placement_of(collection)
        self._scene = context.scene.session_uid
        self._view: ViewportChange | None = None
        self._transform: ViewTransformChange | None = None
        self._shows_means = False
        if replaced_form:
            self._shadings = show_colors_instead(replaced_form, placement.form)
        else:
            self._shadings = show_true_colors(placement.form, flat=placement.shading == "FLAT")
            self._view = frame_drawing(context, collection, leave_camera=False)
        self._show_ramps(collection)

    def show(self, collection: bpy.types.Collection) -> None:
        """Show the colors of this drawing, in whatever form, instead."""
        show_colors_of(self._shadings, placement_of(collection).form)
        self._show_ramps(collection)

    def put_back(self) -> None:
        """Show all as before, unless somebody has changed more since."""
        for change in (*self._shadings, self._view, self._transform):
            if change is not None:
                change.take_back()

    @property
    def note(self) -> str:
        """What people should know of that they don't see at once, if anything."""
        if self._shows_means:
            return "Solid shading shows mean colors; Material Preview shows the gradients"
        changed = self._transform is not None and self._transform.changed
        return "View transform set to Standard" if changed else ""

    def _show_ramps(self, collection: bpy.types.Collection) -> None:
        if not _has_ramps(collection):
            return
        if draws_in_software():
            self._shows_means = bool(self._shadings)
        else:
            show_materials(self._shadings)
        exact = placement_of(collection).shading == "FLAT" and materials_are_seen()
        if exact and self._transform is None:
            self._transform = ViewTransformChange(self._scene)


def frame_drawing(
    context: bpy.types.Context, collection: bpy.types.Collection, leave_camera: bool = True
) -> ViewportChange | None:
    """Have the drawing fill the 3D viewport, straight on; None where there is no viewport.

    leave_camera: whether a view through the camera is given up for it.
    """
    viewport: Any = find_area(context, "VIEW_3D")
    if viewport is None or bpy.app.background:  # where Blender has views, but can't update them
        return None
    if not leave_camera and viewport.spaces.active.region_3d.view_perspective == "CAMERA":
        return None
    context.view_layer.update()
    handle = root_of(collection)
    width, height, scale = collection[CANVAS]
    matrix = handle.matrix_world if handle is not None else Matrix()
    change = ViewportChange(viewport, "region_3d")
    frame_view(viewport, matrix, width * scale, height * scale)
    show_in_local_views(collection.all_objects)
    return change.done()


def _has_ramps(collection: bpy.types.Collection) -> bool:
    """Whether the drawing has materials that show ramps; those of grease pencil never do."""
    data = {item.data for item in collection.all_objects if item.type == "CURVE"}
    materials = {material for each in data for material in each.materials if material}
    return any(ramp_node(material) is not None for material in materials)
