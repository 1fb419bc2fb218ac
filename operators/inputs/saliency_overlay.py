# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlay of the saliency preview, in color over the image in every Image Editor.

3D viewports show it in a corner, with the image that a run would vectorize.

The overlay shows what was painted and what sources have found, as the guidance in the panel
says. Over a mask, the image shows through, to guide the painting. A timer looks for changes and
makes the overlays; draw handlers only draw them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ...core.errors import SaliencyError, SemvecError
from ...core.image import resize
from ...core.saliency.combine import paint_over
from ...core.saliency.maps import from_image
from ...core.saliency.sources import SOURCES
from ..blender.areas import redraw
from ..blender.screen_drawing import (
    CORNERS,
    draw_text,
    draw_texture,
    make_texture,
    rectangle,
    ui_scale,
)
from ..properties.runtime import RUNTIME
from .active_image import active_image, image_of_mask
from .found_saliency import forget_search, found_saliency, is_searching
from .guidance import PAINTED, chosen_sources
from .image_part import FIRST_TILE, has_tiles, part_in
from .painted_saliency import painted_saliency
from .pixels import read_image

_LONG_SIDE = 1024  # of an overlay, in pixels
_CORNER_SIDE = 512  # of the image in the corner of a 3D viewport
_INTERVAL = 0.25  # seconds between two checks for changes
_CHANGES = ("depsgraph_update_post", "undo_post", "redo_post", "frame_change_post")

_SALIENCY_OPACITY, _IMAGE_OPACITY = 0.65, 0.5
# sRGB from what doesn't matter to what does: dark blue, purple, orange, yellow.
_STOPS = np.array([[0.05, 0.05, 0.3], [0.5, 0.1, 0.5], [0.95, 0.4, 0.15], [1.0, 0.95, 0.5]])


def overlay_of(image: bpy.types.Image, scene: bpy.types.Scene) -> np.ndarray:
    """Return the overlay of `image`: float32 sRGB and opacity [H, W, 4], row 0 on top.

    Raises SaliencyError if nothing is painted and while sources are searching, and as
    `painted_saliency` and `found_saliency` do.
    """
    original = image_of_mask(image)
    if original is not None:
        return _with_opacity(resize(read_image(original), _LONG_SIDE).rgb, _IMAGE_OPACITY)
    return _with_opacity(_colors(_guidance(image, scene)), _SALIENCY_OPACITY)


def _guidance(image: bpy.types.Image, scene: bpy.types.Scene) -> np.ndarray:
    """Return the map that a run with the panel's settings uses: float32 [H, W] in [0, 1]."""
    found = found_saliency(image, scene) if chosen_sources(scene.semvec) else None
    painted = None
    if found is None or PAINTED in scene.semvec.guidance:
        background = None if found is None else 0.0
        painted = painted_saliency(image, scene, _LONG_SIDE, background)
    if painted is None:
        if found is None:
            raise SaliencyError("Nothing is painted yet.")
        return found
    return painted if found is None else paint_over(from_image(found, *painted.shape), painted)


def is_previewing() -> bool:
    """Return whether the preview is on."""
    return RUNTIME.overlays is not None


def start_preview() -> None:
    """Turn the preview on."""
    if RUNTIME.overlays is None:
        RUNTIME.overlays = _Preview()


def stop_preview() -> None:
    """Turn the preview off, and remove its handlers and its search."""
    if RUNTIME.overlays is not None:
        RUNTIME.overlays.close()
        RUNTIME.overlays = None
        forget_search()


class _Preview:
    """The overlays, kept up to date by handlers and a timer until `close`."""

    def __init__(self) -> None:
        self.outdated = True
        self._overlays: dict[str, _Overlay] = {}  # by the image's full name
        self._settings: tuple[Any, ...] = ()
        self._handles = [
            (space, space.draw_handler_add(draw, (), "WINDOW", "POST_PIXEL"))
            for space, draw in (
                (bpy.types.SpaceImageEditor, self._draw_in_editor),
                (bpy.types.SpaceView3D, self._draw_in_viewport),
            )
        ]
        for name in _CHANGES:
            getattr(bpy.app.handlers, name).append(_note_change)
        bpy.app.timers.register(_check_for_changes, persistent=True)

    def close(self) -> None:
        for space, handle in self._handles:
            space.draw_handler_remove(handle, "WINDOW")
        for name in _CHANGES:
            getattr(bpy.app.handlers, name).remove(_note_change)
        if bpy.app.timers.is_registered(_check_for_changes):
            bpy.app.timers.unregister(_check_for_changes)
        _redraw()

    def update(self) -> None:
        """Make new overlays if anything has changed that they depend on."""
        shown = list(_shown_images())
        settings = tuple(_settings(scene, image) for scene, image in shown)
        if not self.outdated and settings == self._settings and not is_searching():
            return
        self.outdated, self._settings = False, settings
        self._overlays = {
            image.name_full: _Overlay(image, scene) for scene, image in shown if image is not None
        }
        _redraw()

    def _draw_in_editor(self) -> None:
        overlay = self._overlay_of(bpy.context.space_data.image)
        if overlay is not None:
            overlay.draw(bpy.context.region)

    def _draw_in_viewport(self) -> None:
        overlay = self._overlay_of(active_image(bpy.context))
        if overlay is not None:
            overlay.draw_in_corner(bpy.context.region)

    def _overlay_of(self, image: bpy.types.Image | None) -> _Overlay | None:
        return self._overlays.get(image.name_full) if image is not None else None


