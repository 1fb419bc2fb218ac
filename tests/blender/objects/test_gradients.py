# SPDX-License-Identifier: GPL-3.0-or-later
"""Ramps in Blender: seen as our own renderer draws them, edited there, and read back.

The pictures to compare with come from the drawing itself, or, after edits, from what is
exported; Cycles makes the other ones from Blender's data alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
import scipy.ndimage
from mathutils import Matrix
from sample_drawings import assert_same, in_blender, path, ramp, ramps, rendered, sample

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Drawing, pack
from semvec.core.rendering.native import render
from semvec.core.svg import load_svg, quantized, save_svg
from semvec.operators.objects.collection import (
    add_drawing,
    find_drawings,
    read_drawing,
    update_drawing,
)
from semvec.operators.objects.placement import Placement
from semvec.operators.run.preview import Preview

FORMS = ("CURVES", "JOINED")
NAMES = [
    "Gradient", "Gradient Start", "Gradient End", "Gradient Start Color", "Gradient End Color",
]  # fmt: skip
SIZE = (384, 288)


def drawn(drawing: Drawing) -> np.ndarray:
    """The drawing by our own renderer: RGB [H, W, 3]."""
    return render(pack(drawing.scaled(*SIZE).paths), *SIZE)


def away_from_edges(drawing: Drawing) -> np.ndarray:
    """Return the pixels with no edge of a path within two pixels: [H, W]."""
    edges = np.zeros(SIZE[::-1], bool)
    for shape in drawing.scaled(*SIZE).paths:
        edges |= scipy.ndimage.morphological_gradient(cover(shape, *SIZE), 3) > 0
    return ~scipy.ndimage.binary_dilation(edges)


def cover(shape: Any, width: int, height: int) -> np.ndarray:
    """Return the path's coverage of each pixel: [H, W]."""
    white = path(shape.subpaths, (1.0, 1.0, 1.0, 1.0), "detail", "")
    return render(pack([white]), width, height, background=(0.0, 0.0, 0.0))[..., 0]


def assert_seen(shown: np.ndarray, drawing: Drawing, steps: float = 1.1) -> None:
    error = np.abs(shown[..., :3] - drawn(drawing))[away_from_edges(drawing)]
    assert error.max() <= steps / 255
    assert len(error) > 0.7 * np.prod(SIZE)


@pytest.fixture
def shown(scene: Any) -> Any:
    """The sample drawing in Blender, its collection."""
    return add_drawing(scene, ramps(), "photo")


@pytest.mark.parametrize("form", FORMS)
def test_cycles_shows_the_exact_colors(scene: Any, tmp_path: Path, form: Any) -> None:
    assert_seen(in_blender(scene, ramps(), *SIZE, tmp_path / "a.png", form), ramps())


@pytest.mark.parametrize("form", FORMS)
def test_transparent_ramps_blend_in_linear_light(scene: Any, tmp_path: Path, form: Any) -> None:
    """As all fills do in Blender; opacity is the same all over a ramp."""
    below, above = ramps().paths[0], ramps(0.25).paths[1]
    opaque = [below, ramps().paths[1]]
    drawing = Drawing(128, 96, [below, above])
    shown = in_blender(scene, drawing, *SIZE, tmp_path / "a.png", form)
    under, over = (to_linear(drawn(Drawing(128, 96, paths))) for paths in ([below], opaque))
    expected = to_srgb(under + 0.25 * (over - under))
    error = np.abs(shown[..., :3] - expected)[away_from_edges(drawing)]
    assert error.max() <= 1.5 / 255


@pytest.mark.parametrize("form", FORMS)
def test_there_and_back(scene: Any, tmp_path: Path, form: Any) -> None:
    collection = add_drawing(scene, ramps(0.5), "photo", Placement(3.0, "FLAT", form=form))
    assert_same(read_drawing(collection), ramps(0.5))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert_same(read_drawing(bpy.data.collections["photo"]), ramps(0.5))


