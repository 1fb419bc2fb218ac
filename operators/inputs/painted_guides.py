# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency painted for the frames of a sequence.

Strokes count from the keyframe of their canvas on, and move with the picture until the next one;
a chosen image or a mask counts from the first frame on.
"""

from __future__ import annotations

from bisect import bisect_left

import bpy
import numpy as np

from ...core.settings import Settings
from .canvas import find_canvases
from .painted_saliency import background_of, canvas_saliency, painted_map


def painted_guides(
    image: bpy.types.Image, scene: bpy.types.Scene, numbers: list[int], settings: Settings
) -> list[tuple[int, np.ndarray]]:
    """Return positions in `numbers`, and the saliency painted there: float32 [H, W] in [0, 1].

    numbers: frames of the scene that are drawn, ascending. Raises SaliencyError if nothing is
    painted.
    """
    guides: list[tuple[int, np.ndarray]] = []
    if scene.semvec.saliency_image is None:
        softness, background = scene.semvec.saliency_softness, background_of(scene, settings)
        # There may be a map for each frame, and larger ones are made smaller for the work.
        side = settings.resolution
        for index in _changes(image, scene, numbers):
            at = numbers[index]
            painted = canvas_saliency(image, scene, softness, background, side, at)
            if painted is None and guides:  # the strokes end here
                painted = np.full_like(guides[0][1], background)
            if painted is not None:
                guides.append((index, painted))
    return guides or [(0, painted_map(image, scene, settings))]


def _changes(image: bpy.types.Image, scene: bpy.types.Scene, numbers: list[int]) -> list[int]:
    """Return the positions in `numbers` at which a canvas shows other strokes than before."""
    keys = {
        key.frame_number
        for canvas in find_canvases(scene, image)
        for layer in canvas.data.layers
        for key in layer.frames
    }
    places = {bisect_left(numbers, key) for key in keys if key <= numbers[-1]}
    return sorted(places | {0})
