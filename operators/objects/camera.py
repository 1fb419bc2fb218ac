# SPDX-License-Identifier: GPL-3.0-or-later
"""A camera that renders exactly a drawing, in its exact colors."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy
from mathutils import Matrix

from .collection import CANVAS
from .root import root_of

_CAMERA = "semvec_camera"  # custom property of the camera's object


def set_up_camera(scene: bpy.types.Scene, collection: bpy.types.Collection) -> bpy.types.Object:
    """Make an orthographic camera in front of the drawing the scene's camera.

    Renders have the picture's shape and resolution, the view transform Standard and a
    transparent background. A camera that was set up for the drawing before is used again.
    """
    width, height, unit = collection[CANVAS]
    root = root_of(collection)
    matrix = root.matrix_world.copy() if root is not None else Matrix()
    location, rotation, scale = matrix.decompose()
    across, up = width * unit * abs(scale.x), height * unit * abs(scale.y)
    obj = next((each for each in collection.objects if _CAMERA in each), None)
    if obj is None:
        name = f"{collection.name} Camera"
        obj = bpy.data.objects.new(name, bpy.data.cameras.new(name))
        obj[_CAMERA] = True
        collection.objects.link(obj)
    data: Any = obj.data
    data.type, data.ortho_scale = "ORTHO", max(across, up)
    distance = Matrix.Translation((0.0, 0.0, max(across, up)))
    obj.matrix_world = Matrix.LocRotScale(location, rotation, None) @ distance
    scene.camera = obj
    _set_render(scene, width * abs(scale.x) / max(abs(scale.y), 1e-9), height)
    return obj


def _set_render(scene: bpy.types.Scene, width: float, height: float) -> None:
    render = scene.render
    render.resolution_x, render.resolution_y = max(4, round(width)), max(4, round(height))
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.film_transparent = True
    with contextlib.suppress(TypeError):  # where colors are configured otherwise
        scene.view_settings.view_transform = "Standard"
        scene.view_settings.look = "None"
    scene.view_settings.exposure, scene.view_settings.gamma = 0.0, 1.0
