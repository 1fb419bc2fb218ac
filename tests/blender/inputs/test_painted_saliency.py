# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks painted in the Image Editor, which painting wins, and its preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

import semvec
from semvec.core.errors import SaliencyError
from semvec.operators.inputs import saliency_overlay
from semvec.operators.inputs.active_image import image_of_mask, mask_of
from semvec.operators.inputs.canvas import add_canvas
from semvec.operators.inputs.painted_saliency import painted_saliency
from semvec.operators.inputs.saliency_overlay import is_previewing, overlay_of, stop_preview
from semvec.operators.saliency_mask import add_mask

WIDTH, HEIGHT = 96, 64  # of the picture


@pytest.fixture(autouse=True)
def black_background(scene: Any) -> None:
    scene.semvec.saliency_background = 0.0


@pytest.fixture
def image_editor(scene: Any) -> Iterator[Any]:
    """An Image Editor in the window, by Blender's own context."""
    area = max(bpy.context.screen.areas, key=lambda area: area.width * area.height)
    before, area.ui_type = area.ui_type, "IMAGE_EDITOR"
    yield area
    area.ui_type = before


@pytest.fixture
def chosen(scene: Any, picture: Any) -> Any:
    """The picture, chosen in the panel."""
    scene.semvec.image = picture
    return picture


def fill(mask: Any, rows: slice, columns: slice, value: float = 1.0) -> None:
    """Paint a box of a mask, rows counted from the top."""
    width, height = mask.size
    pixels = np.empty((height, width, 4), np.float32)
    mask.pixels.foreach_get(pixels.reshape(-1))
    pixels[::-1][rows, columns, :3] = value
    mask.pixels.foreach_set(pixels.ravel())


def add_dot(image: Any) -> Any:
    """A canvas with a dot of 3 pixels in the middle of the image."""
    canvas = add_canvas(bpy.context.scene, image)
    drawing = canvas.data.layers[0].frames[0].drawing
    drawing.add_strokes([1])
    drawing.strokes[0].points[0].radius = 0.0625
    return canvas


# ---- the mask ----


def test_a_new_mask_is_black_data_of_the_images_shape(scene: Any, picture: Any) -> None:
    mask = add_mask(picture)
    assert mask.name == "photo saliency" and tuple(mask.size) == (WIDTH, HEIGHT)
    assert mask.colorspace_settings.is_data
    pixels = np.array(mask.pixels).reshape(-1, 4)
    assert not pixels[:, :3].any() and np.all(pixels[:, 3] == 1.0)
    assert mask_of(picture) == mask and image_of_mask(mask) == picture
    assert image_of_mask(picture) is None


def test_masks_of_large_images_are_smaller(scene: Any) -> None:
    image = bpy.data.images.new("large", 6000, 1500)
    assert tuple(add_mask(image).size) == (2048, 512)


def test_painting_again_keeps_what_was_painted(scene: Any, picture: Any) -> None:
    mask = add_mask(picture)
    fill(mask, slice(0, 32), slice(0, 96))
    picture.scale(48, 32)
    assert add_mask(picture) == mask and tuple(mask.size) == (WIDTH, HEIGHT)  # same shape
    picture.scale(40, 40)
    assert add_mask(picture) == mask and tuple(mask.size) == (40, 40)
    saliency = painted_saliency(picture, scene)
    assert saliency[5].mean() > 0.9 and saliency[35].mean() < 0.1


def test_a_mask_is_read_right_after_painting(scene: Any, picture: Any) -> None:
    mask = add_mask(picture)
    assert painted_saliency(picture, scene) is None
    fill(mask, slice(10, 20), slice(60, 90), 0.5)
    expected = np.zeros((HEIGHT, WIDTH))
    expected[10:20, 60:90] = 0.5
    np.testing.assert_allclose(painted_saliency(picture, scene), expected, atol=0.005)


