# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of an image datablock that is an image sequence or a movie."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import bpy

from ...core.errors import ImageError
from ...core.sequence.frames import numbered_siblings
from ...core.worker.sequence_job import FrameSource
from ..inputs.image_part import has_frames
from .properties import FrameRange

# Runs the program where Blender is a module of Python.
_AS_MODULE = "import bpy, runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"


def why_no_sequence(image: bpy.types.Image | None) -> str:
    """Return why the frames of an image can't be read; empty where they can."""
    if image is None:
        return "Choose or open an image sequence or a movie first"
    if not has_frames(image):
        return f"'{image.name}' is a single image. Set its source to Image Sequence"
    if image.packed_file is not None or not image.filepath:
        return f"'{image.name}' is packed. Unpack it to files first"
    return ""


def find_frames(
    image: bpy.types.Image, wanted: FrameRange, scene: bpy.types.Scene
) -> tuple[list[FrameSource], list[str]]:
    """Return the frames of an image in a range, and notes on them.

    Notes say which frames are missing, and that a movie will play at another rate. Raises
    ImageError where there are no frames.
    """
    reason = why_no_sequence(image)
    if reason:
        raise ImageError(f"{reason}.")
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    if image.source == "MOVIE":
        if not path.is_file():
            raise ImageError(f"The movie '{path}' is missing.", "Find its file again.")
        known = {number: (path, number) for number in range(1, image.frame_duration + 1)}
        if not known:
            raise ImageError(
                f"There is no decoder for the movie '{path.name}', or it is damaged.",
                "Write its frames to PNG files, and open those as a sequence.",
            )
    else:
        known = {number: (file, 0) for number, file in numbered_siblings(path)}
        if not known:
            raise ImageError(f"The files of '{image.name}' are missing.", "Find them again.")
    first, last = min(known), max(known)
    numbers = range(first, last + 1)[:: wanted.step] if wanted.is_whole else [
        number - wanted.start + first for number in wanted.numbers
    ]  # fmt: skip
    present = [number for number in numbers if number in known]
    if not present:
        raise ImageError(
            "There is no frame in this range.",
            f"The sequence has frames {wanted.start} to {wanted.start + last - first}.",
        )
    notes = _about_rate(path, scene) if image.source == "MOVIE" else []
    gaps = [n - first + wanted.start for n in numbers if n not in known and first <= n <= last]
    frames = [_source(image, *known[number], number - first + wanted.start) for number in present]
    return frames, [*notes, *_told(gaps)]


def _source(image: Any, file: Path, movie: int, number: int) -> FrameSource:
    return FrameSource(
        number, str(file), movie, image.colorspace_settings.name, str(image.alpha_mode)
    )


def _about_rate(movie: Path, scene: bpy.types.Scene) -> list[str]:
    """Return a sentence on a movie that the scene plays faster or slower than it is."""
    clip = bpy.data.movieclips.load(str(movie))
    rate = clip.fps  # frames a second; images have no such property
    bpy.data.movieclips.remove(clip)
    own = scene.render.fps / scene.render.fps_base
    if rate <= 0.0 or abs(rate - own) < 0.01 * own:
        return []
    return [
        f"The movie has {rate:.4g} frames a second, the scene {own:.4g}: it plays at the scene's. "
        "To keep its speed, change Frame Rate in Output Properties."
    ]


def _told(gaps: list[int]) -> list[str]:
    """Return a sentence on frames without a file."""
    if not gaps:
        return []
    shown = ", ".join(map(str, gaps[:10])) + (" ..." if len(gaps) > 10 else "")
    return [f"There is no file for frame {shown}: the frame before stays visible."]


def reader_command() -> list[str]:
    """Return the command that decodes frames: this Blender, without a window."""
    program = str(Path(__file__).with_name("frame_program.py"))
    if bpy.app.binary_path and os.path.isfile(bpy.app.binary_path):
        options = ["--background", "--factory-startup", "--python", program, "--"]
        return [bpy.app.binary_path, *options]
    return [sys.executable, "-c", _AS_MODULE, program]
