# SPDX-License-Identifier: GPL-3.0-or-later
"""`Scene.semvec`: what the panel shows and a file remembers."""

from __future__ import annotations

import bpy
from bpy.props import PointerProperty

from ..operators.settings_properties import placement_properties, settings_properties


def _image(name: str, description: str) -> object:
    return PointerProperty(name=name, description=description, type=bpy.types.Image)


class SemvecSettings(bpy.types.PropertyGroup):
    """Settings of the next vectorization in a scene."""

    __annotations__ = {
        "image": _image("Image", "The image to vectorize"),
        "saliency_image": _image("Saliency", "An image that is white where it matters"),
        "masks_image": _image("Masks", "An image with each mask in a flat colour of its own"),
        **settings_properties(),
        **placement_properties(),
    }


CLASSES = (SemvecSettings,)


def attach() -> None:
    """Give every scene its settings."""
    bpy.types.Scene.semvec = PointerProperty(type=SemvecSettings)


def detach() -> None:
    """Take them away again."""
    del bpy.types.Scene.semvec
