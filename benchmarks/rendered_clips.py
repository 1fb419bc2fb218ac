# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips rendered by Blender, whose true motion is known: a turning head, and a walking camera.

Run by benchmarks/sequence.py: `python benchmarks/rendered_clips.py NAME FRAMES SIDE FILE.npz`
writes frames, float32 [T, H, W, 3]; origins, float32 [T, H, W, 2], the place in pixels (x, y) at
which each pixel's point was in the frame before; and seen, bool [T, H, W], whether that frame
showed it.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image as Pillow

NAMES = ("turntable", "walk")

_LENS = 40.0  # mm, on a sensor of 36 mm
_SENSOR = 36.0
_SAMPLES = 32
_SAME_POINT = 2e-3  # relative difference of two distances to one point

# Name of a primitive, its place, its size, and its color
_HEAD = (("monkey", (0.0, 0.0, 1.1), 1.5, (0.8, 0.35, 0.1)),)
_STREET = (
    ("monkey", (-1.2, 1.5, 1.0), 1.3, (0.8, 0.35, 0.1)),
    ("cube", (1.6, 3.0, 1.0), 2.0, (0.1, 0.3, 0.7)),
    ("uv_sphere", (0.6, 0.2, 0.5), 0.5, (0.75, 0.1, 0.15)),
    ("cone", (-3.4, 4.5, 1.2), 1.2, (0.2, 0.5, 0.2)),
    ("cube", (4.2, 5.5, 1.5), 3.0, (0.6, 0.6, 0.15)),
)


def main() -> None:
    name, count, side, file = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    scene = _scene_of(name, side)
    frames, origins, seen = [], [], []
    with TemporaryDirectory() as folder:
        for t in range(count):
            _move(scene, name, t)
            frames.append(_rendered(scene, Path(folder) / "frame.png"))
            points = _points_seen(scene)
            _move(scene, name, max(t - 1, 0))
            places, visible = _projected(scene, points)
            origins.append(places)
            seen.append(visible)
    np.savez_compressed(file, frames=frames, origins=origins, seen=seen)


def _scene_of(name: str, side: int) -> Any:
    """Return a scene with a floor, a light, a camera, and the objects of a clip."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    for primitive, place, size, color in _HEAD if name == "turntable" else _STREET:
        _add(primitive, place, size, color)
    _add("plane", (0.0, 4.0, 0.0), 30.0, (0.35, 0.33, 0.3))
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.rotation_euler = 3.0, (0.7, 0.3, 0.0)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.lens, camera.data.sensor_width = _LENS, _SENSOR
    for obj in (sun, camera):
        scene.collection.objects.link(obj)
    world = bpy.data.worlds.new("sky")
    world.color = (0.35, 0.5, 0.7)
    scene.world, scene.camera = world, camera
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples, scene.cycles.use_denoising = _SAMPLES, True
    scene.render.resolution_x, scene.render.resolution_y = side, round(side * 0.75)
    scene.view_settings.view_transform = "Standard"
    return scene


def _add(primitive: str, place: tuple[float, ...], size: float, color: tuple[float, ...]) -> None:
    """Add a smooth, colored primitive."""
    option = {"radius": size} if primitive == "uv_sphere" else {"size": size}
    if primitive == "cone":
        option = {"radius1": size, "depth": 2 * size}
    getattr(bpy.ops.mesh, f"primitive_{primitive}_add")(location=place, **option)
    obj = bpy.context.object
    if primitive == "monkey":
        obj.modifiers.new("smooth", "SUBSURF").levels = 2
        obj.modifiers["smooth"].render_levels = 2
    material = bpy.data.materials.new(primitive)
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*color, 1.0)
    obj.data.materials.append(material)
    if primitive in ("monkey", "uv_sphere"):
        obj.data.shade_smooth()


def _move(scene: Any, name: str, t: int) -> None:
    """Move the scene to frame t: the head turns by 2 degrees a frame, or the camera walks."""
    camera = scene.camera
    camera.location, camera.rotation_euler = (0.0, -4.0, 1.9), (math.radians(80.0), 0.0, 0.0)
    if name == "turntable":
        bpy.data.objects["Suzanne"].rotation_euler.z = math.radians(2.0 * t)
    else:
        camera.location = (0.03 * t, -7.0 + 0.06 * t, 1.7 + 0.02 * math.sin(1.2 * t))
    bpy.context.view_layer.update()


def _rendered(scene: Any, file: Path) -> np.ndarray:
    """Render the scene: float32 [H, W, 3]."""
    scene.render.filepath = str(file)
    bpy.ops.render.render(write_still=True)
    with Pillow.open(file) as picture:
        return np.asarray(picture.convert("RGB"), np.float32) / 255


def _points_seen(scene: Any) -> list[list[tuple[str, Vector] | None]]:
    """Return for each pixel which object it shows, and at which point of that object."""
    width, height = scene.render.resolution_x, scene.render.resolution_y
    graph, view = bpy.context.evaluated_depsgraph_get(), scene.camera.matrix_world
    focal = width * _LENS / _SENSOR  # pixels
    rows = []
    for y in range(height):
        row: list[tuple[str, Vector] | None] = []
        for x in range(width):
            ray = Vector(((x + 0.5 - width / 2) / focal, (height / 2 - y - 0.5) / focal, -1.0))
            direction = (view.to_3x3() @ ray).normalized()
            hit, point, _, _, obj, matrix = scene.ray_cast(graph, view.translation, direction)
            row.append((obj.name, matrix.inverted() @ point) if hit else None)
        rows.append(row)
    return rows


def _projected(
    scene: Any, points: list[list[tuple[str, Vector] | None]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return where points are in the picture, float32 [H, W, 2], and which it shows, [H, W]."""
    width, height = scene.render.resolution_x, scene.render.resolution_y
    graph, view = bpy.context.evaluated_depsgraph_get(), scene.camera.matrix_world
    focal, to_camera = width * _LENS / _SENSOR, view.inverted()
    places = np.zeros((height, width, 2), np.float32)
    seen = np.zeros((height, width), bool)
    for y, row in enumerate(points):
        for x, at in enumerate(row):
            if at is None:
                continue
            point = bpy.data.objects[at[0]].matrix_world @ at[1]
            local, way = to_camera @ point, point - view.translation
            places[y, x] = (
                width / 2 - focal * local.x / local.z,
                height / 2 + focal * local.y / local.z,
            )
            hit, first, *_ = scene.ray_cast(graph, view.translation, way.normalized())
            seen[y, x] = hit and (first - point).length < _SAME_POINT * way.length
    return places, seen


if __name__ == "__main__":
    main()
