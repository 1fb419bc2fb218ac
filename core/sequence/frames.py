# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a sequence: from image files, or from a movie."""

from __future__ import annotations

import importlib
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..errors import ImageError
from ..image import Image, load_image
from ..system.files import open_input

MOVIES = frozenset(
    {".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".webm", ".webp"}
)

# Movies that Pillow reads; the others need a decoder.
_PICTURES = frozenset({".gif", ".webp"})

_USUAL_RATE = 24.0

# The parts of a frame's file name without its suffix; the number is the last one.
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)")


@dataclass(frozen=True)
class Frame:
    """One frame. number: in the sequence. stamp: changes with the content. load: reads it."""

    number: int
    name: str
    stamp: tuple[int, ...]
    load: Callable[[], Image]


class Source(Protocol):
    """Frames in order. count: how many there are, None where that is not known. fps: a second."""

    count: int | None
    fps: float

    def __iter__(self) -> Iterator[Frame]:
        """Iterate over the frames."""


class FileSource:
    """Frames that are image files. numbers: of the files, rising."""

    def __init__(self, files: Iterable[Path], numbers: Iterable[int]) -> None:
        self._frames = list(zip(numbers, files, strict=True))
        self.count: int | None = len(self._frames)
        self.fps = _USUAL_RATE

    def __iter__(self) -> Iterator[Frame]:
        for number, file in self._frames:
            yield Frame(number, file.name, _stamp(file), partial(load_image, file))


class MovieSource:
    """Frames of a movie file, numbered from 1.

    chosen: numbers of the frames to take; None takes all. Raises ImageError for a movie that can't
    be read; it names the decoder where one is missing.
    """

    def __init__(self, path: Path, chosen: Iterable[int] | None = None) -> None:
        self._path, self._chosen = path, None if chosen is None else set(chosen)
        if path.suffix.lower() in _PICTURES:
            self.fps, count = _picture_facts(path)
            self._decode: Callable[[Path], Iterator[np.ndarray]] = _pictures
        else:
            self.fps, count = _movie_facts(path)
            self._decode = _movie_frames
        chosen_count = None if self._chosen is None else len(self._chosen)
        self.count: int | None = chosen_count if count is None else count
        if count is not None and self._chosen is not None:
            self.count = sum(1 <= number <= count for number in self._chosen)

    def __iter__(self) -> Iterator[Frame]:
        stamp, last = _stamp(self._path), None if self._chosen is None else max(self._chosen)
        frames = self._decode(self._path)
        for number in itertools.count(1):
            if last is not None and number > last:
                return
            name = f"{self._path.name} frame {number}"
            try:
                pixels = next(frames, None)
            except ImageError:
                raise
            except Exception:  # of decoders, many types
                yield Frame(number, name, (*stamp, number), partial(_fail, number))
                return
            if pixels is None:
                return
            if self._chosen is None or number in self._chosen:
                yield Frame(number, name, (*stamp, number), partial(_image, pixels))


def _fail(number: int) -> Image:
    """Raise ImageError for the first frame of a movie that can't be decoded."""
    raise ImageError(f"The movie is damaged from frame {number} on.", "The rest of it is left out.")


def is_movie(path: Path) -> bool:
    """Return whether a file is a movie rather than a picture."""
    suffix = path.suffix.lower()
    if suffix not in _PICTURES:
        return suffix in MOVIES
    try:
        return (_picture_facts(path)[1] or 0) > 1
    except ImageError:
        return False


def _stamp(path: Path) -> tuple[int, ...]:
    """Return size and time of a file; nothing where it is missing."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_size, status.st_mtime_ns


def _image(pixels: np.ndarray) -> Image:
    """Return bytes [H, W, 3 or 4] as an image."""
    values = pixels.astype(np.float32) / 255
    alpha = values[..., 3] if values.shape[2] == 4 and (pixels[..., 3] < 255).any() else None
    return Image(np.ascontiguousarray(values[..., :3]), alpha)


def _picture_facts(path: Path) -> tuple[float, int | None]:
    """Return frames a second and the number of frames of an animated picture."""
    with open_input(path, ImageError) as stream:
        try:
            from PIL import Image as Pillow

            picture = Pillow.open(stream)
            count = int(getattr(picture, "n_frames", 1))
            duration = picture.info.get("duration") or 0
        except Exception:
            raise _unreadable(path) from None
    return (1000 / duration if duration else _USUAL_RATE), count


def _pictures(path: Path) -> Iterator[np.ndarray]:
    from PIL import Image as Pillow
    from PIL import ImageSequence

    with open_input(path, ImageError) as stream:
        for picture in ImageSequence.Iterator(Pillow.open(stream)):
            yield np.asarray(picture.convert("RGBA"))


def _movie_facts(path: Path) -> tuple[float, int | None]:
    with open_input(path, ImageError):
        pass
    with _opened(path) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or _USUAL_RATE)
        return rate, int(stream.frames) or None


def _movie_frames(path: Path) -> Iterator[np.ndarray]:
    with _opened(path) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def _opened(path: Path) -> Any:
    """Open a movie by PyAV. Raises ImageError."""
    try:
        av: Any = importlib.import_module("av")
    except ImportError:
        raise ImageError(
            f"'{path}' is a movie, and there is no decoder for it.",
            "pip install av, or write its frames to PNG files first.",
        ) from None
    try:
        container = av.open(str(path))
        if not container.streams.video:
            raise _unreadable(path)
    except ImageError:
        raise
    except Exception:  # of FFmpeg, many types
        raise _unreadable(path) from None
    return container


def _unreadable(path: Path) -> ImageError:
    return ImageError(f"'{path}' is damaged or no movie that can be read.", "Convert it to MP4.")


def check_size(size: tuple[int, int], wanted: tuple[int, int] | None) -> None:
    """Raise ImageError where a frame has another size than the first one; None: it is the first."""
    if wanted is not None and size != wanted:
        raise ImageError(
            f"This frame is {size[0]} x {size[1]} pixels, the first one {wanted[0]} x {wanted[1]}.",
            "It is left out; scale it to that size.",
        )


def numbered_siblings(path: Path) -> list[tuple[int, Path]]:
    """Return the files that differ from this one by the last number of the name only, rising.

    Of two files of one number, such as 1 and 01, the first by name counts. A name without a number
    is the only frame, number 1. Raises ImageError for a folder that can't be read.
    """
    match = _NUMBERED.fullmatch(path.stem)
    if match is None:
        return [(1, path)]
    found: dict[int, Path] = {}
    try:
        others = sorted(path.parent.iterdir())
    except OSError as error:
        raise ImageError(f"The folder of '{path.name}' can't be read: {error}.") from error
    for file in others:
        other = _NUMBERED.fullmatch(file.stem)
        same = file.suffix == path.suffix and other is not None
        if same and other is not None and (other[1], other[3]) == (match[1], match[3]):
            found.setdefault(int(other[2]), file)
    return sorted(found.items())
