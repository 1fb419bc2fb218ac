# SPDX-License-Identifier: GPL-3.0-or-later
"""Thumbnails of tiles and frames, for the panel: Blender's own show the first tile or frame.

Panels must not change data while they are drawn, and reading a part does. A timer therefore makes
a thumbnail that is missing, and has the panel drawn again.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import bpy
import bpy.utils.previews
import numpy as np

from ...core.errors import SemvecError
from ...core.image import resize
from ..blender.areas import redraw
from ..properties.runtime import RUNTIME
from .image_part import Part, has_frames, has_tiles
from .pixels import read_image

_LONG_SIDE = 128  # in pixels
_MOST = 32  # thumbnails at a time


def thumbnail_of(image: bpy.types.Image, part: Part) -> int | None:
    """Return the icon of a tile or frame, 0 until it is made; None for an image without parts."""
    if not (has_tiles(image) or has_frames(image)):
        return None
    key = repr((image.session_uid, image.filepath, part))
    known = _thumbnails()
    if key in known:
        return int(known[key].icon_id)
    if not bpy.app.background:
        known.new(key)  # once for each key
        bpy.app.timers.register(partial(_make, key, image.name, part))
    return 0


def make_thumbnail(key: str, image: bpy.types.Image, part: Part) -> None:
    """Fill the thumbnail `key` with the pixels of a part; without pixels it stays empty."""
    known = _thumbnails()
    if len(known) > _MOST:
        known.clear()
    preview: Any = known[key] if key in known else known.new(key)
    try:
        small = resize(read_image(image, part), _LONG_SIDE)
    except SemvecError:
        return
    alpha = np.ones(small.rgb.shape[:2]) if small.alpha is None else small.alpha
    pixels = np.dstack([small.rgb, alpha])[::-1].astype(np.float32)
    preview.image_size = (small.width, small.height)
    preview.image_pixels_float.foreach_set(np.ascontiguousarray(pixels).ravel())


def _make(key: str, name: str, part: Part) -> None:
    """Make a thumbnail, as a timer that is called once."""
    image = bpy.data.images.get(name)
    if image is not None:
        make_thumbnail(key, image, part)
        redraw("UI", "VIEW_3D", "IMAGE_EDITOR")


def _thumbnails() -> Any:
    if RUNTIME.thumbnails is None:
        RUNTIME.thumbnails = bpy.utils.previews.new()
    return RUNTIME.thumbnails


def unregister() -> None:
    """Remove all thumbnails."""
    if RUNTIME.thumbnails is not None:
        bpy.utils.previews.remove(RUNTIME.thumbnails)
        RUNTIME.thumbnails = None
