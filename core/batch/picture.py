# SPDX-License-Identifier: GPL-3.0-or-later
"""One image of a batch: the task that a process receives, and the record that it returns.

A task is run again where its process is lost, so that everything here can be repeated: the output
gets its name when it is complete.
"""

from __future__ import annotations

import html
import json
import re
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import ImageError, SemvecError, SettingsError
from ..image import Image, load_image
from ..pipeline.vectorize import vectorize
from ..settings import Settings
from ..svg import to_svg
from ..system.files import check_output, write_output

_METADATA = re.compile(rb"<semvec:drawing[^>]*>(.*?)</semvec:drawing>", re.DOTALL)
_IRRELEVANT = ("compute", "threads")  # settings that don't change the drawing


@dataclass(frozen=True)
class Task:
    """One image and its output. content: the image's bytes, where the file is not shared.

    attempts: how often it may be tried.
    """

    image: str
    svg: str
    settings: dict[str, Any]
    threads: int = 1
    attempts: int = 2
    content: bytes | None = None


@dataclass
class Record:
    """Result of a task. status: "done", "skipped" or "failed".

    report: of the run, with quality and seconds. data: the SVG, where the file is not shared.
    """

    image: str
    svg: str
    status: str
    attempts: int = 1
    seconds: float = 0.0
    error: str = ""
    report: dict[str, Any] = field(default_factory=dict)
    data: bytes | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON types."""
        names = ("image", "svg", "status", "attempts", "seconds", "error")
        known = ("settings", "paths", "nodes", "psnr")
        values = {name: getattr(self, name) for name in names}
        return {**values, **{key: self.report[key] for key in known if key in self.report}}


def run_tasks(tasks: list[Task]) -> list[Record]:
    """Run tasks one after the other; never raises an error of an image."""
    return [run_task(task) for task in tasks]


def run_task(task: Task) -> Record:
    """Vectorize one image, again where it fails for a reason that may pass."""
    started = time.perf_counter()
    record = Record(task.image, task.svg, "failed")
    for attempt in range(1, task.attempts + 1):
        record.attempts = attempt
        try:
            record = replace(_vectorized(task), attempts=attempt)
        except (ImageError, SettingsError) as error:  # it will not pass
            record.error = str(error)
            break
        except SemvecError as error:
            record.error = str(error)
        except MemoryError:
            record.error = "There is not enough memory. (Lower the resolution.)"
        except Exception as error:  # a defect of ours: the other images go on
            record.error = f"Internal error: {type(error).__name__}: {error}"
        if record.status == "done":
            break
    record.seconds = round(time.perf_counter() - started, 3)
    return record


def _vectorized(task: Task) -> Record:
    if task.content is None:
        check_output(task.svg)
    settings = replace(Settings.from_dict(task.settings), threads=task.threads)
    result = vectorize(_image(task), settings)
    given = {"threads": task.settings.get("threads", 0)}
    drawing = replace(result.drawing, settings={**result.drawing.settings, **given})
    data = to_svg(drawing).encode()
    report = {**result.report, "settings": task.settings}
    if task.content is None:
        write_output(task.svg, data)
        return Record(task.image, task.svg, "done", report=report)
    return Record(task.image, task.svg, "done", report=report, data=data)


def _image(task: Task) -> Image:
    """Read the image from its file, or from the bytes that came with the task."""
    if task.content is None:
        return load_image(task.image)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "image")
        path.write_bytes(task.content)
        return load_image(path)


def is_current(task: Task) -> bool:
    """Return whether the output exists, is newer than the image, and has the same settings."""
    try:
        svg, image = Path(task.svg), Path(task.image)
        if svg.stat().st_mtime < image.stat().st_mtime:
            return False
        found = _METADATA.search(svg.read_bytes())
        stored = json.loads(html.unescape(found[1].decode())) if found else {}
    except (OSError, ValueError):
        return False
    if task.settings.get("kind") == "auto":  # the drawing says which kind was recognized
        stored["kind"] = "auto"
    return _relevant(stored) == _relevant(task.settings)


def _relevant(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key not in _IRRELEVANT}
