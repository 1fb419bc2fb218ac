# SPDX-License-Identifier: GPL-3.0-or-later
"""Program that decodes frames for the worker process, in a Blender without a window.

    blender --background --factory-startup --python frame_program.py -- FOLDER

Blender's own decoders read all of its image formats and movies. Each line of stdin asks for a
frame: file, frame (of a movie, from 1; null for an image file), colorspace and alpha_mode (empty
for Blender's choice). A line of stdout answers it: MARK, then JSON with the fields of `PixelsFile`
(core/worker/payloads.py) or with `error`. It imports nothing of the extension, which may not be
enabled in that Blender.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

MARK = "semvec-frame "


class Movies:
    """Movies as strips of the sequencer, which renders one frame at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scenes: dict[str, tuple[bpy.types.Scene, int]] = {}

    def frame(self, file: str, number: int) -> str:
        """Return a PNG file with a frame, counted from 1. Raises ValueError, RuntimeError."""
        if file not in self._scenes:
            self._scenes[file] = _scene_of(file)
        scene, count = self._scenes[file]
        if not 1 <= number <= count:
            raise ValueError(f"The movie has {count} frames.")
        # An animation of one frame: a render of a still ignores the current one.
        scene.frame_start = scene.frame_end = number
        scene.render.filepath = str(self._folder / "decoded-")
        bpy.ops.render.render(animation=True, scene=scene.name)
        return scene.render.frame_path(frame=number)


def _scene_of(file: str) -> tuple[bpy.types.Scene, int]:
    """Return a scene that shows a movie, and the number of its frames."""
    scene: Any = bpy.data.scenes.new("Movie")
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strip = strips.new_movie("Movie", file, 1, 1)
    element = strip.elements[0] if strip.elements else None
    if element is None or not element.orig_width or strip.frame_duration < 1:
        raise ValueError("There is no decoder for this movie, or it is damaged.")
    render = scene.render
    render.resolution_x, render.resolution_y = element.orig_width, element.orig_height
    render.resolution_percentage = 100
    render.use_sequencer = True
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGB"
    scene.view_settings.view_transform = "Standard"
    return scene, strip.frame_duration


def read_frame(folder: Path, movies: Movies, request: dict[str, Any], index: int) -> dict[str, Any]:
    """Write the pixels of a frame to a file; returns the answer."""
    path, is_movie = request["file"], request["frame"] is not None
    if is_movie:
        path = movies.frame(path, request["frame"])
    image = bpy.data.images.load(path)
    try:
        if request["colorspace"] and not is_movie:
            image.colorspace_settings.name = request["colorspace"]
        if request["alpha_mode"] and not is_movie:
            image.alpha_mode = request["alpha_mode"]
        width, height = image.size
        if not image.has_data or 0 in (width, height):
            raise ValueError("The file is damaged, or of a kind that can't be read.")
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        file = f"frame-{index}.npy"
        np.save(folder / file, pixels, allow_pickle=False)
        return {
            "file": file,
            "width": width,
            "height": height,
            "channels": image.channels,
            "linear": image.is_float and not image.colorspace_settings.is_data,
            "premultiplied": image.is_float,
            "has_opacity": image.alpha_mode not in ("NONE", "CHANNEL_PACKED"),
        }
    finally:
        bpy.data.images.remove(image)
        if is_movie:
            Path(path).unlink()


def main(folder: Path) -> None:
    """Answer requests until stdin ends."""
    movies = Movies(folder)
    for index, line in enumerate(sys.stdin):
        try:
            answer = read_frame(folder, movies, json.loads(line), index)
        except Exception as error:  # damaged files raise many types
            answer = {"error": str(error).strip() or type(error).__name__}
        print(f"\n{MARK}{json.dumps(answer)}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[-1]))
