# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency canvases: the image in the scene, and a Grease Pencil object to draw on it.

    photo reference   an empty that shows the image, where its drawing will lie, just behind
      photo canvas    a Grease Pencil object in the plane of the image; drawn in front

The canvas stores its reference in a custom property, so names and parents may change; the
reference shows the image. Nothing else links the three.
"""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ..objects.depth_order import STACKING_STEP
from ..objects.free_location import find_free_location
from ..objects.placement import Placement

_REFERENCE = "semvec_reference"  # custom property of a canvas
_MATERIAL = "Semvec Saliency"
_COLOR = (1.0, 0.1, 0.0, 0.5)  # linear; translucent


def add_canvas(
    scene: bpy.types.Scene, image: bpy.types.Image, placement: Placement | None = None
) -> bpy.types.Object:
    """Add `image` and a canvas in front of it to the scene, and return the canvas.

    They have the location of a drawing of the image with the same placement.
    """
    placement = placement or Placement()
    gap = STACKING_STEP * placement.size
    reference = _new_reference(scene, image, placement, gap)
    canvas = bpy.data.objects.new(f"{image.name} canvas", _new_grease_pencil(scene, image.name))
    canvas.parent = reference
    canvas.rotation_euler.x = -math.pi / 2  # its front, the XZ plane, is the reference's XY
    canvas.location.z = gap
    canvas.show_in_front = True
    canvas.hide_render = True
    canvas[_REFERENCE] = reference
    for item in (reference, canvas):
        scene.collection.objects.link(item)
    return canvas


def find_canvases(scene: bpy.types.Scene, image: bpy.types.Image) -> list[bpy.types.Object]:
    """Return the scene's canvases for `image` that are not disabled in viewports."""
    return [
        item
        for item in scene.objects
        if item.type == "GREASEPENCIL"
        and not item.hide_viewport
        and (reference := reference_of(item)) is not None
        and reference.data == image
    ]


def reference_of(canvas: bpy.types.Object) -> bpy.types.Object | None:
    """Return the empty that shows the image of a canvas; None if it no longer does."""
    reference = canvas.get(_REFERENCE)
    shows_image = reference is not None and isinstance(reference.data, bpy.types.Image)
    return reference if shows_image else None


def _new_reference(
    scene: bpy.types.Scene, image: bpy.types.Image, placement: Placement, gap: float
) -> bpy.types.Object:
    """Add an empty that shows the image in the size of its drawing, `gap` behind that."""
    reference = bpy.data.objects.new(f"{image.name} reference", None)
    reference.empty_display_type = "IMAGE"
    reference.data = image
    reference.empty_display_size = placement.size
    shape = np.array(image.size) * image.display_aspect
    place = find_free_location(scene, placement, *shape.tolist())
    reference.matrix_basis = place @ Matrix.Translation((0.0, 0.0, -gap))
    return reference


def _new_grease_pencil(scene: bpy.types.Scene, name: str) -> Any:
    """Add Grease Pencil data with a layer and a material."""
    in_43_to_45 = hasattr(bpy.data, "grease_pencils_v3")
    collection = bpy.data.grease_pencils_v3 if in_43_to_45 else bpy.data.grease_pencils
    data = collection.new(f"{name} canvas")
    layer = data.layers.new("Saliency")
    # On the first frame, so that strokes are visible in all frames.
    layer.frames.new(min(scene.frame_start, scene.frame_current))
    data.layers.active = layer
    data.materials.append(_material())
    return data


def _material() -> bpy.types.Material:
    """Return the material of all canvases, bright and translucent; add it if missing."""
    material = bpy.data.materials.get(_MATERIAL)
    if material is None or not material.is_grease_pencil:
        material = bpy.data.materials.new(_MATERIAL)
        bpy.data.materials.create_gpencil_data(material)
        material.grease_pencil.color = _COLOR
    return material