def test_a_painted_mask_survives_a_file(scene: Any, chosen: Any, tmp_path: Path) -> None:
    mask = add_mask(chosen)
    fill(mask, slice(0, 64), slice(0, 48))
    chosen.pack()  # the mask is packed by itself
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    saliency = painted_saliency(bpy.data.images["photo"], bpy.context.scene)
    assert saliency is not None and saliency[:, :48].min() > 0.99 and not saliency[:, 48:].any()


def test_a_mask_with_a_file_of_its_own_stays_there(scene: Any, chosen: Any, tmp_path: Path) -> None:
    mask = add_mask(chosen)
    mask.filepath_raw, mask.file_format = str(tmp_path / "mask.png"), "PNG"
    mask.save()
    fill(mask, slice(0, 64), slice(0, 48))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    assert mask.source == "FILE" and mask.packed_file is None


def test_the_operator_opens_the_mask_to_paint_it_white(
    scene: Any, chosen: Any, image_editor: Any
) -> None:
    assert bpy.ops.semvec.paint_saliency() == {"FINISHED"}
    space = image_editor.spaces.active
    assert space.image == mask_of(chosen) and space.ui_mode == "PAINT"
    paint = scene.tool_settings.image_paint
    owner = paint if hasattr(paint, "unified_paint_settings") else scene.tool_settings
    assert tuple(owner.unified_paint_settings.color) == (1.0, 1.0, 1.0)
    assert tuple(owner.unified_paint_settings.secondary_color) == (0.0, 0.0, 0.0)
    assert is_previewing()  # the picture shows through
    bpy.ops.semvec.paint_saliency()
    assert [image.name for image in bpy.data.images].count("photo saliency") == 1


def test_without_an_image_editor_there_is_a_mask_nevertheless(scene: Any, chosen: Any) -> None:
    assert bpy.ops.semvec.paint_saliency() == {"FINISHED"}
    assert mask_of(chosen) is not None and not is_previewing()


def test_the_image_of_the_editor_is_taken_where_none_is_chosen(
    scene: Any, picture: Any, image_editor: Any
) -> None:
    space = image_editor.spaces.active
    space.image = picture
    with bpy.context.temp_override(area=image_editor):
        bpy.ops.semvec.paint_saliency()
        mask = mask_of(picture)
        assert space.image == mask
        bpy.ops.semvec.paint_saliency()  # now from the mask: no mask of the mask
    assert mask_of(mask) is None and len(bpy.data.images) == 2


@pytest.mark.parametrize("name", ["paint_saliency", "preview_saliency"])
def test_without_an_image_operators_say_so(scene: Any, name: str) -> None:
    with pytest.raises(RuntimeError, match="Choose or open an image first"):
        getattr(bpy.ops.semvec, name)()


# ---- which painting wins ----


def test_nothing_painted_is_no_map(scene: Any, picture: Any, new_image: Any) -> None:
    assert painted_saliency(picture, scene) is None
    add_canvas(scene, picture)
    add_mask(picture)
    black = np.zeros((8, 12, 4))
    black[..., 3] = 1.0
    scene.semvec.saliency_image = new_image("black", black)
    assert painted_saliency(picture, scene) is None


def test_the_most_explicit_painting_wins(scene: Any, picture: Any, new_image: Any) -> None:
    fill(add_mask(picture), slice(0, 4), slice(0, 4))
    mask_only = painted_saliency(picture, scene)
    assert mask_only[2, 2] == 1.0 and mask_only[32, 48] == 0.0
    add_dot(picture)
    strokes = painted_saliency(picture, scene)
    assert strokes[2, 2] == 0.0 and strokes[32, 48] > 0.5
    gray = np.full((8, 12, 4), 0.5)
    gray[..., 3] = 1.0
    scene.semvec.saliency_image = new_image("map", gray, is_data=True)
    np.testing.assert_allclose(painted_saliency(picture, scene), 0.5, atol=0.005)


def test_the_background_weight_lifts_every_painting(scene: Any, picture: Any) -> None:
    scene.semvec.saliency_background = 0.25
    fill(add_mask(picture), slice(0, 4), slice(0, 4))
    mask_only = painted_saliency(picture, scene)
    add_dot(picture)
    for saliency in (mask_only, painted_saliency(picture, scene)):
        assert saliency.min() == pytest.approx(0.25) and saliency.max() > 0.6


