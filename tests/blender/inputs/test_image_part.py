# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiles of UDIM images and frames of movies and sequences, used as asked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import numpy as np
import pytest

from semvec.core.errors import ImageError
from semvec.core.settings import Settings
from semvec.operators.compare.overlay import start_comparison, stop_comparison
from semvec.operators.inputs.active_image import active_part, note_on, why_unusable
from semvec.operators.inputs.image_part import Part, part_of, shown_frame
from semvec.operators.inputs.part_thumbnail import make_thumbnail
from semvec.operators.inputs.pixels import read_image
from semvec.operators.objects.collection import CANVAS, find_drawings, read_drawing
from semvec.operators.properties.runtime import RUNTIME
from semvec.operators.vectorize import SEMVEC_OT_vectorize, vectorize_image
from semvec.panels import sidebar

SMALL = {"kind": "photo", "budget": 3, "iterations": 5, "mask_count": 4, "threads": 1}
COLORS = {1001: (0.8, 0.0, 0.0), 1002: (0.0, 0.6, 0.2), 1011: (0.0, 0.2, 1.0)}
FRAMES = 5


def save(path: Path, color: Any, width: int = 32, height: int = 16) -> None:
    """Write an image of one color, with a black corner."""
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = color
    pixels[: height // 4, : width // 4, :3] = 0.0
    image = bpy.data.images.new("x", width, height)
    image.pixels.foreach_set(pixels.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


@pytest.fixture
def tiled(scene: Any, tmp_path: Path) -> Any:
    """Three tiles, the second of another shape."""
    for number, color in COLORS.items():
        save(tmp_path / f"u.{number}.png", color, 64 if number == 1002 else 32)
    image = bpy.data.images.load(str(tmp_path / "u.1001.png"))
    image.source, image.filepath = "TILED", str(tmp_path / "u.<UDIM>.png")
    for number in (1002, 1011):
        image.tiles.new(number)
    return image


def shade(frame: int) -> tuple[float, float, float]:
    return (0.15 * frame, 0.0, 0.0)


@pytest.fixture
def files(scene: Any, tmp_path: Path) -> Path:
    """Files of five frames, numbered from 8 on."""
    for frame in range(1, FRAMES + 1):
        save(tmp_path / f"shot2_{frame + 7:04d}.png", shade(frame), 64, 48)
    return tmp_path


@pytest.fixture
def sequence(files: Path) -> Any:
    image = bpy.data.images.load(str(files / "shot2_0008.png"))
    image.source = "SEQUENCE"
    return image


@pytest.fixture
def movie(scene: Any, files: Path) -> Any:
    """A movie of the frames, made by Blender."""
    editing = scene.sequence_editor_create()
    strips = editing.strips if hasattr(editing, "strips") else editing.sequences
    for frame in range(1, FRAMES + 1):
        file = str(files / f"shot2_{frame + 7:04d}.png")
        strip = strips.new_image(name=str(frame), filepath=file, channel=1, frame_start=frame)
        # The old name is deprecated since 5.2.
        setattr(strip, "duration" if hasattr(strip, "duration") else "frame_final_duration", 1)
    scene.frame_start, scene.frame_end = 1, FRAMES
    scene.view_settings.view_transform = "Standard"
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = 64, 48, 100
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    render.ffmpeg.format, render.ffmpeg.codec = "MPEG4", "MPEG4"
    render.filepath = str(files / "shot.mp4")
    bpy.ops.render.render(animation=True)
    return bpy.data.images.load(render.filepath)


def middle(image: Any, part: Part) -> np.ndarray:
    """The color in the middle of a part."""
    rgb = read_image(image, part).rgb
    return rgb[rgb.shape[0] // 2, rgb.shape[1] // 2]


def panel_calls(scene: Any, name: str) -> list[Any]:
    layout = MagicMock()
    manager = SimpleNamespace(semvec=SimpleNamespace(running=False, error=""))
    shown = SimpleNamespace(scene=scene, object=None, space_data=None, window_manager=manager)
    sidebar._Main.draw(SimpleNamespace(layout=layout), shown)
    return [call for call in layout.mock_calls if call[0].endswith(f".{name}")]


def test_each_tile_has_its_own_pixels_and_nothing_is_left_behind(tiled: Any) -> None:
    before = set(bpy.data.images)
    for number, color in COLORS.items():
        np.testing.assert_allclose(middle(tiled, Part(number)), color, atol=0.01)
    assert read_image(tiled, Part(1002)).width == 64
    assert set(bpy.data.images) == before and len(tiled.tiles) == 3


def test_packed_tiles_are_read(tiled: Any, tmp_path: Path) -> None:
    tiled.pack()
    for file in tmp_path.glob("*.png"):
        file.unlink()
    np.testing.assert_allclose(middle(tiled, Part(1011)), COLORS[1011], atol=0.01)


def test_a_tile_that_is_not_there_is_said(tiled: Any) -> None:
    message = why_unusable(tiled, Part(1003))
    assert message == f"'{tiled.name}' has no tile 1003. It has 1001, 1002, 1011"
    with pytest.raises(ImageError, match="no tile 1003"):
        read_image(tiled, Part(1003))


def test_unsaved_paint_on_another_tile_is_said(tiled: Any) -> None:
    tiled.pixels[0] = 0.5
    assert tiled.is_dirty
    assert why_unusable(tiled, Part(1001)) == ""
    assert why_unusable(tiled, Part(1002)) == f"'{tiled.name}' has changes. Save it first"


def test_each_frame_of_a_movie_is_read(movie: Any) -> None:
    assert movie.source == "MOVIE"
    for frame in (4, 1, 5):
        np.testing.assert_allclose(middle(movie, Part(frame=frame)), shade(frame), atol=0.02)
    assert "has no frame 6. Its last one is 5" in why_unusable(movie, Part(frame=6))


def test_each_frame_of_a_sequence_is_its_file(sequence: Any) -> None:
    for frame in (11, 8):
        expected = shade(frame - 7)
        np.testing.assert_allclose(middle(sequence, Part(frame=frame)), expected, atol=0.01)
        assert why_unusable(sequence, Part(frame=frame)) == ""
    assert "has no frame 3. Choose another one" in why_unusable(sequence, Part(frame=3))


@pytest.mark.parametrize(
    ("current", "cyclic", "expected"),
    [(9, False, 3), (10, False, 3), (12, False, 5), (30, False, 6), (14, True, 3), (9, True, 6)],
)
def test_the_frame_is_that_which_blender_shows(
    scene: Any, movie: Any, current: int, cyclic: bool, expected: int
) -> None:
    """Four frames are shown from frame 10 of the scene on, the first one left out twice."""
    item = bpy.data.objects.new("reference", None)
    item.empty_display_type, item.data = "IMAGE", movie
    user = item.image_user
    user.frame_start, user.frame_duration, user.frame_offset = 10, 4, 2
    user.use_cyclic = cyclic
    assert shown_frame(movie, user, current) == expected


def test_a_run_draws_the_frame_that_the_reference_shows(scene: Any, sequence: Any) -> None:
    """Until another one is chosen in the panel."""
    item = bpy.data.objects.new("reference", None)
    item.empty_display_type, item.data = "IMAGE", sequence
    user = item.image_user
    user.frame_duration, user.frame_start, user.frame_offset = FRAMES, 1, 7
    scene.frame_set(3)
    shown = SimpleNamespace(scene=scene, object=item, space_data=None)
    assert active_part(shown).frame == 10
    scene.semvec.frame = 12
    assert active_part(shown).frame == 12


def test_the_button_takes_the_part_from_the_panel(scene: Any, tiled: Any) -> None:
    scene.semvec.image, scene.semvec.tile = tiled, 1002
    taken = SimpleNamespace(image="", properties=MagicMock())
    taken.properties.is_property_set.return_value = False
    shown = SimpleNamespace(scene=scene, object=None, space_data=None)
    SEMVEC_OT_vectorize._take_from_panel(taken, shown)
    assert (taken.image, taken.tile) == (tiled.name, 1002)


def test_a_tile_is_drawn_compared_and_remembered(scene: Any, tiled: Any) -> None:
    bpy.ops.semvec.vectorize(image=tiled.name, tile=1002, **SMALL)
    (collection,) = find_drawings(scene, tiled.name)
    assert part_of(collection).tile == 1002
    assert tuple(collection[CANVAS])[:2] == (64, 16)
    background = read_drawing(collection).paths[0].fill[:3]
    np.testing.assert_allclose(background, COLORS[1002], atol=0.1)
    start_comparison()
    comparison = RUNTIME.comparison
    comparison._current(bpy.context)
    assert comparison._title == f"{tiled.name}, tile 1002" and comparison._source.width == 64
    stop_comparison()
    assert scene.semvec.tile == 1001
    bpy.ops.semvec.restore_settings()
    assert scene.semvec.tile == 1002


def test_a_touch_up_compares_with_the_frame_that_was_drawn(scene: Any, movie: Any) -> None:
    collection = vectorize_image(scene, movie, Settings(**SMALL), part=Part(frame=5))
    assert bpy.ops.semvec.refine_drawing() == {"FINISHED"}
    background = read_drawing(collection).paths[0].fill[:3]
    np.testing.assert_allclose(background, shade(5), atol=0.1)


def test_the_panel_offers_parts_only_for_images_that_have_them(
    scene: Any, picture: Any, tiled: Any, movie: Any
) -> None:
    for image, expected in ((picture, set()), (tiled, {"tile"}), (movie, {"frame"})):
        scene.semvec.image = image
        offered = {call.args[1] for call in panel_calls(scene, "prop")}
        assert offered & {"tile", "frame"} == expected
    scene.semvec.frame = 2
    labels = [call.kwargs.get("text", "") for call in panel_calls(scene, "label")]
    assert any("Frame 2 of 5 is" in label for label in labels)
    assert note_on(tiled, Part(1011)) == "Tile 1011 of 3 is vectorized"


def test_the_thumbnail_is_that_of_the_part(tiled: Any) -> None:
    make_thumbnail("key", tiled, Part(1011))
    preview = RUNTIME.thumbnails["key"]
    assert tuple(preview.image_size) == (32, 16)
    pixels = np.array(preview.image_pixels_float[:]).reshape(16, 32, 4)
    np.testing.assert_allclose(pixels[8, 16, :3], COLORS[1011], atol=0.01)
