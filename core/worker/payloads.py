# SPDX-License-Identifier: GPL-3.0-or-later
"""How the worker and its client hand each other arrays and drawings.

Both sides share one private folder. A message names files in it and nothing else, and
arrays are read without unpickling, so that a message can't make either side run code.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..drawing import Drawing, Ramps, Scene, pack, unpack
from ..drawing import Path as DrawnPath
from ..errors import WorkerError
from ..image import Image, from_blender

FOLDER_PREFIX = "semvec-worker-"
KINDS = ("structural", "detail")


def make_folder() -> Path:
    """A new folder in the system's temporary folder, for this user only."""
    return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))


def remove_folder(folder: Path) -> None:
    """Remove a folder made by `make_folder`, and never another one."""
    if folder.name.startswith(FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def save_array(folder: Path, name: str, values: np.ndarray) -> str:
    """Write `values` as name.npy; returns the name of the file, for a message."""
    np.save(_inside(folder, f"{name}.npy"), values, allow_pickle=False)
    return f"{name}.npy"


def remove_payload(folder: Path, file: Any) -> None:
    """Remove a file that a message names, after it was read. Raises WorkerError."""
    try:
        _inside(folder, file).unlink()
    except OSError as error:
        raise WorkerError(f"The file '{file}' can't be removed: {error}.") from error


def load_array(folder: Path, file: Any) -> np.ndarray:
    """The array in a file that a message names. Raises WorkerError."""
    values = _load(folder, file)
    if not isinstance(values, np.ndarray):
        raise WorkerError(f"The file '{file}' holds no array.")
    return values


class PixelsFile(NamedTuple):
    """A picture in a file, as Blender keeps it; whoever reads it does what there is to do.

    file: of flat float32, bottom row first. The rest is as `from_blender` takes it.
    """

    file: str
    width: int
    height: int
    channels: int
    linear: bool = False
    premultiplied: bool = False
    has_opacity: bool = True


def image_message(folder: Path, name: str, image: Image | PixelsFile) -> dict[str, Any]:
    """What a message says of a picture; its arrays become files, unless they are one."""
    if isinstance(image, PixelsFile):
        return {"image": image._asdict()}
    arrays = {"image": image.rgb, "alpha": image.alpha}
    return {
        key: save_array(folder, f"{name}-{key}", values)
        for key, values in arrays.items()
        if values is not None
    }


def load_pixels(folder: Path, sent: dict[str, Any]) -> Image:
    """The picture that a message says how to read. Raises WorkerError, and as `from_blender`."""
    try:
        options = PixelsFile(**sent)._asdict()
        return from_blender(load_array(folder, options.pop("file")), **options)
    except (TypeError, ValueError) as error:
        raise WorkerError(f"The request names no pixels: {error}.") from error


def save_drawing(folder: Path, name: str, drawing: Drawing) -> str:
    """Write `drawing` as name.npz; returns the name of the file, for a message."""
    scene, paths = pack(drawing.paths), drawing.paths
    np.savez(
        _inside(folder, f"{name}.npz"),
        **_arrays(scene),
        kinds=np.array([KINDS.index(path.kind) for path in paths], np.uint8),
        regions=np.array([path.region for path in paths], np.int32),
        rest=np.array(
            json.dumps(
                {
                    "size": [float(drawing.width), float(drawing.height)],
                    "names": [path.name for path in paths],
                    "settings": drawing.settings,
                }
            )
        ),
    )
    return f"{name}.npz"


def load_drawing(folder: Path, file: Any) -> Drawing:
    """The drawing in a file that a message names. Raises WorkerError."""
    values = _load(folder, file)
    if not isinstance(values, np.lib.npyio.NpzFile):
        raise WorkerError(f"The file '{file}' holds no drawing.")
    with values as arrays:
        try:
            scene = _scene(arrays)
            rest = json.loads(str(arrays["rest"]))
            paths = [
                DrawnPath([], fill, KINDS[kind], name, int(region))  # type: ignore[arg-type]
                for fill, kind, name, region in zip(
                    scene.colors, arrays["kinds"], rest["names"], arrays["regions"], strict=True
                )
            ]
            width, height = rest["size"]
            return Drawing(width, height, unpack(scene, paths), rest["settings"])
        except (KeyError, ValueError, TypeError, IndexError, zipfile.BadZipFile) as error:
            raise WorkerError(f"The file '{file}' holds no drawing: {error}.") from error


def _arrays(scene: Scene) -> dict[str, np.ndarray]:
    """The scene's arrays by name; those of its ramps, if it has any, as ramp_kinds and so on."""
    fields = scene._asdict()
    ramps = fields.pop("ramps")
    if ramps is not None:
        fields |= {f"ramp_{name}": values for name, values in ramps._asdict().items()}
    return fields


def _scene(arrays: Mapping[str, np.ndarray]) -> Scene:
    """The way back. Raises KeyError."""
    ramps = None
    if "ramp_kinds" in arrays:
        ramps = Ramps(*(arrays[f"ramp_{name}"] for name in Ramps._fields))
    points, colors, subpaths, paths = (arrays[name] for name in Scene._fields[:-1])
    return Scene(points, colors, subpaths, paths, ramps)


def _load(folder: Path, file: Any) -> Any:
    path = _inside(folder, file)
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise WorkerError(f"The file '{file}' can't be read: {error}.") from error


def _inside(folder: Path, file: Any) -> Path:
    """The path of a file directly in `folder`. Raises WorkerError for any other name."""
    if not isinstance(file, str) or not file or Path(file).name != file or "\0" in file:
        raise WorkerError(f"{file!r} is not the name of a file in the shared folder.")
    return folder / file
