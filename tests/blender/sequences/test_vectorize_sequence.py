# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorize Sequence: both forms, ranges, frames that can't be drawn, stopping and undo."""

from __future__ import annotations

import itertools
import struct
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from semvec.core.drawing import Drawing
from semvec.core.errors import ImageError
from semvec.core.image import Image
from semvec.core.sequence.run import SequenceRun
from semvec.core.settings import Settings
from semvec.core.worker.process import shared_worker
from semvec.core.worker.sequence_job import FrameDrawn, SequenceJob
from semvec.operators.objects.collection import CANVAS
from semvec.operators.objects.gradients import END, END_COLOR, START, START_COLOR
from semvec.operators.objects.grease_pencil_ramps import ShownRamps
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.splines import fill_of
from semvec.operators.sequences.properties import FrameRange
from semvec.operators.sequences.session import SequenceSession
from semvec.operators.sequences.source import find_frames, reader_command
from semvec.operators.sequences.target import FRAMES, SEQUENCE, SequenceTarget

SETTINGS = Settings(kind="photo", budget=8, iterations=30, mask_count=20, threads=1)
OPTIONS = {"kind": "photo", "budget": 8, "iterations": 30, "mask_count": 20, "threads": 1}
GRADIENTS = replace(SETTINGS, fills="gradient")
WHOLE = FrameRange(1, True, range(0), 1)


def frame(shift: float, height: int = 48, width: int = 64) -> np.ndarray:
    """A dark disc that moves to the right on a shaded ground: float32 [H, W, 3]."""
    y, x = np.indices((height, width)) + 0.5
    ground = np.stack([0.4 + 0.005 * x, 0.7 + 0 * x, 0.9 - 0.005 * y], axis=-1)
    inside = np.clip(11 - np.hypot(x - 22 - shift, y - 24) + 0.5, 0, 1)[..., None]
    return (ground + inside * (np.array([0.5, 0.1, 0.1]) - ground)).astype(np.float32)


def write_png(path: Path, rgb: np.ndarray, alpha: np.ndarray | None = None) -> None:
    """Write an 8-bit PNG file with nothing but the standard library."""
    values = rgb if alpha is None else np.dstack([rgb, alpha])
    pixels = np.round(values * 255).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    kind = 2 if alpha is None else 6
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, kind, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


@pytest.fixture
def clip(scene: Any, tmp_path: Path) -> Any:
    """The image sequence shot_0011.png to shot_0014.png; no frame is like another."""
    for number in range(11, 15):
        write_png(tmp_path / f"shot_{number:04d}.png", frame(2.0 * (number - 11)))
    return sequence(tmp_path / "shot_0011.png")


def sequence(path: Path) -> Any:
    image = bpy.data.images.load(str(path))
    image.source = "SEQUENCE"
    return image


def vectorize(image: Any, form: str = "GREASE_PENCIL", **options: Any) -> set[str]:
    return bpy.ops.semvec.vectorize_sequence(
        image=image.name, sequence_form=form, **{**OPTIONS, **options}
    )


def found(image: Any) -> Any:
    """The only collection of a sequence."""
    (collection,) = [each for each in bpy.data.collections if each.get(SEQUENCE) == image.name]
    return collection


def pencil(image: Any) -> Any:
    (obj,) = [obj for obj in found(image).objects if obj.type == "GREASEPENCIL"]
    return obj.data


def curves(image: Any) -> list[Any]:
    return [obj for obj in found(image).all_objects if obj.type == "CURVE"]


def expected(numbers: list[int], settings: Settings = SETTINGS) -> list[Drawing]:
    """Drawings of the frames by the core, of 8 bits a channel."""
    run = SequenceRun(settings)
    step = np.float32(1 / 255)  # Blender multiplies by it
    frames = [np.round(frame(2.0 * n) * 255).astype(np.float32) * step for n in numbers]
    return [run.add(Image(each)).drawing for each in frames]