class _Overlay:
    """Colors over an image, or a message with the reason why there are none."""

    def __init__(self, image: bpy.types.Image, scene: bpy.types.Scene) -> None:
        self._name = image.name
        tile = part_in(scene, image).tile - FIRST_TILE if has_tiles(image) else 0
        self._place = (tile % 10, tile // 10)  # in the Image Editor
        self._pixels: Any = None  # float32 [H, W, 4], or None with a message
        self._image: np.ndarray | None = None
        self._texture: Any = None
        self._image_texture: Any = None
        self._message = ""
        try:
            rgb = resize(read_image(image, part_in(scene, image)), _CORNER_SIDE).rgb
            self._image = _with_opacity(rgb, 1.0)
            self._pixels = overlay_of(image, scene)
        except SemvecError as error:
            self._message = str(error)

    def draw(self, region: bpy.types.Region) -> None:
        if self._pixels is None:
            scale = ui_scale()
            draw_text(self._message, 20.0 * scale, 20.0 * scale)
            return
        _draw_over_image(self._made_texture(), region, self._place)

    def draw_in_corner(self, region: bpy.types.Region) -> None:
        """Draw image and colors at the lower left, with a title or the message."""
        scale = ui_scale()
        left, bottom = 70.0 * scale, 70.0 * scale  # beside the toolbar
        if self._image is not None:
            if self._image_texture is None:
                self._image_texture = make_texture(self._image)
            height, width = self._image.shape[:2]
            unit = min(0.35 * region.width / width, 0.35 * region.height / height)
            places = rectangle(left, bottom, width * unit, height * unit)
            draw_texture(self._image_texture, places)
            if self._pixels is not None:
                draw_texture(self._made_texture(), places)
        title = f"Saliency of '{self._name}': bright is drawn in more detail"
        draw_text(self._message or title, left, bottom - 20.0 * scale)

    def _made_texture(self) -> Any:
        if self._texture is None:  # made here, where there is a graphics context
            self._texture = make_texture(self._pixels)
        return self._texture


@persistent
def _note_change(*arguments: Any) -> None:
    if RUNTIME.overlays is not None:
        RUNTIME.overlays.outdated = True


def _check_for_changes() -> float:
    """Update the preview, as a timer that ends with it."""
    if RUNTIME.overlays is not None:
        RUNTIME.overlays.update()
    return _INTERVAL


def _settings(scene: bpy.types.Scene, image: bpy.types.Image | None) -> tuple[Any, ...]:
    """Return what an overlay depends on and Blender reports no change of."""
    panel = scene.semvec
    images = (image, panel.image, panel.saliency_image)
    image_names = (item.name_full if item is not None else "" for item in images)
    names = ["tile", "frame", "resolution", "saliency_softness", "saliency_background"]
    names += [name for source in SOURCES for name in (*source.settings, *source.resources)]
    return (*image_names, frozenset(panel.guidance), *(getattr(panel, name) for name in names))


def _shown_images() -> Iterator[tuple[bpy.types.Scene, bpy.types.Image | None]]:
    """Yield the image to color of each Image Editor, and for each 3D viewport the next run's."""
    for window in bpy.context.window_manager.windows:
        scene = window.scene
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR":
                image = area.spaces.active.image
                chosen = scene.semvec.image in (None, image, image_of_mask(image))
                yield scene, _with_pixels(image if chosen else None)
            elif area.type == "VIEW_3D":
                with bpy.context.temp_override(window=window, area=area):
                    yield scene, _with_pixels(active_image(bpy.context))


def _with_pixels(image: bpy.types.Image | None) -> bpy.types.Image | None:
    return image if image is not None and 0 not in image.size else None


def _redraw() -> None:
    redraw("WINDOW", "IMAGE_EDITOR", "VIEW_3D")


def _colors(saliency: np.ndarray) -> np.ndarray:
    """Map saliency [H, W] to sRGB [H, W, 3]."""
    places = np.linspace(0.0, 1.0, len(_STOPS))
    return np.stack([np.interp(saliency, places, channel) for channel in _STOPS.T], axis=-1)


def _with_opacity(rgb: np.ndarray, opacity: float) -> np.ndarray:
    alpha = np.full((*rgb.shape[:2], 1), opacity)
    return np.concatenate([rgb, alpha], axis=-1).astype(np.float32)


def _draw_over_image(texture: Any, region: bpy.types.Region, place: tuple[int, int]) -> None:
    """Draw over the image, a unit square in the view; place: of its lower left corner."""
    view = region.view2d
    corners = [(place[0] + x, place[1] + y) for x, y in CORNERS]
    draw_texture(texture, [view.view_to_region(*corner, clip=False) for corner in corners])
