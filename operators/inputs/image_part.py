# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of an image that is meant: a tile of a UDIM image, a frame of a movie or sequence.

Python reads the pixels of an image's first tile and of the frame that was loaded last. Other
parts are read from temporary copies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import bpy
from bpy.props import IntProperty

from ...core.errors import ImageError

FIRST_TILE = 1001

_PART = "semvec_part"  # custom property of a drawing: JSON
_NUMBER = re.compile(r"\d+(?=\D*$)")  # of a frame, in the name of its file
_LISTED = 6  # tiles in a message


class Part(NamedTuple):
    """A part of an image. An image without tiles or frames has no part but itself.

    frame: from 1 on in a movie, the number in the name of the file in a sequence; 0 for the frame
    that was loaded last.
    """

    tile: int = FIRST_TILE
    frame: int = 0


WHOLE = Part()


def part_properties() -> dict[str, Any]:
    """Return a property for each field of `Part`, as the annotations of a class."""
    return {
        "tile": IntProperty(
            name="Tile",
            description="Number of the UDIM tile to vectorize",
            default=FIRST_TILE,
            min=FIRST_TILE,
            max=2000,
        ),
        "frame": IntProperty(
            name="Frame",
            description="Frame of the movie or image sequence to vectorize; "
            "0 for the one that is shown at the current frame of the scene",
            default=0,
            min=0,
        ),
    }


def has_tiles(image: bpy.types.Image) -> bool:
    """Return whether the image has more than one tile."""
    return image.source == "TILED" and len(image.tiles) > 1


def has_frames(image: bpy.types.Image) -> bool:
    """Return whether the image is a movie or an image sequence."""
    return image.source in ("MOVIE", "SEQUENCE")


def shown_frame(image: bpy.types.Image, user: Any, current: int) -> int:
    """Return the frame that is shown of a movie or sequence at the scene's frame `current`.

    user: the `ImageUser` of the object or node that shows it, which says as of when; None where
    the scene's frames are those of the image.
    """
    if image.source == "SEQUENCE" and user is None:
        return current
    count = max(1, user.frame_duration if user is not None else image.frame_duration)
    start, offset = (user.frame_start, user.frame_offset) if user is not None else (1, 0)
    position = current - start
    cyclic = user is not None and user.use_cyclic
    position = position % count if cyclic else min(max(position, 0), count - 1)
    return int(position + 1 + offset)


def part_in(scene: bpy.types.Scene, image: bpy.types.Image, user: Any = None) -> Part:
    """Return the part of an image that a run with the panel's settings takes.

    user: as for `shown_frame`.
    """
    settings = scene.semvec
    frame = settings.frame
    if has_frames(image):
        frame = frame or shown_frame(image, user, scene.frame_current)
    return Part(settings.tile, frame)


def size_of_part(image: bpy.types.Image, part: Part) -> tuple[int, int]:
    """Return width and height in pixels; 0 where the image has not been loaded yet."""
    tile = next((tile for tile in image.tiles if tile.number == part.tile), None)
    width, height = tile.size if has_tiles(image) and tile is not None else image.size
    return width, height


def why_no_part(image: bpy.types.Image, part: Part) -> str:
    """Return why an image doesn't have this part; empty where it does."""
    if has_tiles(image):
        numbers = [tile.number for tile in image.tiles]
        if part.tile not in numbers:
            listed = ", ".join(map(str, numbers[:_LISTED]))
            more = ", …" if len(numbers) > _LISTED else ""
            return f"'{image.name}' has no tile {part.tile}. It has {listed}{more}"
        if image.is_dirty and part.tile != numbers[0]:
            return f"'{image.name}' has changes. Save it first"
    if image.source == "MOVIE" and part.frame > image.frame_duration:
        count = image.frame_duration
        return f"'{image.name}' has no frame {part.frame}. Its last one is {count}"
    if image.source == "SEQUENCE" and part.frame and not Path(_frame_file(image, part)).is_file():
        return f"'{image.name}' has no frame {part.frame}. Choose another one"
    return ""


def part_title(image: bpy.types.Image, part: Part) -> str:
    """Return the words for a part, such as "tile 1002"; empty for a whole image."""
    if has_tiles(image):
        return f"tile {part.tile}"
    return f"frame {part.frame}" if has_frames(image) and part.frame else ""


@contextmanager
def image_of_part(image: bpy.types.Image, part: Part) -> Iterator[bpy.types.Image]:
    """Provide an image whose size and pixels are those of the part. Raises ImageError."""
    reason = why_no_part(image, part)
    if reason:
        raise ImageError(f"{reason}.")
    is_whole = not (
        (has_tiles(image) and part.tile != image.tiles[0].number)
        or (has_frames(image) and part.frame)
    )
    if is_whole:
        yield image
        return
    copy = image.copy()
    try:
        _reduce(copy, image, part)
        yield copy
    finally:
        bpy.data.images.remove(copy)


def remember_part(collection: bpy.types.Collection, part: Part) -> None:
    """Store the part that a drawing was made from."""
    collection[_PART] = json.dumps(part)


def part_of(collection: bpy.types.Collection) -> Part:
    """Return the part that a drawing was made from."""
    return Part(*json.loads(collection.get(_PART, "[]")))


def _reduce(copy: bpy.types.Image, image: bpy.types.Image, part: Part) -> None:
    """Leave nothing but the part in a copy of an image."""
    packed = {each.tile_number: each.packed_file for each in image.packed_files}
    if copy.source == "TILED" and part.tile in packed:
        data = packed[part.tile].data
        copy.source = "FILE"
        copy.pack(data=data, data_len=len(data))
    elif copy.source == "TILED":
        for tile in [tile for tile in copy.tiles if tile.number != part.tile]:
            copy.tiles.remove(tile)
    elif copy.source == "SEQUENCE":
        file = _frame_file(copy, part)
        copy.source = "FILE"
        copy.filepath = file
    else:
        width, height = copy.size
        copy.scale(max(width, 1), max(height, 1), frame=part.frame)  # which loads the frame


def _frame_file(image: bpy.types.Image, part: Part) -> str:
    """Return the file of a frame: that of the sequence with another number in its name."""
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    if not path.name:
        return ""

    def numbered(found: re.Match[str]) -> str:
        return f"{part.frame:0{len(found.group())}d}"

    return str(path.with_name(_NUMBER.sub(numbered, path.stem) + path.suffix))
