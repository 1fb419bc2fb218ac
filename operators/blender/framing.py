# SPDX-License-Identifier: GPL-3.0-or-later
"""Framing of a picture in a 3D viewport, beside the sidebar and not behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy
from mathutils import Matrix, Vector

from .areas import main_region

MARGIN = 1.1  # how much larger than the picture the free part of the viewport is

# Regions that lie over a viewport, by the side that they are attached to.
_SIDES = {"LEFT": 0, "BOTTOM": 1, "RIGHT": 2, "TOP": 3}


def frame_view(
    viewport: bpy.types.Area, matrix: Matrix, width: float, height: float, margin: float = MARGIN
) -> None:
    """Turn the view to a picture and zoom until it fills what of the viewport is free.

    The picture lies around the origin of `matrix`, in its XY plane, and faces its +Z;
    width, height: in the units of `matrix`.
    """
    view: Any = viewport.spaces.active.region_3d
    view.view_perspective = "ORTHO"
    view.view_rotation = matrix.to_quaternion()
    view.view_location = matrix.translation
    view.update()
    left, bottom, right, top = _free_part(viewport)
    window = main_region(viewport)
    across, up = (2.0 / view.window_matrix[axis][axis] for axis in (0, 1))  # seen in units
    scale = matrix.to_scale()
    zoom = margin * max(
        width * scale.x * window.width / (across * (right - left)),
        height * scale.y * window.height / (up * (top - bottom)),
    )
    view.view_distance *= zoom
    unit = zoom * across / window.width  # of one pixel on the screen, after zooming
    aside = Vector((window.width - left - right, window.height - bottom - top, 0.0)) * unit / 2.0
    view.view_location += view.view_rotation @ aside


def select_only(view_layer: bpy.types.ViewLayer, item: bpy.types.Object) -> None:
    """Make an object the active and only selected one, as Blender does with new ones.

    Nothing happens where it is not in the view layer: another scene is shown.
    """
    view_layer.update()  # objects may just have been removed
    if item not in view_layer.objects.values():
        return
    for other in view_layer.objects[:]:
        other.select_set(False, view_layer=view_layer)
    item.select_set(True, view_layer=view_layer)
    view_layer.objects.active = item


def show_in_local_views(items: Iterable[bpy.types.Object]) -> None:
    """Show these objects in viewports in local view as well."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D" and area.spaces.active.local_view is not None:
                for item in items:
                    item.local_view_set(area.spaces.active, True)


def _free_part(viewport: bpy.types.Area) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of the uncovered part, in pixels of the main region."""
    window = main_region(viewport)
    free = [0, 0, window.width, window.height]
    for region in viewport.regions:
        side = _SIDES.get(region.alignment)
        if region.type == "WINDOW" or side is None or min(region.width, region.height) <= 1:
            continue
        x, y = region.x - window.x, region.y - window.y
        near, far = (x + region.width, y + region.height), (x, y)
        edge = near[side] if side < 2 else far[side - 2]
        free[side] = max(free[side], edge) if side < 2 else min(free[side], edge)
    left, bottom, right, top = free
    if left >= right or bottom >= top:
        return 0.0, 0.0, window.width, window.height
    return left, bottom, right, top