def in_pixels(image: Any, points: np.ndarray) -> np.ndarray:
    width, height, scale = found(image)[CANVAS]
    return points[:, :2] * (1, -1) / scale + (width / 2, height / 2)


def anchors_of_keyframe(image: Any, number: int) -> list[np.ndarray]:
    """The anchors of every stroke at a frame, in painting order."""
    strokes = []
    for layer in pencil(image).layers:
        at = [each for each in layer.frames if each.frame_number == number]
        assert len(at) == 1
        for stroke in at[0].drawing.strokes:
            points = np.array([point.position for point in stroke.points])
            strokes.append(in_pixels(image, points))
    return strokes


def outlines_at(image: Any, number: int) -> list[np.ndarray]:
    """The anchors of all curves that are visible at a frame, lowest first."""
    return list(shapes_at(image, number).values())


def shapes_at(image: Any, number: int) -> dict[str, np.ndarray]:
    """The same by slot, as Blender animates them."""
    bpy.context.scene.frame_set(number)
    graph = bpy.context.evaluated_depsgraph_get()
    shown = {}
    for obj in sorted(curves(image), key=lambda each: each.matrix_basis.translation.z):
        evaluated = obj.evaluated_get(graph)
        if evaluated.hide_viewport or evaluated.hide_render:
            continue
        shown[obj["semvec_slot"]] = in_pixels(image, mesh_of(obj, graph))
    return shown


def mesh_of(obj: Any, graph: Any) -> np.ndarray:
    mesh = obj.evaluated_get(graph).to_mesh()
    values = np.array([vertex.co for vertex in mesh.vertices])
    obj.evaluated_get(graph).to_mesh_clear()
    return values


# Grease Pencil


def test_every_frame_is_a_drawing_of_one_object(clip: Any) -> None:
    assert vectorize(clip) == {"FINISHED"}
    data = pencil(clip)
    assert [layer.name for layer in data.layers] == ["Structural", "Detail"]
    for layer in data.layers:
        assert [each.frame_number for each in layer.frames] == [1, 2, 3, 4]
        assert layer.use_onion_skinning
    for number, drawing in enumerate(expected([0, 1, 2, 3]), start=1):
        strokes = anchors_of_keyframe(clip, number)
        paths = [points[::3] for path in drawing.paths for points in path.subpaths]
        assert len(strokes) == len(paths)
        for stroke, points in zip(strokes, paths, strict=True):
            np.testing.assert_allclose(stroke, points, atol=2e-3)


def test_a_range_that_is_run_again_replaces_only_itself(clip: Any) -> None:
    vectorize(clip)
    layers = pencil(clip).layers
    layers["Structural"].frames[3].drawing.strokes[0].points[0].position = (9.0, 9.0, 0.0)
    before = {n: anchors_of_keyframe(clip, n) for n in (1, 2, 3, 4)}
    custom = {"sequence_range": "CUSTOM", "sequence_first": 2, "sequence_last": 3}
    assert vectorize(clip, budget=5, **custom) == {"FINISHED"}
    after = {n: anchors_of_keyframe(clip, n) for n in (1, 2, 3, 4)}
    for number in (1, 4):
        for old, new in zip(before[number], after[number], strict=True):
            np.testing.assert_array_equal(old, new)
    assert len(after[2]) <= 5 and len(after[3]) <= 5 < len(before[2])


def test_steps_hold_a_drawing_and_start_where_they_are_told(clip: Any) -> None:
    vectorize(clip, sequence_step=2, sequence_start=101)
    assert list(found(clip)[FRAMES]) == [101, 103]
    vectorize(clip, sequence_start=101)
    assert list(found(clip)[FRAMES]) == [101, 102, 103, 104]
    vectorize(clip, sequence_step=3, sequence_start=101)
    assert list(found(clip)[FRAMES]) == [101, 104]
    for layer in pencil(clip).layers:
        assert [each.frame_number for each in layer.frames] == [101, 104]


