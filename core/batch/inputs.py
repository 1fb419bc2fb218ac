# SPDX-License-Identifier: GPL-3.0-or-later
"""Input images of a batch, their frame numbers, and distinct names for their outputs."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..decoding.formats import SUFFIXES
from ..errors import SettingsError

_FRAME = re.compile(r"#+|%0?\d*d")  # placeholder of a frame number, as Blender and ffmpeg write it
_RANGE = re.compile(r"(-?\d+)(?:-(-?\d+))?(?:x(\d+))?")


def find_images(patterns: Iterable[str]) -> list[Path]:
    """Return the files of all patterns: names, folders, *, ?, **, #### or %04d for frames.

    Files are sorted by name, with numbers in numeric order, and listed once.
    """
    found: dict[str, Path] = {}
    for pattern in patterns:
        for path in _matches(pattern):
            found.setdefault(str(path.absolute()), path)
    return sorted(found.values(), key=_order)


def _matches(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_dir():
        return [file for file in path.iterdir() if file.suffix.lower() in SUFFIXES]
    if path.exists():
        return [path]
    matched = [Path(name) for name in glob.glob(_FRAME.sub("[0-9]*", pattern), recursive=True)]
    if not matched and not glob.has_magic(pattern) and not _FRAME.search(pattern):
        return [path]  # a missing file is reported as one image that failed
    return [file for file in matched if file.is_file()]


def _order(path: Path) -> list[tuple[int, int | str]]:
    parts = re.split(r"(\d+)", str(path))
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


def frame_number(path: Path) -> int | None:
    """Return the last number in a file's name, without its suffix; None where there is none."""
    numbers = re.findall(r"\d+", path.stem)
    return int(numbers[-1]) if numbers else None


def parse_frames(text: str) -> list[int]:
    """Return the frames of a range such as "1-100", "1-100x2" or "1,5,7-9", in order.

    Raises SettingsError.
    """
    frames: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise SettingsError(f"'{part}' is not a range of frames.", "Write 1-100, or 1,5,7-9.")
        first, last, step = match.groups()
        frames.update(range(int(first), int(last or first) + 1, max(1, int(step or 1))))
    return sorted(frames)


def select_frames(images: Sequence[Path], frames: Sequence[int]) -> tuple[list[Path], list[int]]:
    """Return the images with one of these frame numbers, and the frames without an image."""
    wanted = set(frames)
    selected = [image for image in images if frame_number(image) in wanted]
    missing = wanted - {frame_number(image) for image in selected}
    return selected, sorted(missing)


def output_names(images: Sequence[Path], suffix: str = ".svg") -> list[str]:
    """Return a distinct file name for each image, which does not depend on their order.

    The stem where it is unique, else the whole name (same.png.svg), else also the folder's.
    Upper and lower case count as equal, as some file systems treat them.
    """
    candidates = [
        (image.stem, image.name, "-".join(image.absolute().parts[-2:]), _flat(image))
        for image in images
    ]
    taken = [Counter(name.casefold() for name in names) for names in zip(*candidates, strict=True)]
    return [
        next(
            (
                name + suffix
                for name, counts in zip(names, taken, strict=True)
                if counts[name.casefold()] == 1
            ),
            names[-1] + suffix,
        )
        for names in candidates
    ]


def _flat(image: Path) -> str:
    """Return the whole path as one name."""
    return re.sub(r"[^\w.]+", "-", str(image.absolute())).strip("-")
