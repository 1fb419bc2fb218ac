# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator, end to end through the worker process."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from semvec.core.errors import ImageError
from semvec.core.pipeline import vectorize as pipeline
from semvec.core.settings import Settings
from semvec.core.svg import load_svg, to_svg
from semvec.core.worker.process import shared_worker
from semvec.operators.inputs.pixels import read_image
from semvec.operators.objects.collection import find_drawings, read_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.properties.report import REPORT
from semvec.operators.vectorize import vectorize_image

NewImage = Callable[..., Any]

SMALL = {"kind": "photo", "budget": 10, "iterations": 30, "mask_count": 12, "threads": 1}


def vectorize(**options: Any) -> Any:
    return bpy.ops.semvec.vectorize(**{"image": "photo", **SMALL, **options})


def drawn(scene: Any) -> Any:
    """The only drawing of the photo."""
    (collection,) = find_drawings(scene, "photo")
    return collection


def test_a_picture_becomes_exactly_the_budget_of_curves(scene: Any, picture: Any) -> None:
    assert vectorize() == {"FINISHED"}
    collection = drawn(scene)
    curves = [item for item in collection.all_objects if item.type == "CURVE"]
    assert len(curves) == 10
    assert len(collection.children["Structural"].objects) == Settings(**SMALL).structural
    report = json.loads(collection[REPORT])
    assert report["paths"] == 10 and report["psnr"] > 10.0
    assert read_drawing(collection).settings == Settings(**SMALL).recorded()


def test_the_svg_file_is_what_the_pipeline_gives(scene: Any, picture: Any, tmp_path: Path) -> None:
    vectorize(svg=str(tmp_path / "a.svg"))
    expected = pipeline.vectorize(read_image(picture), Settings(**SMALL))
    assert (tmp_path / "a.svg").read_text() == to_svg(expected.drawing)


@pytest.mark.parametrize("options", [{}, {"float_buffer": True}], ids=["bytes", "floats"])
@pytest.mark.parametrize("alpha_mode", ["STRAIGHT", "CHANNEL_PACKED"])
def test_the_worker_makes_of_pixels_what_we_do(
    scene: Any, new_image: NewImage, picture: Any, options: dict[str, bool], alpha_mode: str
) -> None:
    """They are sent as Blender has them: bottom row first, linear where they are floats."""
    pixels = np.empty(64 * 96 * 4, np.float32)
    picture.pixels.foreach_get(pixels)
    pixels = pixels.reshape(64, 96, 4)[::-1].copy()
    pixels[:20, :, 3] = 0.0
    image = new_image("clear", pixels, **options)
    image.alpha_mode = alpha_mode
    shown = read_drawing(vectorize_image(scene, image, Settings(**SMALL)))
    expected = pipeline.vectorize(read_image(image), Settings(**SMALL))
    assert to_svg(shown) == to_svg(expected.drawing)


def test_the_curves_are_those_of_the_svg_file(scene: Any, picture: Any, tmp_path: Path) -> None:
    vectorize(svg=str(tmp_path / "a.svg"))
    written, shown = load_svg(tmp_path / "a.svg"), read_drawing(drawn(scene))
    assert (shown.width, shown.height) == (96, 64)
    for path, curve in zip(written.paths, shown.paths, strict=True):
        assert (path.name, path.kind, path.region) == (curve.name, curve.kind, curve.region)
        np.testing.assert_allclose(path.fill, curve.fill, atol=1e-3)
        for points, others in zip(path.subpaths, curve.subpaths, strict=True):
            np.testing.assert_allclose(points, others, atol=1e-3)


def test_operator_and_function_give_the_same(scene: Any, picture: Any) -> None:
    vectorize(structural_ratio=0.7, size=5.0, orientation="FLAT")
    by_operator = read_drawing(drawn(scene))
    settings = Settings(structural_ratio=0.7, **SMALL)
    collection = vectorize_image(scene, picture, settings, placement=Placement(5.0, "FLAT"))
    assert drawn(scene) == collection, "replaced"
    by_function = read_drawing(collection)
    assert by_function.settings == by_operator.settings == settings.recorded()
    assert to_svg(by_function) == to_svg(by_operator)