@pytest.mark.parametrize("form", FORMS)
def test_svg_files_keep_ramps(scene: Any, tmp_path: Path, form: Any) -> None:
    save_svg(ramps(), tmp_path / "a.svg")
    bpy.ops.semvec.import_svg(filepath=str(tmp_path / "a.svg"), form=form)
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "b.svg"))
    assert_same(load_svg(tmp_path / "b.svg"), quantized(ramps()))


def test_edits_by_hand_are_seen_and_exported(scene: Any, tmp_path: Path) -> None:
    """Moved, turned, scaled, sheared by the empty above; other colors, another axis."""
    in_blender(scene, ramps(), *SIZE, tmp_path / "a.png")
    linear, radial = (bpy.data.objects[name] for name in ("linear", "radial"))
    linear.delta_location.x, linear.delta_rotation_euler.y, linear.delta_scale = (
        -0.1,
        0.4,
        (0.7, 1.2, 1.0),
    )
    linear["Gradient Start Color"] = (0.0, 0.5, 1.0)
    radial["Gradient End Color"][1] = 0.9
    radial["Gradient Start"][0] += 0.2
    radial.location.z, radial.scale = radial.location.z - 0.1, (0.8, 0.8, 0.8)
    bpy.data.objects["Background"]["Gradient"] = 2
    for item in (linear, radial, bpy.data.objects["Background"]):
        item.update_tag()
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"))
    edited = load_svg(tmp_path / "a.svg")
    picture = rendered(tmp_path / "b.png")
    assert_seen(picture, edited, 2.1)  # both are rounded to 255ths
    assert np.abs(picture[..., :3] - drawn(ramps())).mean() > 20 / 255, "that was another picture"
    assert [shape.ramp and shape.ramp.kind for shape in edited.paths] == [
        "radial", "linear", "radial", None, "linear",
    ]  # fmt: skip


def test_edits_of_materials_are_seen_and_exported(scene: Any, tmp_path: Path) -> None:
    in_blender(scene, ramps(), *SIZE, tmp_path / "a.png", "JOINED")
    (item,) = (item for item in bpy.data.objects if item.type == "CURVE")
    inputs = item.material_slots["linear"].material.node_tree.nodes["Ramp"].inputs
    inputs["Gradient End Color"].default_value = (0.0, 0.5, 1.0, 1.0)
    inputs["Gradient End"].default_value[0] += 0.3
    turned = Matrix.Rotation(0.2, 4, "Z") @ Matrix.Diagonal((0.6, 0.9, 1.0, 1.0))
    item.matrix_basis = item.matrix_basis @ turned
    item.material_slots["radial"].material.node_tree.nodes["Ramp"].inputs[
        "Gradient"
    ].default_value = 0
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"))
    edited = load_svg(tmp_path / "a.svg")
    picture = rendered(tmp_path / "b.png")[..., :3]
    inside = away_from_edges(edited) & (picture.sum(axis=2) > 0)  # all else is transparent
    assert np.abs(picture - drawn(edited))[inside].max() <= 2.1 / 255
    assert [shape.ramp and shape.ramp.kind for shape in edited.paths] == [
        "linear", "linear", None, None, "linear",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Gradient", 0), ("Gradient", "radial"), ("Gradient", 7), ("Gradient", [1.0, 2.0]),
        ("Gradient Start", [0.0, 1.0]), ("Gradient Start", [0.0, float("nan"), 0.0]),
        ("Gradient End", "there"), ("Gradient End", float("inf")),
        ("Gradient Start Color", 1), ("Gradient End Color", [True]),
    ],
)  # fmt: skip
def test_a_gradient_without_sense_is_a_flat_color(shown: Any, name: str, value: Any) -> None:
    item = bpy.data.objects["linear"]
    color = item.active_material.node_tree.nodes["Flat Color"].outputs[0]
    color.default_value = (1, 0, 0, 1)
    del item[name]  # Blender itself leaks memory where numbers become a text
    item[name] = value
    assert read_drawing(shown).paths[1].ramp is None
    np.testing.assert_allclose(read_drawing(shown).paths[1].fill, (1, 0, 0, 1), atol=1e-4)


