# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening of image files: as a whole, or as far as a file that is cut off goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFile

from ..errors import ImageError
from .deep_color import is_deep, read_values
from .formats import FORMATS, HEAD, is_heic, unreadable
from .pam import read_pam, size_of_pam

MAXIMUM_PIXELS = 100_000_000

# Pillow's tag of the direction in which an image is to be shown.
_ORIENTATION = 0x0112

# Of each orientation: whether rows and columns are exchanged, and the directions of both then.
_TURNS = {
    1: (False, 1, 1),
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, 1, -1),
    7: (True, -1, -1),
    8: (True, -1, 1),
}

_ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")

# Pillow has one switch for the whole process.
_lenient_lock = threading.Lock()


class Opened(NamedTuple):
    """A decoded file, upright.

    picture: Pillow image of 8 bits, or of one float, a channel; None where there are only values.
    values: uint16 [H, W, 1 to 4], gray or RGB and opacity, of an image of 16 bits; else None.
    missing: bool [H, W], the pixels that the file has lost; None where it is whole.
    notes: sentences for the report.
    """

    picture: Any
    values: np.ndarray | None = None
    missing: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def open_picture(stream: BinaryIO) -> Opened:
    """Decode an image file: its first page or frame, turned upright by its EXIF orientation.

    Raises ImageError, and MemoryError.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    try:
        opened = _pam(stream) if head.startswith(b"P7\n") else _opened(stream, head)
    except (ImageError, MemoryError):
        raise
    except Exception as problem:  # decoders raise nearly anything on a damaged file
        if type(problem).__name__ == "DecompressionBombError":
            raise _too_large() from None
        raise unreadable(head) from None
    if opened.missing is None:
        return opened
    share = float(opened.missing.mean())
    if share == 1.0:
        raise unreadable(head)
    lost = f"{max(share, 0.01):.0%} of the image is missing" if share else "parts may be missing"
    return opened._replace(notes=(*opened.notes, f"The file is cut off or damaged: {lost}"))


def _opened(stream: BinaryIO, head: bytes) -> Opened:
    formats: tuple[str, ...] = FORMATS
    if is_heic(head):
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats = ("HEIF",)

    def reopen() -> Any:
        stream.seek(0)
        return Pillow.open(stream, formats=formats)

    picture = reopen()
    _check_size(*picture.size)
    notes, values, missing = _pages(picture), None, None
    try:
        if is_deep(reopen()):
            picture, values = read_values(reopen)
        else:
            picture = reopen()
            picture.load()
    except MemoryError:
        raise
    except Exception:  # as above
        picture, missing = _as_far_as_it_goes(reopen)
    turn = _orientation(picture)
    return Opened(
        _turned_picture(picture, turn), _turned(values, turn), _turned(missing, turn), notes
    )


def _pam(stream: BinaryIO) -> Opened:
    width, height, depth, most = size_of_pam(stream)
    _check_size(width, height)
    values, missing = read_pam(stream, width, height, depth, most)
    return Opened(None, values, missing if missing.any() else None)


def _check_size(width: int, height: int) -> None:
    if width * height > MAXIMUM_PIXELS:
        raise _too_large()


def _too_large() -> ImageError:
    return ImageError(
        f"The image has more than {MAXIMUM_PIXELS // 10**6} megapixels.", "Scale it down first."
    )


def _pages(picture: Any) -> tuple[str, ...]:
    """Return a note where a file has more than one page or frame."""
    count = 1
    if picture.format in (*_ANIMATED, "TIFF"):
        with suppress(Exception):  # of a file that is cut off
            count = int(picture.n_frames)
    if count < 2:
        return ()
    if picture.format in _ANIMATED:
        return (f"The first of {count} frames was drawn",)
    return (f"The first of {count} pages was drawn",)


def _as_far_as_it_goes(reopen: Callable[[], Any]) -> tuple[Any, np.ndarray]:
    """Decode a damaged file; return the image and the pixels that it lacks, bool [H, W].

    Decoding over black and over white tells which pixels are never written.
    """
    with _lenient():
        for completed in (False, True):
            dark, light = (_decoded_over(reopen(), white, completed) for white in (False, True))
            missing = np.asarray(dark) != np.asarray(light)
            if missing.ndim == 3:
                missing = missing.any(axis=2)
            if not missing.all() or dark.format != "JPEG":
                break
    return dark, missing


def _decoded_over(picture: Any, white: bool, completed: bool) -> Any:
    """Load an image over one value.

    completed: whether a JPEG is given the end marker that it lacks: its decoder then fills the
    rest with gray, but gives nothing of a progressive file without.
    """
    bands = len(picture.getbands())
    level = {"F": 1.0, "I": 65535}.get(picture.mode, 65535 if ";16" in picture.mode else 255)
    color = level if white else 0
    picture.im = Pillow.new(picture.mode, picture.size, (color,) * bands if bands > 1 else color).im
    if picture.format == "JPEG" and not completed:
        picture.load_read = picture.fp.read
    picture.load()
    return picture


@contextmanager
def _lenient() -> Iterator[None]:
    """Let Pillow decode damaged files."""
    with _lenient_lock:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _orientation(picture: Any) -> int:
    """Return the EXIF orientation of an image, 1 to 8; 1 where it is missing or damaged."""
    try:
        found = picture.getexif().get(_ORIENTATION, 1)
    except MemoryError:
        raise
    except Exception:
        return 1
    return found if found in _TURNS else 1


def _turned(values: np.ndarray | None, orientation: int) -> np.ndarray | None:
    """Return an array [H, W, ...] turned upright."""
    if values is None:
        return None
    transpose, rows, columns = _TURNS[orientation]
    if transpose:
        values = values.swapaxes(0, 1)
    return values[::rows, ::columns]


def _turned_picture(picture: Any, orientation: int) -> Any:
    """Return a Pillow image turned upright."""
    transpose, rows, columns = _TURNS[orientation]
    if transpose:
        picture = picture.transpose(Pillow.Transpose.TRANSPOSE)
    if rows < 0:
        picture = picture.transpose(Pillow.Transpose.FLIP_TOP_BOTTOM)
    if columns < 0:
        picture = picture.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)
    return picture
