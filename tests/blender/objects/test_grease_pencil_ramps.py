# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradients of Grease Pencil, against resvg's picture of the same drawing, and read back."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import PIL.Image
import pytest
import resvg_py
import scipy.ndimage
from sample_drawings import assert_same, path, ramp, ramps, rendered, without_point

from semvec import demo
from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Drawing
from semvec.core.svg import load_svg, quantized, save_svg, to_svg
from semvec.operators.objects.collection import add_drawing, read_drawing
from semvec.operators.objects.palette import gradients_of
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.splines import linear_color

FORM: Any = Placement(form="GREASE_PENCIL")
SIZE = (256, 192)
DRAWS = """
import bpy
scene = bpy.context.scene
scene.render.engine, scene.render.resolution_percentage = "BLENDER_WORKBENCH", 1
bpy.ops.render.render()
"""


def soft(kind: Any, turned: bool = False, mirrored: bool = False) -> Drawing:
    """Shapes with gradients of moderate contrast, as photographs have: 128 x 96 pixels."""
    disc, box = circle((88, 50), 30), rectangle(8, 10, 60, 80)
    if turned:
        disc, box = np.roll(disc, 6, axis=0), np.roll(box, 3, axis=0)
    if mirrored:
        disc, box = (np.roll(points[::-1], 1, axis=0) for points in (disc, box))
    shapes = [
        path([rectangle(0, 0, 128, 96)], (0.5, 0.5, 0.5, 1.0), "structural", "background"),
        path([disc], (0.3, 0.4, 0.7, 1.0), "structural", "disc"),
        path([box], (0.8, 0.5, 0.3, 1.0), "detail", "box"),
    ]
    shapes[1].ramp = ramp(kind, (80, 30), (100, 66), (0.6, 0.55, 0.8))
    shapes[2].ramp = ramp(kind, (20, 70), (50, 20), (0.6, 0.3, 0.3))
    return Drawing(128.0, 96.0, shapes)


@pytest.fixture(scope="module")
def opengl() -> None:
    """Skip where Blender can't draw: without OpenGL it aborts."""
    done = subprocess.run([sys.executable, "-c", DRAWS], capture_output=True)
    if done.returncode:
        pytest.skip("Blender draws nothing without OpenGL")


def in_workbench(scene: Any, drawing: Drawing, file: Path) -> np.ndarray:
    """The drawing as Blender draws Grease Pencil in renders, by its materials: RGB [H, W, 3]."""
    add_drawing(scene, drawing, "photo", FORM)
    demo.look_at_drawing(*SIZE)
    scene.render.engine = "BLENDER_WORKBENCH"
    return rendered(file)[..., :3]


def by_resvg(drawing: Drawing) -> np.ndarray:
    """The drawing by resvg: RGB [H, W, 3]."""
    png = resvg_py.svg_to_bytes(svg_string=to_svg(drawing.scaled(*SIZE)))
    return np.asarray(PIL.Image.open(io.BytesIO(bytes(png))).convert("RGB")) / 255.0


def away_from_edges(drawing: Drawing) -> np.ndarray:
    """Return the pixels that no outline is near: [H, W]."""
    plain = [
        replace(shape, ramp=None, fill=np.array([number / 9, 0.0, 0.0, 1.0], np.float32))
        for number, shape in enumerate(drawing.paths)
    ]
    numbers = by_resvg(replace(drawing, paths=plain))[..., 0]
    return scipy.ndimage.morphological_gradient(numbers, 5) == 0


@pytest.mark.parametrize("kind", ["linear", "radial"])
@pytest.mark.parametrize(("turned", "mirrored"), [(False, False), (True, False), (False, True)])
def test_renders_show_the_gradients(
    opengl: None, scene: Any, tmp_path: Path, kind: Any, turned: bool, mirrored: bool
) -> None:
    """Blender mixes colors in linear light, so that colors differ by up to 9 of 255."""
    drawing = soft(kind, turned, mirrored)
    shown = in_workbench(scene, drawing, tmp_path / "a.png")
    error = np.abs(shown - by_resvg(drawing))[away_from_edges(drawing)]
    assert error.max() <= 9.5 / 255
    assert error.mean() <= 1.5 / 255


