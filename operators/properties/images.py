# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender properties of a run's images: pointers for panels, names for operators."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import PointerProperty, StringProperty

from .settings import Annotations

_INPUTS = {
    "image": ("Image", "The image to vectorize"),
    "saliency_image": ("Saliency", "An image that is white where it matters"),
    "masks_image": ("Masks", "An image with each mask in a flat color of its own"),
}


def image_pointers() -> Annotations:
    """Return a pointer property for each image, as the annotations of a class."""
    return {
        name: PointerProperty(
            name=title, description=description, type=bpy.types.Image, poll=_has_pixels
        )
        for name, (title, description) in _INPUTS.items()
    }


def image_names() -> Annotations:
    """Return a name property for each image, for operators, which can't have pointers."""
    return {
        name: StringProperty(name=title, description=description, search=_known_names)
        for name, (title, description) in _INPUTS.items()
    }


def _has_pixels(settings: Any, image: bpy.types.Image) -> bool:
    """Return whether this is neither the Render Result nor what a Viewer node shows."""
    return image.source != "VIEWER"


def _known_names(operator: Any, context: bpy.types.Context, text: str) -> list[str]:
    names = (image.name for image in bpy.data.images)
    return [name for name in names if text.lower() in name.lower()]
