# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered scenes whose object borders are known: the training data of the boundary network.

    python training/scenes.py FOLDER --count 800 --seed 0

Needs Blender 4.5 as a module (`bpy`) and no graphics card: Cycles renders on one processor core.
Scene N is FOLDER/N.npz with `image`, uint8 sRGB [H, W, 3], and `labels`, uint8 [H, W], the object
at the center of every pixel. Each scene depends on the seed and its own number only, so a stopped
run goes on, and several processes share the work with --first and --step.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

SIZE = 192  # pixels a side
SAMPLES = 6  # a pixel: the noise that is left resembles a sensor's

Random = np.random.Generator


def main() -> int:
    """Render what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for number in range(options.first, options.count, options.step):
        file = options.folder / f"{number:05}.npz"
        if not file.exists():
            image, labels = render_scene(np.random.default_rng([options.seed, number]))
            unfinished = file.with_suffix(f".{os.getpid()}.npz")
            np.savez_compressed(unfinished, image=image, labels=labels)
            unfinished.rename(file)
    return 0


def render_scene(random: Random) -> tuple[np.ndarray, np.ndarray]:
    """Build a scene and return its picture and the objects' numbers, 0 for the sky."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    _set_up_rendering(scene, int(random.integers(2**31)))
    _add_camera(scene, random)
    _add_light(scene, random)
    _add_ground(random)
    if random.random() < 0.6:
        for distance in np.sort(random.uniform(9.0, 30.0, random.integers(1, 4)))[::-1]:
            _add_ridge(distance, random)
    things = random.integers(4, 16)
    for _ in range(things):
        _add_thing(random)
    image = (_render(scene)[..., :3] * 255.0).round().astype(np.uint8)
    return image, _render_labels(scene)


# -- rendering -----------------------------------------------------------------------------------


def _set_up_rendering(scene: bpy.types.Scene, seed: int) -> None:
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed = "CPU", SAMPLES, seed
    cycles.use_denoising = cycles.use_adaptive_sampling = False
    cycles.max_bounces = 1
    render = scene.render
    render.resolution_x = render.resolution_y = SIZE
    render.threads_mode, render.threads = "FIXED", 1
    scene.view_settings.view_transform = "Standard"


def _render(scene: bpy.types.Scene, raw: bool = False) -> np.ndarray:
    """Render and return the pixels [H, W, 4], row 0 on top; raw: scene linear, not clipped."""
    with tempfile.TemporaryDirectory() as folder:
        settings = scene.render.image_settings
        settings.file_format = "OPEN_EXR" if raw else "PNG"
        settings.color_depth = "32" if raw else "8"
        scene.render.filepath = str(Path(folder) / f"picture.{'exr' if raw else 'png'}")
        bpy.ops.render.render(write_still=True)
        picture = bpy.data.images.load(scene.render.filepath)
        picture.colorspace_settings.name = "Non-Color"
        pixels = np.empty(picture.size[0] * picture.size[1] * 4, np.float32)
        picture.pixels.foreach_get(pixels)
        pixels = pixels.reshape(picture.size[1], picture.size[0], 4)[::-1]
        bpy.data.images.remove(picture)
    return pixels