def test_solid_viewports_show_the_mean_colors(scene: Any) -> None:
    """The strokes have them, which the color type Attribute shows."""
    collection = add_drawing(scene, soft("linear"), "photo", FORM)
    (pencil,) = (item for item in collection.all_objects if item.type == "GREASEPENCIL")
    (stroke,) = pencil.data.layers["Detail"].frames[0].drawing.strokes
    assert stroke.material_index > 0
    assert stroke.fill_color[0] - stroke.fill_color[1] > 0.02


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_gradients_come_back(scene: Any, tmp_path: Path, opacity: float) -> None:
    collection = add_drawing(scene, ramps(opacity), "photo", FORM)
    expected = without_point(ramps(opacity))
    assert_same(read_drawing(collection), expected)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert_same(read_drawing(bpy.data.collections["photo"]), expected)


@pytest.mark.parametrize("kind", ["linear", "radial"])
def test_svg_files_keep_the_gradients(scene: Any, tmp_path: Path, kind: Any) -> None:
    save_svg(soft(kind, turned=True), tmp_path / "a.svg")
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"), form="GREASE_PENCIL")
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "b.svg"))
    assert_same(load_svg(tmp_path / "b.svg"), quantized(soft(kind, turned=True)))


def test_strokes_of_the_same_colors_share_a_material(scene: Any) -> None:
    drawing = soft("linear")
    drawing.paths[2].fill, drawing.paths[2].ramp = drawing.paths[1].fill, drawing.paths[1].ramp
    collection = add_drawing(scene, drawing, "photo", FORM)
    (pencil,) = (item for item in collection.all_objects if item.type == "GREASEPENCIL")
    assert len(pencil.data.materials) == 2
    assert_same(read_drawing(collection), drawing)


def test_changed_colors_and_a_turned_object_are_seen_and_exported(
    opengl: None, scene: Any, tmp_path: Path
) -> None:
    in_workbench(scene, soft("linear"), tmp_path / "a.png")
    (pencil,) = (item for item in bpy.data.objects if item.type == "GREASEPENCIL")
    look = pencil.data.materials[1].grease_pencil
    look.mix_color, look.flip = (0.5, 0.3, 0.2, 1.0), True
    look.texture_angle, look.texture_offset, look.texture_scale = 0.4, (0.1, 0.2), (1.3, 1.3)
    pencil.rotation_euler.z += 0.2
    picture = rendered(tmp_path / "b.png")[..., :3]
    edited = read_drawing(bpy.data.collections["photo"])
    inside = away_from_edges(edited) & (picture.sum(axis=2) > 0)  # all else is transparent
    error = np.abs(picture - by_resvg(edited))[inside]
    assert error.max() <= 12.5 / 255
    assert error.mean() <= 2 / 255


def test_a_changed_swatch_reaches_all_its_strokes(scene: Any) -> None:
    """In solid viewports, too, which show the color of the stroke."""
    drawing = soft("linear")
    drawing.paths[2].fill, drawing.paths[2].ramp = drawing.paths[1].fill, drawing.paths[1].ramp
    collection = add_drawing(scene, drawing, "photo", FORM)
    bpy.context.view_layer.update()
    (gradient,) = gradients_of(collection)
    look = gradient.grease_pencil
    look.fill_color = look.mix_color = linear_color(np.array([0.0, 0.5, 0.0, 1.0]))
    bpy.context.view_layer.update()
    (pencil,) = (item for item in collection.all_objects if item.type == "GREASEPENCIL")
    shown = [
        tuple(stroke.fill_color)
        for layer in pencil.data.layers
        for stroke in layer.frames[0].drawing.strokes
    ]
    np.testing.assert_allclose(shown[1:], [look.fill_color] * 2, atol=1e-3)
    for shape in read_drawing(collection).paths[1:]:
        np.testing.assert_allclose([*shape.fill[:3], *shape.ramp.color], [0, 0.5, 0] * 2, atol=1e-3)


def test_flat_fills_hide_gradients(scene: Any) -> None:
    collection: Any = add_drawing(scene, soft("linear"), "photo", FORM)
    collection.semvec_fills = "FLAT"
    assert all(shape.ramp is None for shape in read_drawing(collection).paths)
    collection.semvec_form = "CURVES"
    assert collection.semvec_fills == "FLAT"
    collection.semvec_form = "GREASE_PENCIL"
    collection.semvec_fills = "GRADIENT"
    assert_same(read_drawing(collection), soft("linear"))


def test_no_materials_are_left_behind(scene: Any) -> None:
    collection: Any = add_drawing(scene, soft("linear"), "photo", FORM)
    for form in ("CURVES", "GREASE_PENCIL", "CURVES"):
        collection.semvec_form = form
    assert not [each for each in bpy.data.materials if each.is_grease_pencil]
