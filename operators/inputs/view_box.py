# SPDX-License-Identifier: GPL-3.0-or-later
"""A box that is dragged in a 3D viewport, as a region of the drawing that is seen there."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import SaliencyError
from ..objects.collection import CANVAS
from ..objects.root import root_of
from ..objects.splines import PictureSpace

# Long side of a region's map in pixels: a box needs no finer one.
_LONG_SIDE = 1024

_COLOR = (1.0, 1.0, 1.0, 1.0)

Corners = tuple[tuple[float, float], tuple[float, float]]  # two opposite ones, pixels of a region


def box_on_drawing(
    collection: bpy.types.Collection, perspective: Matrix, size: tuple[int, int], box: Corners
) -> np.ndarray:
    """Return the corners of a box on the drawing: float64 [4, 2], in the picture's pixels.

    perspective: the viewport's matrix from the world to its clip space. size: of its region in
    pixels. box: in pixels of the region. Raises SaliencyError where the view does not show the
    drawing's face.
    """
    root: Any = root_of(collection)
    (left, bottom), (right, top) = box
    pixels = np.array([[left, bottom], [right, bottom], [right, top], [left, top]], np.float64)
    clip = np.column_stack([2 * pixels / size - 1, np.zeros((4, 1)), np.ones((4, 1))])
    to_root = np.array((perspective @ root.matrix_world).inverted_safe(), np.float64)
    near, far = (
        _divided((clip + np.array([0.0, 0.0, depth, 0.0])) @ to_root.T) for depth in (-1.0, 1.0)
    )
    way = far - near
    if (np.abs(way[:, 2]) < 1e-6 * np.linalg.norm(way, axis=1)).any():
        raise SaliencyError("The drawing is seen from the side.", "Turn the view to its front.")
    hit = near - (near[:, 2] / way[:, 2])[:, None] * way
    space = PictureSpace(*collection[CANVAS])
    matrix = np.array(space.to_pixels, np.float64)
    return hit[:, :2] @ matrix[:2, :2].T + matrix[:2, 3]


def region_of(collection: bpy.types.Collection, corners: np.ndarray) -> np.ndarray:
    """Return the part of the picture between corners, [4, 2] in its pixels, in their order.

    bool [H, W], of the picture's shape. Raises SaliencyError where none of it lies there.
    """
    width, height, _ = collection[CANVAS]
    scale = _LONG_SIDE / max(width, height)
    columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
    x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    points = corners * (columns / width, rows / height)
    sides = []
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        sides.append((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0))
    # Without equality: all sides of a box without area, as of a click, are zero everywhere.
    inside = (np.min(sides, axis=0) > 0) | (np.max(sides, axis=0) < 0)
    if not inside.any():
        raise SaliencyError(
            "The box covers no part of the drawing.", "Drag it over what needs more detail."
        )
    return inside


def _divided(points: np.ndarray) -> np.ndarray:
    """Return homogeneous points [N, 4] as points in space: [N, 3]."""
    return points[:, :3] / points[:, 3:]


class BoxDrag:
    """A box that the user drags in one of the window's 3D viewports.

    `handle` takes the events. `corners` are those in the region, once the box is `done`. Once
    `closed`, nothing of it is seen.
    """

    _latest: ClassVar[BoxDrag | None] = None

    def __init__(self, context: bpy.types.Context) -> None:
        if BoxDrag._latest is not None:  # the button was pressed twice
            BoxDrag._latest.close(context)
        BoxDrag._latest = self
        self.done = self.closed = False
        self.region: bpy.types.Region | None = None
        self._start = self._end = (0.0, 0.0)
        self._area: bpy.types.Area | None = None
        self._handler = bpy.types.SpaceView3D.draw_handler_add(
            self._draw, (), "WINDOW", "POST_PIXEL"
        )
        context.window.cursor_modal_set("CROSSHAIR")

    @property
    def corners(self) -> Corners:
        """The least and the greatest corner."""
        (a, b), (c, d) = self._start, self._end
        return (min(a, c), min(b, d)), (max(a, c), max(b, d))

    @property
    def perspective(self) -> Matrix:
        """The matrix of the viewport from the world to its clip space."""
        assert self._area is not None
        space: Any = self._area.spaces.active
        return space.region_3d.perspective_matrix

    def handle(self, context: bpy.types.Context, event: bpy.types.Event) -> bool:
        """Take an event; returns whether it is one of the drag's own."""
        if event.type == "LEFTMOUSE" and event.value == "PRESS":
            self._area, self.region = _viewport_at(context, event.mouse_x, event.mouse_y)
            self._start = self._end = self._place(event)
            return self.region is not None
        if self.region is None:
            return False
        if event.type == "MOUSEMOVE":
            self._end = self._place(event)
            self.region.tag_redraw()
            return True
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self._end = self._place(event)
            self.done = True
        return self.done

    def close(self, context: bpy.types.Context) -> None:
        """Remove the box from the viewports."""
        if self.closed:
            return
        self.closed = True
        bpy.types.SpaceView3D.draw_handler_remove(self._handler, "WINDOW")
        if context.window is not None:
            context.window.cursor_modal_restore()
        if self.region is not None:
            self.region.tag_redraw()

    def _place(self, event: bpy.types.Event) -> tuple[float, float]:
        if self.region is None:
            return 0.0, 0.0
        return float(event.mouse_x - self.region.x), float(event.mouse_y - self.region.y)

    def _draw(self) -> None:
        if self.region is None or bpy.context.region != self.region:
            return
        import gpu
        from gpu_extras.batch import batch_for_shader

        (left, bottom), (right, top) = self.corners
        places = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        shader = gpu.shader.from_builtin("UNIFORM_COLOR")
        shader.uniform_float("color", _COLOR)
        batch_for_shader(shader, "LINE_STRIP", {"pos": places}).draw(shader)


def _viewport_at(
    context: bpy.types.Context, x: int, y: int
) -> tuple[bpy.types.Area | None, bpy.types.Region | None]:
    """Return the 3D viewport under the pointer and its main region, but not its sidebars."""
    found: tuple[bpy.types.Area | None, bpy.types.Region | None] = (None, None)
    for area in context.screen.areas:
        for region in area.regions:
            across = region.x <= x < region.x + region.width
            if across and region.y <= y < region.y + region.height and region.width > 1:
                if area.type != "VIEW_3D" or region.type != "WINDOW":
                    return None, None
                found = area, region
    return found