def test_gradients_of_every_frame_stay_gradients(clip: Any) -> None:
    for _ in range(2):  # the second run finds its materials there
        vectorize(clip, fills="gradient")
        (obj,) = [each for each in found(clip).objects if each.type == "GREASEPENCIL"]
        count = len(obj.data.materials)
    compared = 0
    for number, drawing in enumerate(expected([0, 1, 2, 3], GRADIENTS), start=1):
        shown = shown_gradients(clip, obj, number)
        assert len(shown) == len(drawing.paths)
        for values, path in zip(shown, drawing.paths, strict=True):
            assert bool(values) == bool(path.ramp)
            if path.ramp:
                colors = [fill_of((*values[name], 1))[:3] for name in (START_COLOR, END_COLOR)]
                wanted = [path.fill[:3], path.ramp.color]
                np.testing.assert_allclose(colors, wanted, atol=1.01 / 128)
                ends = in_pixels(clip, np.array([values[START], values[END]]))
                np.testing.assert_allclose(ends, [path.ramp.start, path.ramp.end], atol=1.0)
                compared += 1
    assert compared >= 4
    assert 1 < count <= 1 + compared
    assert len(obj.data.materials) == count


def shown_gradients(image: Any, obj: Any, number: int) -> list[Any]:
    """The gradient of every stroke at a frame, in painting order; {} for a flat one."""
    shown = []
    for layer in pencil(image).layers:
        (drawing,) = [each.drawing for each in layer.frames if each.frame_number == number]
        ramps = ShownRamps(obj, drawing)
        shown += [ramps.values(i, stroke) for i, stroke in enumerate(drawing.strokes)]
    return shown


# Animated curves


def test_curves_have_the_shape_of_each_frame(clip: Any) -> None:
    assert vectorize(clip, "CURVES") == {"FINISHED"}
    for number, drawing in enumerate(expected([0, 1, 2, 3]), start=1):
        shown = outlines_at(clip, number)
        assert len(shown) == len(drawing.paths)
        for corners, path in zip(shown, drawing.paths, strict=True):
            anchors = np.concatenate(path.subpaths)[::3]
            apart = np.linalg.norm(corners[None] - anchors[:, None], axis=2).min(axis=1)
            assert apart.max() < 0.01


def test_nodes_are_constant_and_colors_are_keyed(clip: Any) -> None:
    vectorize(clip, "CURVES")
    drawn = {path.name: path for path in expected([0, 1, 2, 3])[3].paths}
    bpy.context.scene.frame_set(4)
    graph = bpy.context.evaluated_depsgraph_get()
    for obj in curves(clip):
        count = sum(len(spline.bezier_points) for spline in obj.data.splines)
        keys = obj.data.shape_keys
        assert not keys.use_relative and all(len(k.data) == count for k in keys.key_blocks)
        path = drawn.get(obj["semvec_slot"].split(".", 2)[2])
        if path is not None:
            color = obj.data.materials[0].evaluated_get(graph).diffuse_color[:3]
            srgb = [c * 12.92 if c < 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in color]
            np.testing.assert_allclose(srgb, path.fill[:3], atol=1e-3)


def test_in_between_frames_lie_between_two_shapes(clip: Any) -> None:
    vectorize(clip, "CURVES", sequence_step=3)
    first, middle, last = (shapes_at(clip, number) for number in (1, 2, 4))
    moved = 0
    for slot in first.keys() & last.keys():
        a, b, c = first[slot], middle[slot], last[slot]
        if len(a) == len(b) == len(c):
            np.testing.assert_allclose(a.mean(0) + (c - a).mean(0) / 3, b.mean(0), atol=0.05)
            moved += np.abs(c - a).max() > 0.5
    assert moved


