# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlay of the comparison: the source or the remaining error, exactly over the active drawing.

Draw handlers of the 3D viewports draw it; a timer keeps it up to date. No datablock is added or
changed, so that undo, files and renders never see it.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ...core.errors import ImageError, SemvecError
from ...core.image import Image, resize
from ..blender.areas import redraw
from ..blender.screen_drawing import (
    draw_area,
    draw_text,
    draw_texture,
    free_top,
    make_texture,
    rectangle,
    text_width,
    ui_scale,
)
from ..inputs.image_part import part_of, part_title
from ..inputs.pixels import find_image, read_image
from ..objects.active import active_drawing
from ..objects.root import SOURCE
from ..properties.runtime import RUNTIME
from .error_search import ErrorSearch
from .heat_map import LARGEST, heat_colors, legend_colors
from .picture_plane import corners_of

_LONG_SIDE = 2048  # of the source as it is shown, in pixels
_INTERVAL = 0.2  # seconds between two looks for changes
_CHANGES = ("depsgraph_update_post", "undo_post", "redo_post")
_EDGE = 0.0015  # half width of the wipe's edge, as a share of the picture's width
_WHITE, _BLACK = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)
_SHADE = (0.0, 0.0, 0.0, 0.65)


def is_comparing() -> bool:
    """Return whether the overlay is on."""
    return RUNTIME.comparison is not None


def start_comparison() -> None:
    """Turn the overlay on."""
    if RUNTIME.comparison is None:
        RUNTIME.comparison = _Comparison()
        redraw("WINDOW", "VIEW_3D")
        redraw("UI", "VIEW_3D")


def stop_comparison() -> None:
    """Turn the overlay off, and remove its handlers."""
    if RUNTIME.comparison is not None:
        RUNTIME.comparison.close()
        RUNTIME.comparison = None
        redraw("WINDOW", "VIEW_3D")
        redraw("UI", "VIEW_3D")


