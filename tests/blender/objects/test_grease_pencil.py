# SPDX-License-Identifier: GPL-3.0-or-later
"""Grease Pencil fills, against those that Blender's own SVG import makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import RED, assert_same, path, ramps, sample, without_point

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing
from semvec.core.svg.writing import to_svg
from semvec.operators.objects.collection import add_drawing, read_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.simplify import simplify_drawing
from semvec.operators.objects.splines import linear_color

FORM: Any = Placement(form="GREASE_PENCIL")


def drawn(scene: Any, drawing: Drawing) -> tuple[Any, Any]:
    """The drawing's collection, and its one object that is not the empty."""
    collection = add_drawing(scene, drawing, "photo", FORM)
    (obj,) = (obj for obj in collection.all_objects if obj.type != "EMPTY")
    return collection, obj


def strokes(layer: Any) -> list[Any]:
    return list(layer.frames[0].drawing.strokes)


def fills(layer: Any) -> Iterator[list[Any]]:
    """The strokes of each fill; without ids, Blender's import has a fill for each sub-path."""
    numbers = [getattr(stroke, "fill_id", i + 1) for i, stroke in enumerate(strokes(layer))]
    for number in dict.fromkeys(numbers):
        yield [each for each, own in zip(strokes(layer), numbers, strict=True) if own == number]


@pytest.fixture
def imported(scene: Any, tmp_path: Path) -> Any:
    """The data that Blender's "SVG as Grease Pencil" makes of the sample."""
    file = tmp_path / "sample.svg"
    file.write_text(to_svg(comparable(sample())))
    bpy.ops.wm.grease_pencil_import_svg(filepath=str(file))
    return bpy.context.object.data


def without_holes(drawing: Drawing) -> Drawing:
    for each in drawing.paths:
        each.subpaths = each.subpaths[:1]
    return drawing


def comparable(drawing: Drawing) -> Drawing:
    """The drawing, without the holes that Blender's import has from 5.1 on only; half clear."""
    drawing.paths[1].fill[3] = 0.5
    return drawing if bpy.app.version >= (5, 1, 0) else without_holes(drawing)


def test_they_are_as_the_import_of_svg_in_blender_makes_them(scene: Any, imported: Any) -> None:
    _, obj = drawn(scene, comparable(sample()))
    ours = obj.data
    assert ours.stroke_depth_order == imported.stroke_depth_order == "2D"
    assert [layer.name.lower() for layer in ours.layers] == [
        layer.name.lower() for layer in imported.layers
    ]
    assert len(ours.materials) == len(imported.materials) == 1
    for one, other in zip(ours.layers, imported.layers, strict=True):
        pairs = list(zip(fills(one), fills(other), strict=True))
        assert pairs
        for our_strokes, their_strokes in pairs:
            assert len(our_strokes) == len(their_strokes)
            mine, theirs = our_strokes[0], their_strokes[0]
            np.testing.assert_allclose(mine.fill_color[:3], theirs.fill_color[:3], atol=0.005)
            assert mine.fill_opacity == pytest.approx(theirs.fill_opacity, abs=0.005)
            assert mine.cyclic and theirs.cyclic
            assert getattr(mine, "hide_stroke", None) == getattr(theirs, "hide_stroke", None)
            # Blender counts fills through all layers, although they only meet within one.
            assert bool(getattr(mine, "fill_id", 0)) == bool(getattr(theirs, "fill_id", 0))


def test_holes_are_sub_paths_again(scene: Any) -> None:
    collection, obj = drawn(scene, sample())
    structural, detail = map(strokes, obj.data.layers)
    if not hasattr(structural[0], "fill_id"):
        assert (len(structural), len(detail)) == (2, 1), "a slit joins the hole to its outline"
        return
    assert [stroke.fill_id for stroke in structural] == [1, 2, 2], "as Blender's own SVG import"
    assert [stroke.fill_id for stroke in detail] == [1]
    assert_same(read_drawing(collection), sample())


def test_layers_follow_the_painting_order(scene: Any) -> None:
    drawing = without_holes(sample())
    drawing.paths.append(path([circle((50, 50), 9)], RED, "structural", "on top"))
    collection, obj = drawn(scene, drawing)
    names = [layer.name.partition(".")[0] for layer in obj.data.layers]
    assert names == ["Structural", "Detail", "Structural"]
    assert_same(read_drawing(collection), drawing)


def test_a_changed_stroke_is_exported(scene: Any) -> None:
    collection, obj = drawn(scene, without_holes(sample()))
    green = np.array([0.0, 0.5, 0.0, 1.0], np.float32)
    (disc,) = strokes(obj.data.layers["Detail"])
    disc.fill_color = linear_color(green)
    np.testing.assert_allclose(read_drawing(collection).paths[2].fill, green, atol=1e-3)


def test_a_hidden_layer_is_left_out_and_survives_changes(scene: Any) -> None:
    collection, obj = drawn(scene, ramps())
    obj.data.layers["Detail"].hide = True
    expected = without_point(ramps())
    expected.paths = [each for each in expected.paths if each.kind == "structural"]
    names = [each.name for each in read_drawing(collection).paths]
    assert names == [each.name for each in expected.paths]
    simplify_drawing(collection, 0.01)
    collection.semvec_form = "CURVES"
    assert_same(read_drawing(collection), expected)
    (left,) = (obj for obj in collection.all_objects if obj.type == "GREASEPENCIL")
    (layer,) = left.data.layers
    layer.hide = False
    drawing = read_drawing(collection)
    assert {each.name for each in drawing.paths} == {each.name for each in ramps().paths}


def test_a_layer_that_begins_later_can_be_read(scene: Any) -> None:
    collection, _ = drawn(scene, sample())
    scene.frame_set(scene.frame_start - 1)
    assert len(read_drawing(collection).paths) == 3
