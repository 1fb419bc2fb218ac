# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays and drawings that the worker and its clients exchange as files.

Both sides share one private folder. A message names files in it and nothing else, and arrays are
read without unpickling, so that a message can't make either side run code.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..drawing import Drawing, Ramps, Scene, Stroke, pack, unpack
from ..drawing import Path as DrawnPath
from ..errors import WorkerError
from ..image import Image, from_blender
from ..system.arrays import read_arrays
from .shared_folder import folder_error

KINDS = ("structural", "detail")


def save_array(folder: Path, name: str, values: np.ndarray) -> str:
    """Write `values` to name.npy; returns the file's name, for a message. Raises WorkerError."""
    file = f"{name}.npy"
    _write(_inside(folder, file), lambda path: np.save(path, values, allow_pickle=False))
    return file


def remove_payload(folder: Path, file: Any) -> None:
    """Remove a file that a message names, after it was read. Raises WorkerError."""
    try:
        _inside(folder, file).unlink()
    except OSError as error:
        raise WorkerError(f"The file '{file}' can't be removed: {error}.") from error


def load_array(folder: Path, file: Any) -> np.ndarray:
    """Return the array in a file that a message names. Raises WorkerError."""
    path = _inside(folder, file)
    try:
        values = np.load(path, allow_pickle=False)
    except MemoryError:
        raise
    except Exception as error:  # numpy raises nearly anything on damaged files
        raise WorkerError(f"The file '{file}' can't be read: {error}.") from error
    if not isinstance(values, np.ndarray):
        raise WorkerError(f"The file '{file}' holds no array.")
    return values


class PixelsFile(NamedTuple):
    """An image in a file, as Blender stores it; the reader converts it.

    file: flat float32 values, bottom row first. The other fields are those of `from_blender`.
    """

    file: str
    width: int
    height: int
    channels: int
    linear: bool = False
    premultiplied: bool = False
    has_opacity: bool = True


def image_message(folder: Path, name: str, image: Image | PixelsFile) -> dict[str, Any]:
    """Return the entries of a message for an image, and write its arrays to files."""
    if isinstance(image, PixelsFile):
        return {"image": image._asdict()}
    arrays = {"image": image.rgb, "alpha": image.alpha}
    return {
        key: save_array(folder, f"{name}-{key}", values)
        for key, values in arrays.items()
        if values is not None
    }


def load_pixels(folder: Path, sent: dict[str, Any]) -> Image:
    """Return the image in a file that a message describes.

    Raises WorkerError, and the errors of `from_blender`.
    """
    try:
        options = PixelsFile(**sent)._asdict()
        return from_blender(load_array(folder, options.pop("file")), **options)
    except (TypeError, ValueError) as error:
        raise WorkerError(f"The request names no pixels: {error}.") from error


def save_drawing(folder: Path, name: str, drawing: Drawing) -> str:
    """Write `drawing` to name.npz; returns the file's name, for a message. Raises WorkerError."""
    scene, paths = pack(drawing.paths), drawing.paths
    arrays = {
        **_arrays(scene),
        **_stroke_arrays(paths),
        "kinds": np.array([KINDS.index(path.kind) for path in paths], np.uint8),
        "regions": np.array([path.region for path in paths], np.int32),
        "rest": np.array(
            json.dumps(
                {
                    "size": [float(drawing.width), float(drawing.height)],
                    "names": [path.name for path in paths],
                    "pens": [path.stroke and _pen(path.stroke) for path in paths],
                    "groups": [path.group for path in paths],
                    "settings": drawing.settings,
                }
            )
        ),
    }
    file = f"{name}.npz"
    stream = io.BytesIO()  # numpy complains on stderr where a disk is full
    np.savez(stream, **arrays)
    _write(_inside(folder, file), lambda path: path.write_bytes(stream.getbuffer()))
    return file


def load_drawing(folder: Path, file: Any) -> Drawing:
    """Return the drawing in a file that a message names. Raises WorkerError."""
    path = _inside(folder, file)
    try:
        arrays = read_arrays(path)
        scene = _scene(arrays)
        rest = json.loads(str(arrays["rest"]))
        paths = [
            DrawnPath([], fill, KINDS[kind], name, int(region), group=group)  # type: ignore[arg-type]
            for fill, kind, region, name, group in zip(
                scene.colors,
                arrays["kinds"],
                arrays["regions"],
                rest["names"],
                rest["groups"],
                strict=True,
            )
        ]
        width, height = rest["size"]
        strokes = _strokes(arrays, rest["pens"])
        drawn = [
            replace(path, stroke=stroke)
            for path, stroke in zip(unpack(scene, paths), strokes, strict=True)
        ]
        return Drawing(width, height, drawn, rest["settings"])
    except (OSError, KeyError, ValueError, TypeError, IndexError) as error:
        raise WorkerError(f"The file '{file}' holds no drawing: {error}.") from error


def _arrays(scene: Scene) -> dict[str, np.ndarray]:
    """Return the scene's arrays by name; those of its ramps have the prefix ramp_."""
    fields = scene._asdict()
    ramps = fields.pop("ramps")
    if ramps is not None:
        fields |= {f"ramp_{name}": values for name, values in ramps._asdict().items()}
    return fields


def _scene(arrays: Mapping[str, np.ndarray]) -> Scene:
    """Return the scene from the arrays of `_arrays`. Raises KeyError."""
    ramps = None
    if "ramp_kinds" in arrays:
        ramps = Ramps(*(arrays[f"ramp_{name}"] for name in Ramps._fields))
    points, colors, subpaths, paths = (arrays[name] for name in Scene._fields[:-1])
    return Scene(points, colors, subpaths, paths, ramps)


def _pen(stroke: Stroke) -> dict[str, Any]:
    """Return what a stroke has beside its line: as plain JSON types."""
    names = ("closed", "cap", "join", "miter_limit")
    return {"nodes": len(stroke.widths), **{name: getattr(stroke, name) for name in names}}


def _stroke_arrays(paths: Sequence[DrawnPath]) -> dict[str, np.ndarray]:
    """Return the lines and the widths of all strokes, one after the other."""
    strokes = [path.stroke for path in paths if path.stroke is not None]
    points = [np.zeros((0, 2), np.float32), *(stroke.points for stroke in strokes)]
    widths = [np.zeros(0, np.float32), *(stroke.widths for stroke in strokes)]
    return {"stroke_points": np.concatenate(points), "stroke_widths": np.concatenate(widths)}


def _strokes(arrays: Mapping[str, np.ndarray], pens: list[Any]) -> list[Stroke | None]:
    """Return the stroke of each path, from the arrays of `_stroke_arrays`. Raises ValueError."""
    points, widths = arrays["stroke_points"], arrays["stroke_widths"]
    strokes: list[Stroke | None] = []
    for pen in pens:
        if pen is None:
            strokes.append(None)
            continue
        nodes = int(pen.pop("nodes"))
        line, points = np.split(points, [3 * nodes - 2])
        own, widths = np.split(widths, [nodes])
        if nodes < 2 or len(line) != 3 * nodes - 2 or len(own) != nodes:
            raise ValueError("A stroke has no line.")
        strokes.append(Stroke(line, own, **pen))
    return strokes


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file completely or not at all. Raises WorkerError."""
    try:
        write(path)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise folder_error(error) from error


def _inside(folder: Path, file: Any) -> Path:
    """Return the path of a file directly in `folder`. Raises WorkerError for any other name."""
    if not isinstance(file, str) or not file or Path(file).name != file or "\0" in file:
        raise WorkerError(f"{file!r} is not the name of a file in the shared folder.")
    return folder / file