class _Comparison:
    """The picture over the active drawing, until `close`."""

    def __init__(self) -> None:
        self._drawing = 0  # session-wide number of the drawing that the rest belongs to
        self._search = ErrorSearch()
        self._source: Image | None = None
        self._message = self._title = ""
        self._textures: dict[str, Any] = {}
        space = bpy.types.SpaceView3D
        self._handles = [
            space.draw_handler_add(draw, (), "WINDOW", kind)
            for draw, kind in ((self._draw_picture, "POST_VIEW"), (self._draw_texts, "POST_PIXEL"))
        ]
        for name in _CHANGES:
            getattr(bpy.app.handlers, name).append(_note_change)
        bpy.app.timers.register(_look, persistent=True)

    def close(self) -> None:
        for handle in self._handles:
            bpy.types.SpaceView3D.draw_handler_remove(handle, "WINDOW")
        for name in _CHANGES:
            getattr(bpy.app.handlers, name).remove(_note_change)
        if bpy.app.timers.is_registered(_look):
            bpy.app.timers.unregister(_look)

    def note_change(self) -> None:
        self._search.note_change()
        if self._source is None:  # it may be in the file by now
            self._drawing = 0

    def look(self) -> None:
        """Measure the error of the drawing as it is now, where that is shown."""
        if bpy.context.window_manager.semvec_compare.shown != "ERROR":
            return
        collection = self._current(bpy.context)
        if collection is None or self._source is None:
            return
        if self._search.step(collection, self._source):
            self._textures.pop("ERROR", None)
            redraw("WINDOW", "VIEW_3D")

    def _current(self, context: Any) -> bpy.types.Collection | None:
        """Return the active drawing; reads the image of another one than before."""
        collection = active_drawing(context)
        number = collection.session_uid if collection is not None else 0
        if number != self._drawing:
            self._drawing = number
            self._search = ErrorSearch()
            self._source, self._message, self._textures = None, "", {}
            if collection is not None:
                self._read_source(collection)
        return collection

    def _read_source(self, collection: bpy.types.Collection) -> None:
        name = collection[SOURCE]
        try:
            image, part = find_image(name), part_of(collection)
            self._source = resize(read_image(image, part), _LONG_SIDE)
            self._title = ", ".join(filter(None, (name, part_title(image, part))))
        except ImageError as error:
            missing = f"The image '{name}' is not in this file. Open it to compare"
            self._message = str(error) if name in bpy.data.images else missing
        except SemvecError as error:
            self._message = str(error)

    def _texture(self, shown: str) -> Any:
        """Return the texture of the picture that is shown; None where there is none yet."""
        if shown not in self._textures and self._source is not None:
            pixels = None
            if shown == "SOURCE":
                pixels = _with_opacity(self._source)
            elif self._search.found is not None:
                pixels = heat_colors(self._search.found)
            if pixels is None:
                return None
            self._textures[shown] = make_texture(pixels)
        return self._textures.get(shown)

    def _draw_picture(self) -> None:
        context: Any = bpy.context
        collection = self._current(context)
        if collection is None or context.window_manager.semvec.running:
            return
        settings = context.window_manager.semvec_compare
        texture = self._texture(settings.shown)
        if texture is None:
            return
        wipe = settings.wipe
        parts = rectangle(0.0, 0.0, wipe, 1.0)
        draw_texture(texture, corners_of(collection, 0.0, wipe), settings.opacity, parts)
        if wipe < 1.0:
            for half, color in ((2.0 * _EDGE, _BLACK), (_EDGE, _WHITE)):
                draw_area(corners_of(collection, wipe - half, wipe + half), color)

    def _draw_texts(self) -> None:
        context: Any = bpy.context
        collection = self._current(context)
        if collection is None or context.window_manager.semvec.running:
            return
        shown = context.window_manager.semvec_compare.shown
        scale = ui_scale()
        # Beside the toolbar; at the bottom are the panels of F9.
        left, top = 70.0 * scale, free_top(context.area, context.region, scale)
        if shown == "ERROR" and self._search.found is not None:
            self._draw_legend(left, top - 56.0 * scale, scale)
            return
        bottom = top - 20.0 * scale
        source = f"Source: {self._title}"
        text = self._message or (source if shown == "SOURCE" else self._search.message)
        _draw_backdrop(left, bottom, text_width(text), 12.0 * scale)
        draw_text(text, left, bottom)

    def _draw_legend(self, left: float, bottom: float, scale: float) -> None:
        if "LEGEND" not in self._textures:
            self._textures["LEGEND"] = make_texture(legend_colors())
        error: Any = self._search.found
        title = f"Remaining error, mean {error.mean():.1%}"
        width = max(180.0 * scale, text_width(title))
        _draw_backdrop(left, bottom, width, 48.0 * scale)
        draw_text(title, left, bottom + 36.0 * scale)
        bar = rectangle(left, bottom + 18.0 * scale, width, 12.0 * scale)
        draw_texture(self._textures["LEGEND"], bar)
        most = f"{LARGEST:.0%} and more"
        draw_text("None", left, bottom, 11.0)
        draw_text(most, left + width - text_width(most, 11.0), bottom, 11.0)


def _draw_backdrop(left: float, bottom: float, width: float, height: float) -> None:
    """Darken what is behind a text."""
    margin = 8.0 * ui_scale()
    area = rectangle(left - margin, bottom - margin, width + 2 * margin, height + 2 * margin)
    draw_area(area, _SHADE)


@persistent
def _note_change(*_: object) -> None:
    if RUNTIME.comparison is not None:
        RUNTIME.comparison.note_change()


@persistent
def _before_load(*_: object) -> None:
    stop_comparison()


def _look() -> float:
    """Look for changes, as a timer that ends with the overlay."""
    if RUNTIME.comparison is not None:
        RUNTIME.comparison.look()
    return _INTERVAL


def _with_opacity(image: Image) -> np.ndarray:
    """Return the colors of an image with its opacity: float32 [H, W, 4]."""
    alpha = np.ones((image.height, image.width)) if image.alpha is None else image.alpha
    return np.dstack([image.rgb, alpha]).astype(np.float32)


def register() -> None:
    """End the comparison where another file is loaded."""
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """End the comparison."""
    stop_comparison()
    bpy.app.handlers.load_pre.remove(_before_load)