def test_the_softness_of_the_panel_is_that_of_the_strokes(scene: Any, picture: Any) -> None:
    add_dot(picture)
    scene.semvec.saliency_softness = 0.0
    hard = painted_saliency(picture, scene)
    scene.semvec.saliency_softness = 1.0
    assert painted_saliency(picture, scene).sum() < 0.6 * hard.sum()


def test_a_map_of_another_shape_is_refused(scene: Any, picture: Any, new_image: Any) -> None:
    scene.semvec.saliency_image = new_image("square", np.ones((8, 8, 4)))
    with pytest.raises(SaliencyError, match="'square' is 8 x 8") as caught:
        painted_saliency(picture, scene)
    assert caught.value.hint


# ---- the preview ----


def handlers_of(module: str) -> list[Any]:
    """All handlers of any kind whose module's name begins like this."""
    lists = (getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers))
    handlers = [item for found in lists if isinstance(found, list) for item in found]
    return [item for item in handlers if item.__module__.startswith(module)]


PREVIEW = saliency_overlay.__name__


@pytest.fixture(autouse=True)
def no_preview_left() -> Iterator[None]:
    yield
    stop_preview()


def test_the_preview_is_switched_on_and_off(scene: Any, chosen: Any) -> None:
    assert handlers_of(PREVIEW) == []
    assert bpy.ops.semvec.preview_saliency() == {"FINISHED"} and is_previewing()
    assert handlers_of(PREVIEW)
    assert bpy.ops.semvec.preview_saliency() == {"FINISHED"} and not is_previewing()
    assert handlers_of(PREVIEW) == []


def test_unregistering_ends_the_preview(scene: Any, chosen: Any) -> None:
    bpy.ops.semvec.preview_saliency()
    semvec.unregister()
    try:
        assert not is_previewing() and handlers_of("semvec") == []
    finally:
        semvec.register()


def test_the_preview_ends_with_the_file(scene: Any, chosen: Any) -> None:
    bpy.ops.semvec.preview_saliency()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert not is_previewing() and handlers_of(PREVIEW) == []


def test_what_matters_is_brighter_in_the_preview(scene: Any, picture: Any) -> None:
    scene.semvec.guidance = {"PAINTED"}
    mask = add_mask(picture)
    for index, value in enumerate((0.0, 0.25, 0.5, 0.75, 1.0)):
        fill(mask, slice(0, 64), slice(index * 19, index * 19 + 19), value)
    overlay = overlay_of(picture, scene)
    assert overlay.shape == (HEIGHT, WIDTH, 4) and overlay.dtype == np.float32
    brightness = overlay[32, 10:90:19, :3] @ (0.2126, 0.7152, 0.0722)
    assert np.all(np.diff(brightness) > 0.03)
    assert np.all((overlay[..., 3] > 0.3) & (overlay[..., 3] < 0.9))  # the image shows through


def test_the_picture_shows_through_its_mask(scene: Any, picture: Any) -> None:
    mask = add_mask(picture)
    overlay = overlay_of(mask, scene)
    assert overlay[48, 76, :3] == pytest.approx(1.0)  # the white box of the picture
    assert overlay[32, 40, :3] == pytest.approx((0.1, 0.0, 0.2), abs=0.01)  # its dark disc
    assert np.all(overlay[..., 3] == 0.5)


def test_the_preview_of_nothing_says_so(scene: Any, chosen: Any) -> None:
    scene.semvec.guidance = {"PAINTED"}
    with pytest.raises(SaliencyError, match="Nothing is painted"):
        overlay_of(chosen, scene)
    bpy.ops.semvec.preview_saliency()
    assert is_previewing()  # it shows what is painted from now on


def test_large_pictures_have_smaller_overlays(scene: Any, new_image: Callable[..., Any]) -> None:
    image = new_image("large", np.full((600, 3000, 4), 0.7))
    assert overlay_of(add_mask(image), scene).shape == (205, 1024, 4)