def test_another_run_of_a_range_shows_other_curves_there_only(clip: Any) -> None:
    vectorize(clip, "CURVES")
    before = {n: outlines_at(clip, n) for n in (1, 4)}
    custom = {"sequence_range": "CUSTOM", "sequence_first": 2, "sequence_last": 3}
    for _ in range(2):
        vectorize(clip, "CURVES", budget=5, **custom)
        assert [len(outlines_at(clip, n)) for n in (2, 3)] == [5, 5]
        for number, old in before.items():
            now = outlines_at(clip, number)
            assert len(now) == len(old)
            for a, b in zip(old, now, strict=True):
                np.testing.assert_array_equal(a, b)
    runs = {obj["semvec_slot"].split(".")[0] for obj in curves(clip)}
    assert runs == {"1", "3"}, "the curves of the second run are shown nowhere"


# Frames that can't be drawn


def test_what_cannot_be_drawn_is_named_and_the_rest_is_done(clip: Any, tmp_path: Path) -> None:
    (tmp_path / "shot_0012.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    write_png(tmp_path / "shot_0013.png", frame(0.0, 30, 30))
    alpha = np.ones((48, 64), np.float32)
    alpha[:10] = 0
    write_png(tmp_path / "shot_0015.png", frame(4.0), alpha)
    write_png(tmp_path / "shot_0017.png", frame(4.0))
    frames, notes = find_frames(clip, WHOLE, bpy.context.scene)
    assert notes == ["There is no file for frame 6: the frame before stays visible."]
    job = SequenceJob(shared_worker(), frames, SETTINGS, reader_command())
    drawn = finished(job)
    assert [each.number for each in drawn if each.drawing is not None] == [1, 4, 5, 7]
    assert "'shot_0012.png' can't be read" in drawn[1].note
    assert "30 x 30 pixels, the first one 64 x 48" in drawn[2].note
    assert "over white" in drawn[4].note


def finished(job: SequenceJob) -> list[FrameDrawn]:
    drawn, deadline = [], time.monotonic() + 120
    while not job.finished:
        assert time.monotonic() < deadline
        job.poll(0.2)
        drawn += job.take_frames()
    return drawn


def test_a_sequence_without_a_readable_frame_is_an_error(scene: Any, tmp_path: Path) -> None:
    (tmp_path / "a1.png").write_bytes(b"nothing")
    with pytest.raises(RuntimeError, match="No frame of the sequence"):
        vectorize(sequence(tmp_path / "a1.png"))
    with pytest.raises(RuntimeError, match="no frame in this range"):
        vectorize(bpy.data.images[0], sequence_range="CUSTOM", sequence_first=50, sequence_last=60)


def test_single_images_and_missing_files_are_refused(scene: Any, tmp_path: Path) -> None:
    write_png(tmp_path / "one.png", frame(0.0))
    single = bpy.data.images.load(str(tmp_path / "one.png"))
    with pytest.raises(ImageError, match="single image"):
        find_frames(single, WHOLE, scene)
    gone = sequence(tmp_path / "one.png")
    (tmp_path / "one.png").unlink()
    gone.filepath = str(tmp_path / "shot_1.png")
    with pytest.raises(ImageError, match="missing"):
        find_frames(gone, WHOLE, scene)


def test_a_movie_is_drawn_from_its_own_frames(scene: Any, tmp_path: Path) -> None:
    movie = tmp_path / "clip.avi"
    write_movie(movie, [frame(6.0 * n) for n in range(3)])
    image = bpy.data.images.load(str(movie))
    assert image.source == "MOVIE"
    assert vectorize(image) == {"FINISHED"}
    assert list(found(image)[FRAMES]) == [1, 2, 3]
    places = [disc_of(pencil(image).layers["Structural"], number, image) for number in (1, 2, 3)]
    steps = [b - a for a, b in itertools.pairwise(places)]
    np.testing.assert_allclose(steps, 6.0, atol=1.5)


def test_a_movie_of_another_rate_is_noted(scene: Any, tmp_path: Path) -> None:
    movie = tmp_path / "clip.avi"  # 24 frames a second
    write_movie(movie, [frame(0.0)])
    image = bpy.data.images.load(str(movie))
    clips = len(bpy.data.movieclips)
    scene.render.fps, scene.render.fps_base = 24, 1.0
    assert find_frames(image, WHOLE, scene)[1] == []
    scene.render.fps = 30
    (note,) = find_frames(image, WHOLE, scene)[1]
    assert "24 frames a second, the scene 30" in note
    assert len(bpy.data.movieclips) == clips


def disc_of(layer: Any, number: int, image: Any) -> float:
    """Middle of the reddest stroke at a frame: x in pixels."""
    (at,) = [each for each in layer.frames if each.frame_number == number]
    red = max(at.drawing.strokes, key=lambda s: s.fill_color[0] - s.fill_color[2])
    return float(in_pixels(image, np.array([p.position for p in red.points]))[:, 0].mean())


def write_movie(path: Path, frames: list[np.ndarray]) -> None:
    """Write an uncompressed AVI file of 24-bit bitmaps, bottom row first."""
    height, width = frames[0].shape[:2]
    data = [np.round(f[::-1, :, ::-1] * 255).astype(np.uint8).tobytes() for f in frames]
    size, count = len(data[0]), len(frames)

    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content

    head = struct.pack("<14I", 41667, 0, 0, 16, count, 0, 1, size, width, height, 0, 0, 0, 0)
    stream = b"vidsDIB " + struct.pack("<10I", 0, 0, 0, 1, 24, 0, count, size, 0, 0)
    stream += struct.pack("<4H", 0, 0, width, height)
    form = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, size, 0, 0, 0, 0)
    strl = b"strl" + chunk(b"strh", stream) + chunk(b"strf", form)
    hdrl = b"hdrl" + chunk(b"avih", head) + chunk(b"LIST", strl)
    movi = b"movi" + b"".join(chunk(b"00db", each) for each in data)
    index = b"".join(
        b"00db" + struct.pack("<III", 16, 4 + n * (size + 8), size) for n in range(count)
    )
    body = b"AVI " + chunk(b"LIST", hdrl) + chunk(b"LIST", movi) + chunk(b"idx1", index)
    path.write_bytes(chunk(b"RIFF", body))


