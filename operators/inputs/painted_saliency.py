# SPDX-License-Identifier: GPL-3.0-or-later
"""Painted saliency of an image, from its saliency image, canvases or mask."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np

from ...core.errors import SaliencyError
from ...core.saliency.maps import floored, from_image
from ...core.saliency.sources import requests_in
from ...core.saliency.strokes import paint_strokes
from ...core.settings import Settings
from .active_image import mask_of
from .canvas import find_canvases, reference_of
from .grease_pencil_strokes import strokes_of
from .pixels import read_saliency

# Limit in pixels for maps of larger images, as brushes are not that fine.
LONG_SIDE = 2048


def painted_map(image: bpy.types.Image, scene: bpy.types.Scene, settings: Settings) -> np.ndarray:
    """Return the map painted for a run with these settings: float32 [H, W] in [0, 1].

    Raises SaliencyError if nothing is painted.
    """
    painted = painted_saliency(image, scene, background=background_of(scene, settings))
    if painted is None:
        raise SaliencyError(
            f"Nothing is painted for '{image.name}'.",
            "Draw on a saliency canvas, paint a mask, or turn off Painted under Guidance.",
        )
    return painted


def background_of(scene: bpy.types.Scene, settings: Settings) -> float:
    """Return the value of what is not painted: 0 where sources provide it, else the panel's."""
    return 0.0 if requests_in(settings) else scene.semvec.saliency_background


def painted_saliency(
    image: bpy.types.Image,
    scene: bpy.types.Scene,
    long_side: int = LONG_SIDE,
    background: float | None = None,
) -> np.ndarray | None:
    """Return the saliency painted for `image`: float32 [H, W] in [0, 1]; None without any.

    It is the first of these on which anything is painted: the saliency image chosen in the panel,
    the canvases of `image` in the scene, the mask painted in the Image Editor. The map has
    the image's shape and at most `long_side` pixels a side.
    background: value of what is not painted; None takes the panel's.
    Raises SaliencyError for an image without pixels and for a mask of another shape.
    """
    if background is None:
        background = scene.semvec.saliency_background
    for painted in _painted(image, scene, long_side):
        if painted is not None and painted.any():
            return floored(painted, background)
    return None


def canvas_saliency(
    image: bpy.types.Image,
    scene: bpy.types.Scene,
    softness: float,
    background: float,
    long_side: int = LONG_SIDE,
    frame: int | None = None,
) -> np.ndarray | None:
    """Paint all strokes on the canvases of `image`: float32 [H, W]; None without strokes.

    softness, background: as in `paint_strokes`. frame: of the scene; None for the current one.
    Raises SaliencyError.
    """
    height, width = map_size(image, long_side)
    frame = scene.frame_current if frame is None else frame
    for layer in scene.view_layers:
        layer.update()  # the objects' matrices
    strokes = [
        stroke
        for canvas in find_canvases(scene, image)
        for stroke in strokes_of(canvas, reference_of(canvas), frame, width, height)
    ]
    painted = paint_strokes(strokes, height, width, softness=softness)
    return floored(painted, background) if painted.any() else None


def map_size(image: bpy.types.Image, long_side: int) -> tuple[int, int]:
    """Return height and width of a map of `image`. Raises SaliencyError if it has no pixels."""
    width, height = image.size
    if 0 in (width, height):
        raise SaliencyError(
            f"The image '{image.name}' has no pixels.", "Find its file again or choose another."
        )
    scale = min(1.0, long_side / max(width, height))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _painted(
    image: bpy.types.Image, scene: bpy.types.Scene, long_side: int
) -> Iterator[np.ndarray | None]:
    """Yield the painted maps, the most explicit one first, each made on demand."""
    size = map_size(image, long_side)
    if scene.semvec.saliency_image is not None:
        yield from_image(read_saliency(scene.semvec.saliency_image, *image.size), *size)
    yield canvas_saliency(image, scene, scene.semvec.saliency_softness, 0.0, long_side)
    mask = mask_of(image)
    if mask is not None:
        yield from_image(read_saliency(mask, *image.size), *size)