def test_running_again_adds_where_asked_to(scene: Any, picture: Any) -> None:
    for options in ({}, {"existing": "ADD"}):
        vectorize(**options)
    assert len(find_drawings(scene, "photo")) == 2


def test_saliency_and_masks_reach_the_pipeline(
    scene: Any, new_image: NewImage, picture: Any
) -> None:
    saliency = np.ones((32, 48, 4), np.float32)
    saliency[:, 24:, :3] = 0.0
    masks = np.ones((64, 96, 4), np.float32)
    masks[:, :30, 1] = 0.0
    masks[:20, :, 2] = 0.0
    new_image("saliency", saliency, is_data=True)
    new_image("masks", masks)
    vectorize(saliency_image="saliency", masks_image="masks")
    labels = (masks[..., 1] + 2 * masks[..., 2]).astype(np.int32)
    expected = pipeline.vectorize(
        read_image(picture), Settings(**SMALL), saliency=saliency, masks=labels
    )
    shown = read_drawing(drawn(scene))
    plain = pipeline.vectorize(read_image(picture), Settings(**SMALL))
    assert to_svg(shown) == to_svg(expected.drawing) != to_svg(plain.drawing)


def test_transparent_areas_get_no_background(scene: Any, new_image: NewImage) -> None:
    pixels = np.zeros((64, 96, 4), np.float32)
    pixels[16:48, 24:72] = (0.8, 0.2, 0.1, 1.0)
    new_image("photo", pixels)
    vectorize(budget=2)
    points = np.concatenate([s for path in read_drawing(drawn(scene)).paths for s in path.subpaths])
    assert points.min(axis=0) == pytest.approx((24, 16), abs=4)
    assert points.max(axis=0) == pytest.approx((72, 48), abs=4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image": "nothing"}, "There is no image 'nothing'"),
        ({"image": ""}, "There is no image ''"),
        ({"saliency_image": "nothing"}, "There is no image 'nothing'"),
        ({"masks_image": "small"}, "Masks must have the same shape"),
        ({"saliency_image": "small"}, "must have the same shape"),
        ({"prompt": "a cup", "clip_model": "/nowhere.pt"}, "AI engine|no model"),
        ({"svg": "/no/such/folder/a.svg"}, "can't be written"),
        ({"image": "invisible"}, "fully transparent"),
    ],
)
def test_errors_say_what_to_do_and_change_nothing(
    scene: Any, new_image: NewImage, picture: Any, options: dict[str, str], message: str
) -> None:
    new_image("small", np.ones((5, 5, 4)))
    new_image("invisible", np.zeros((5, 5, 4)))
    with pytest.raises(RuntimeError, match=message):
        vectorize(**options)
    assert find_drawings(scene, "photo") == []
    assert list(bpy.data.curves) == []
    assert vectorize() == {"FINISHED"}, "the next run is fine"


def test_an_image_without_pixels_is_a_typed_error_of_the_function(scene: Any) -> None:
    image = bpy.data.images.new("photo", 4, 4)
    image.source = "FILE"
    with pytest.raises(ImageError):
        vectorize_image(scene, image, Settings())


def test_a_worker_killed_between_two_runs_is_replaced(scene: Any, picture: Any) -> None:
    vectorize()
    old = shared_worker()
    os.kill(old.pid, signal.SIGKILL)
    old._process.wait()
    assert vectorize() == {"FINISHED"}
    assert shared_worker().pid != old.pid


def test_undo_takes_the_drawing_back(scene: Any, picture: Any) -> None:
    bpy.ops.ed.undo_push(message="before")
    vectorize()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert find_drawings(bpy.context.scene, "photo") == []
    bpy.ops.ed.redo()
    assert len(find_drawings(bpy.context.scene, "photo")) == 1