def test_numbers_beyond_all_bounds_are_no_error(shown: Any, tmp_path: Path) -> None:
    item = bpy.data.objects["linear"]
    item["Gradient End"], item["Gradient End Color"] = [1e300, -1e300, 0.0], [1e300, -5.0, 0.5]
    item.scale = (1e30, 0.0, 1.0)
    bpy.ops.semvec.export_svg(filepath=str(tmp_path / "a.svg"))


@pytest.mark.parametrize("name", NAMES)
def test_what_has_been_removed_leaves_the_path_flat(shown: Any, name: str) -> None:
    item = bpy.data.objects["linear"]
    del item[name]
    (linear,) = (shape for shape in read_drawing(shown).paths if shape.name == "linear")
    assert linear.ramp is None


def test_an_object_without_properties_shows_its_own_color(scene: Any, tmp_path: Path) -> None:
    in_blender(scene, ramps(), *SIZE, tmp_path / "a.png")
    for item in scene.objects:
        for name in NAMES:
            item.pop(name, None)
        item.update_tag()
    assert_seen(rendered(tmp_path / "a.png"), read_drawing(bpy.data.collections["photo"]))


def test_a_material_without_its_node_is_flat(scene: Any) -> None:
    collection = add_drawing(scene, ramps(), "photo", Placement(form="JOINED"))
    nodes = bpy.data.materials["linear"].node_tree.nodes
    nodes.remove(nodes["Ramp"])
    assert [shape.ramp is None for shape in read_drawing(collection).paths] == [
        False, True, False, True, False,
    ]  # fmt: skip


def test_properties_are_explained(shown: Any) -> None:
    item = bpy.data.objects["radial"]
    shapes = {name for name in item.keys() if not name.startswith("semvec")}  # noqa: SIM118
    assert shapes == set(NAMES)
    for name in NAMES:
        texts = item.id_properties_ui(name).as_dict()
        assert texts["description"] and not texts["description"].endswith(".")
        assert (texts["subtype"] == "COLOR") == name.endswith("Color")
        socket = bpy.data.node_groups["Semvec Gradient"].interface.items_tree[name]
        assert socket.description == texts["description"]


def test_shapes_get_and_lose_gradients_in_place(shown: Any) -> None:
    """As in a run, whose shapes are flat at first."""
    before = {item.name: item.session_uid for item in shown.all_objects}
    other, flat = ramps(), ramps()
    other.paths[3].ramp = ramp("radial", (100, 78), (104, 82), (0.0, 0.0, 0.0))
    for shape in flat.paths:
        shape.ramp = None
    for drawing in (flat, other, ramps()):
        update_drawing(shown, drawing)
        assert_same(read_drawing(shown), drawing)
        for item, shape in zip(curves(shown), drawing.paths, strict=True):
            nodes = item.active_material.node_tree.nodes
            assert ("Ramp" in nodes) == (shape.ramp is not None)
    assert {item.name: item.session_uid for item in shown.all_objects} == before


def curves(collection: Any) -> list[Any]:
    return [item for layer in collection.children for item in layer.objects]


def test_flat_drawings_have_no_gradient_nodes(scene: Any) -> None:
    add_drawing(scene, sample(), "flat")
    assert not bpy.data.node_groups
    for name in ("one", "two"):
        add_drawing(scene, ramps(), name)
    assert [tree.name for tree in bpy.data.node_groups] == ["Semvec Gradient"]