# A run in a window


def test_frames_are_in_the_scene_while_later_ones_are_drawn(scene: Any, clip: Any) -> None:
    frames, _ = find_frames(clip, WHOLE, bpy.context.scene)
    job = SequenceJob(shared_worker(), frames, SETTINGS, reader_command())
    target = SequenceTarget(clip.name, Placement(form="GREASE_PENCIL"), [1, 2, 3, 4])
    session = SequenceSession(scene, job, target, arrange=False)
    advance(session, lambda: target.has_begun)
    assert not session.over and list(found(clip)[FRAMES]) == [1]
    assert "Esc stops and keeps" in session.status
    session.stop()
    advance(session, lambda: session.over)
    assert session.result == found(clip) and session.error is None
    placed = list(found(clip)[FRAMES])
    assert placed == [1, 2, 3, 4][: len(placed)]
    assert len(anchors_of_keyframe(clip, 1)) == 8


def advance(session: SequenceSession, until: Any) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        session.tick()
        time.sleep(0.01)


def test_a_run_is_one_undo_step(scene: Any, clip: Any) -> None:
    bpy.ops.ed.undo_push(message="before")
    name = clip.name
    bpy.ops.semvec.vectorize_sequence("EXEC_DEFAULT", True, image=name, **OPTIONS)
    bpy.ops.ed.undo()
    assert not any(SEQUENCE in each for each in bpy.data.collections)
    bpy.ops.ed.redo()
    assert list(found(bpy.data.images[name])[FRAMES]) == [1, 2, 3, 4]