def _render_labels(scene: bpy.types.Scene) -> np.ndarray:
    """Render every object in a color that is its number, one ray through each pixel's center."""
    material = bpy.data.materials.new("number")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    info, emission = nodes.new("ShaderNodeObjectInfo"), nodes.new("ShaderNodeEmission")
    links.new(info.outputs["Object Index"], emission.inputs["Color"])
    links.new(emission.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
    scene.view_layers[0].material_override = material
    scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.0
    scene.camera.data.dof.use_dof = False
    scene.cycles.samples, scene.cycles.pixel_filter_type = 1, "BOX"
    scene.cycles.filter_width = 0.01
    scene.cycles.max_bounces = 0
    scene.render.filter_size = 0.01
    return _render(scene, raw=True)[..., 0].round().astype(np.uint8)


# -- camera and light ----------------------------------------------------------------------------


def _add_camera(scene: bpy.types.Scene, random: Random) -> None:
    """Add a camera near the ground that looks at the things, with depth of field."""
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    camera.location = (0.0, -random.uniform(5.0, 9.0), random.uniform(0.5, 4.0))
    target = Vector((random.uniform(-1, 1), 0.0, random.uniform(0.3, 1.8)))
    camera.rotation_euler = (target - camera.location).to_track_quat("-Z", "Y").to_euler()
    camera.rotation_euler.rotate_axis("Z", random.normal(0.0, 0.05))
    camera.data.lens = random.uniform(28.0, 70.0)
    camera.data.dof.use_dof = random.random() < 0.5
    camera.data.dof.focus_distance = -camera.location.y + random.normal(0.0, 1.0)
    camera.data.dof.aperture_fstop = math.exp(random.uniform(math.log(0.4), math.log(5.0)))
    scene.camera = camera


def _add_light(scene: bpy.types.Scene, random: Random) -> None:
    """Add a sky, plain or with clouds, and a sun."""
    world = scene.world = bpy.data.worlds.new("world")
    world.use_nodes = True
    world.cycles.sampling_method = "NONE"  # a map of its light takes seconds
    background = world.node_tree.nodes["Background"]
    background.inputs["Strength"].default_value = random.uniform(0.3, 1.0)
    coordinates = world.node_tree.nodes.new("ShaderNodeTexCoord").outputs["Generated"]
    color = _two_colors(world.node_tree, coordinates, random, contrast=random.uniform(0.0, 0.3))
    world.node_tree.links.new(color, background.inputs["Color"])
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy = random.uniform(0.0, 5.0)
    sun.data.angle = random.uniform(0.01, 0.8)
    sun.rotation_euler = (random.uniform(-1.2, 1.2), random.uniform(-1.2, 1.2), 0.0)
    scene.collection.objects.link(sun)


# -- things --------------------------------------------------------------------------------------


def _add_ground(random: Random) -> None:
    bpy.ops.mesh.primitive_plane_add(size=200.0)
    _finish(bpy.context.object, random)


def _add_ridge(distance: float, random: Random) -> None:
    """Add a hill, a wood or a row of houses: a wall with a rough upper edge."""
    count = 200
    steps = random.normal(0.0, 1.0, count)
    if random.random() < 0.3:  # straight roofs
        steps *= random.random(count) < 0.1
    height = np.cumsum(steps) * random.uniform(0.02, 0.3)
    height += random.normal(0.0, random.choice([0.0, 0.1]), count)
    height = np.maximum(height - height.mean() + random.uniform(1.0, 5.0), 0.2)
    x = np.linspace(-distance, distance, count)
    corners = [(a, distance, 0.0) for a in x] + [
        (a, distance, b) for a, b in zip(x, height, strict=True)
    ]
    faces = [(i, i + 1, count + i + 1, count + i) for i in range(count - 1)]
    mesh = bpy.data.meshes.new("ridge")
    mesh.from_pydata([tuple(map(float, corner)) for corner in corners], [], faces)
    ridge = bpy.data.objects.new("ridge", mesh)
    bpy.context.collection.objects.link(ridge)
    _finish(ridge, random)


def _primitive(random: Random) -> bpy.types.Object:
    mesh = bpy.ops.mesh
    kind = random.integers(7)
    if kind == 0:
        mesh.primitive_cube_add(size=1.4)
    elif kind == 1:
        mesh.primitive_uv_sphere_add(radius=0.8)
    elif kind == 2:
        mesh.primitive_cylinder_add(radius=random.uniform(0.1, 0.7), depth=random.uniform(1, 3))
    elif kind == 3:
        mesh.primitive_cone_add(radius1=0.9, radius2=random.uniform(0.0, 0.5), depth=2.0)
    elif kind == 4:
        mesh.primitive_torus_add(minor_radius=random.uniform(0.1, 0.4))
    elif kind == 5:
        mesh.primitive_monkey_add()
    else:
        mesh.primitive_ico_sphere_add(subdivisions=4, radius=0.8)
    return bpy.context.object


def _add_thing(random: Random) -> None:
    """Add one to three primitives, some deformed, around the origin; each is an object."""
    place = Vector((random.uniform(-3.5, 3.5), random.uniform(-2.5, 6.0), 0.0))
    scale = math.exp(random.uniform(math.log(0.25), math.log(1.6)))
    base = 0.0
    for _ in range(random.choice([1, 1, 2, 3])):
        thing = _primitive(random)
        thing.scale = [scale * random.uniform(0.5, 1.5) for _ in range(3)]
        thing.rotation_euler = random.uniform(-math.pi, math.pi, 3) * random.choice([0.15, 1.0])
        thing.location = place + Vector((0.0, 0.0, base + 0.6 * scale))
        base += scale * random.uniform(0.5, 1.2)
        if random.random() < 0.5:
            _deform(thing, random)
        if random.random() < 0.5:
            bpy.ops.object.shade_smooth()
        _finish(thing, random)


def _deform(thing: bpy.types.Object, random: Random) -> None:
    """Displace the vertices by a sum of waves, long ones more than short ones."""
    vertices = thing.data.vertices
    places = np.empty(3 * len(vertices), np.float32)
    vertices.foreach_get("co", places)
    places = places.reshape(-1, 3)
    strength = random.uniform(0.1, 0.6)
    moved = places.copy()
    for octave in range(random.integers(2, 10)):
        frequency = 1.5 * 1.4**octave
        wave = places @ random.normal(0.0, frequency, 3) + random.uniform(0.0, 6.3)
        moved += np.sin(wave)[:, None] * random.normal(0.0, strength / frequency, 3)
    vertices.foreach_set("co", moved.astype(np.float32).ravel())


def _finish(thing: bpy.types.Object, random: Random) -> None:
    """Give an object its number and a material."""
    numbered = sum(o.pass_index > 0 for o in bpy.data.objects)
    thing.pass_index = numbered + 1
    material = bpy.data.materials.new("surface")
    material.use_nodes = True
    surface = material.node_tree.nodes["Principled BSDF"]
    coordinates = material.node_tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    contrast = random.uniform(0.0, 1.2)
    color = _two_colors(material.node_tree, coordinates, random, contrast)
    material.node_tree.links.new(color, surface.inputs["Base Color"])
    surface.inputs["Roughness"].default_value = random.uniform(0.15, 1.0)
    surface.inputs["Metallic"].default_value = float(random.random() < 0.08)
    thing.data.materials.clear()
    thing.data.materials.append(material)


# -- textures ------------------------------------------------------------------------------------


def _two_colors(
    tree: bpy.types.NodeTree,
    coordinates: bpy.types.NodeSocket,
    random: Random,
    contrast: float,
) -> bpy.types.NodeSocket:
    """Return a procedural texture between two colors, `contrast` in [0, 1] apart."""
    first = _natural_color(random)
    other = random.random(3) if random.random() < 0.3 else first * random.uniform(0.0, 2.5)
    second = np.clip(first + contrast * (other - first), 0.0, 1.0)
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    low, high = ramp.color_ramp.elements
    low.color, high.color = (*first, 1.0), (*second, 1.0)
    low.position = random.uniform(0.0, 0.48)
    high.position = 1.0 - low.position
    stretch = tree.nodes.new("ShaderNodeMapping")
    stretch.inputs["Scale"].default_value = np.exp(random.normal(0.0, 0.5, 3))
    stretch.inputs["Rotation"].default_value = random.uniform(0.0, 3.0, 3)
    tree.links.new(coordinates, stretch.inputs["Vector"])
    value = _texture(tree, stretch.outputs["Vector"], random)
    tree.links.new(value, ramp.inputs[0])
    return ramp.outputs["Color"]


def _natural_color(random: Random) -> np.ndarray:
    """Draw a linear color, mostly of little saturation, as those of photographs are."""
    light = math.exp(random.uniform(math.log(0.02), math.log(0.8)))
    hue = random.normal(0.0, 1.0, 3)
    hue -= hue.mean()
    return np.clip(light * np.exp(hue * random.exponential(0.3)), 0.0, 1.0)


def _texture(
    tree: bpy.types.NodeTree, coordinates: bpy.types.NodeSocket, random: Random
) -> bpy.types.NodeSocket:
    """Return a value in [0, 1] from one of Blender's procedural textures."""
    kind = random.choice(
        ["Noise", "Voronoi", "Wave", "Checker", "Brick", "Magic"],
        p=[0.5, 0.15, 0.1, 0.1, 0.1, 0.05],
    )
    name = "ShaderNodeTexBrick" if kind == "Brick" else f"ShaderNodeTex{kind}"
    node = tree.nodes.new(name)
    tree.links.new(coordinates, node.inputs["Vector"])
    node.inputs["Scale"].default_value = math.exp(random.uniform(math.log(0.8), math.log(30.0)))
    if kind == "Noise":
        node.inputs["Detail"].default_value = random.uniform(0.0, 10.0)
        node.inputs["Roughness"].default_value = random.uniform(0.3, 0.9)
    elif kind == "Wave":
        node.wave_type = random.choice(["BANDS", "RINGS"])
        node.inputs["Distortion"].default_value = random.uniform(0.0, 12.0)
        node.inputs["Detail"].default_value = random.uniform(0.0, 5.0)
    elif kind == "Voronoi":
        node.feature = random.choice(["F1", "SMOOTH_F1", "DISTANCE_TO_EDGE"])
    elif kind == "Brick":
        return node.outputs[1]
    return node.outputs.get("Fac") or node.outputs.get("Distance") or node.outputs["Color"]


if __name__ == "__main__":
    sys.exit(main())