@pytest.mark.parametrize("form", ["CURVES", "JOINED", "GREASE_PENCIL"])
def test_where_no_ramp_can_be_shown_there_is_its_mean_color(scene: Any, form: Any) -> None:
    """In solid viewports, and in grease-pencil fills; against the mean of all pixels."""
    shapes = [
        path([rectangle(0, 0, 128, 96)], (1.0, 0.9, 0.1, 1.0), "structural", "a"),
        path([circle((40, 48), 28)], (0.0, 0.0, 0.5, 0.5), "structural", "b"),
        path([rectangle(60, 20, 90, 50)], (0.0, 1.0, 0.0, 1.0), "structural", "c"),
    ]
    shapes[0].ramp = ramp("linear", (0, 96), (128, 0), (0.0, 0.2, 1.0))
    shapes[1].ramp = ramp("radial", (40, 48), (68, 48), (1.0, 0.5, 0.0))
    shapes[2].ramp = ramp("linear", (0, 0), (70, 0), (1.0, 0.0, 0.0))
    collection = add_drawing(scene, Drawing(128, 96, shapes), "photo", Placement(form=form))
    if form == "GREASE_PENCIL":
        (pencil,) = (item for item in collection.all_objects if item.type == "GREASEPENCIL")
        strokes = pencil.data.layers[0].frames[0].drawing.strokes
        colors = [in_srgb((*each.fill_color[:3], each.fill_opacity)) for each in strokes]
    elif form == "JOINED":
        colors = [in_srgb(bpy.data.materials[name].diffuse_color) for name in "abc"]
    else:
        objects = [bpy.data.objects[name] for name in "abc"]
        colors = [in_srgb(obj.active_material.diffuse_color) for obj in objects]
    for color, shape in zip(colors, shapes, strict=True):
        np.testing.assert_allclose(color[:3], mean_of_pixels(shape), atol=0.05)
        assert color[3] == pytest.approx(shape.fill[3])


def to_srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def to_linear(srgb: np.ndarray) -> np.ndarray:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def in_srgb(color: Any) -> np.ndarray:
    return np.append(to_srgb(np.array(color[:3])), color[3])


def mean_of_pixels(shape: Any) -> np.ndarray:
    opaque = path(shape.subpaths, (*shape.fill[:3], 1.0), "detail", "")
    opaque.ramp = shape.ramp
    return render(pack([opaque]), 128, 96)[cover(shape, 128, 96) > 0.99].mean(axis=0)


GRADIENTS = {
    "kind": "photo",
    "budget": 10,
    "iterations": 20,
    "mask_count": 12,
    "threads": 1,
    "fills": "gradient",
}


@pytest.mark.parametrize("form", FORMS)
def test_levels_of_detail_and_running_again(scene: Any, picture: Any, form: Any) -> None:
    """Other levels have ramps of their own; the result's wait, and a new run makes them again."""
    bpy.ops.semvec.vectorize(image="photo", **GRADIENTS, form=form)
    (collection,) = find_drawings(scene, "photo")
    drawing, own = read_drawing(collection), collection.semvec_regions
    assert sum(shape.ramp is not None for shape in drawing.paths) > 3
    collection.semvec_regions = 2
    coarse = read_drawing(collection)
    assert len(coarse.paths) == 2
    assert any(shape.ramp is not None for shape in coarse.paths)
    collection.semvec_regions = own
    assert_same(read_drawing(collection), drawing)
    assert bpy.ops.semvec.run_again() == {"FINISHED"}
    (again,) = find_drawings(scene, "photo")
    assert_same(read_drawing(again), drawing)


def test_previews_have_ramps(scene: Any, picture: Any) -> None:
    """In place, whatever viewports show."""
    preview = Preview(Placement(), arrange=False)
    for opacity in (1.0, 0.5):
        preview.show(ramps(opacity))
        while preview.advance(scene, picture):
            pass
        (collection,) = find_drawings(scene, "photo")
        assert_same(read_drawing(collection), ramps(opacity))
        assert len(bpy.data.materials) == 5, "none is left behind"
    preview.remove()
    assert not bpy.data.objects
