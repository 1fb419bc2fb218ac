# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `semvec refine`: a finished drawing refined, with more shapes or with fewer."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SemvecError
from ..image import load_image, save_png
from ..pipeline.changes import LOCKS, TouchUp
from ..pipeline.touch_up import TouchedUp, touch_up
from ..svg import load_svg, save_svg
from ..system.files import check_output, write_output
from .arguments import OneLineParser
from .numbers import whole_number
from .preview import preview_pixels
from .progress_bar import ProgressBar

_DEFAULT = TouchUp()


def main(arguments: Sequence[str]) -> int:
    """Run `semvec refine ...`; returns the exit code: 0, 1 or 130."""
    options = _parsed(arguments)
    bar = ProgressBar(sys.stderr, options.quiet)
    try:
        result = _refine(options, bar)
    except SemvecError as error:
        bar.finish()
        _complain(str(error))
        return 1
    except MemoryError:
        bar.finish()
        _complain("There is not enough memory. (Choose a smaller --resolution.)")
        return 1
    except KeyboardInterrupt:
        bar.finish()
        _complain("interrupted")
        return 130
    bar.finish(f"{options.output}: {_summary(result.report)}")
    for note in result.report["notes"]:
        _complain(f"{options.drawing}: {note}")
    return 0


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; exits with code 2 and one line where they are invalid."""
    parser = _parser()
    options = parser.parse_args(arguments)
    drawing = options.drawing
    options.output = options.output or drawing.with_name(f"{drawing.stem}-refined.svg")
    read = [drawing, options.image, *([options.region] if options.region else [])]
    written = [path for path in (options.output, options.preview, options.report) if path]
    for path, suffix in ((options.output, ".svg"), (options.preview, ".png"),
                         (options.report, ".json")):  # fmt: skip
        if path and path.suffix.lower() != suffix:
            parser.error(f"'{path}' must end in {suffix}")
    for path in written:
        if os.path.realpath(path) in map(os.path.realpath, read):
            parser.error(f"'{path}' would be read and written; choose another output")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="semvec refine",
        allow_abbrev=False,
        description="Continue from a drawing, perhaps one that was edited by hand, against its "
        "image: move its curves, add shapes, or remove some. The drawing never comes out farther "
        "from the image.",
    )
    parser.add_argument("drawing", metavar="SVG", type=Path, help="file of filled shapes")
    parser.add_argument("image", metavar="IMAGE", type=Path, help="image of the same shape")
    parser.add_argument(
        "-o", "--output", metavar="SVG", type=Path,
        help="SVG file to write (default: SVG-refined.svg beside the drawing)",
    )  # fmt: skip
    parser.add_argument(
        "--add", metavar="N", type=whole_number, default=0,
        help="shapes to add where the drawing differs most from the image",
    )  # fmt: skip
    parser.add_argument(
        "--remove", metavar="N", type=whole_number, default=0,
        help="shapes to remove first, those that the drawing misses least",
    )  # fmt: skip
    parser.add_argument(
        "--region", metavar="FILE", type=Path,
        help="mask, white where the drawing may change (default: everywhere)",
    )  # fmt: skip
    parser.add_argument(
        "--lock", metavar="NAME", action="append", default=[],
        help=f"shapes that stay as they are: {', '.join(LOCKS)}, or ids, separated by commas",
    )  # fmt: skip
    parser.add_argument(
        "--hold", action="store_true", help="leave all but the new shapes where they are"
    )
    for name, text in (
        ("iterations", "steps of refinement"),
        ("resolution", "long side of the region in pixels at which shapes are refined"),
        ("threads", "processor threads; 0 uses all processors"),
    ):
        default = getattr(_DEFAULT, name)
        parser.add_argument(
            f"--{name}", metavar="N", type=whole_number, default=default,
            help=f"{text} (default {default})",
        )  # fmt: skip
    parser.add_argument("--preview", metavar="PNG", type=Path, help="also write a rendering")
    parser.add_argument("--report", metavar="JSON", type=Path, help="also write counts and quality")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    return parser


def _refine(options: argparse.Namespace, bar: ProgressBar) -> TouchedUp:
    """Read the files, refine, and write the results."""
    for path in (options.output, options.preview, options.report):
        if path is not None:
            check_output(path)
    locks = tuple(name.strip() for text in options.lock for name in text.split(","))
    changes = TouchUp(
        options.add, options.remove, locks, options.hold, options.iterations,
        options.resolution, options.threads,
    )  # fmt: skip
    drawing = _named(options.drawing, load_svg)
    for note in drawing.settings.get("notes", []):
        _complain(f"{options.drawing}: {note}")
    settings = {name: value for name, value in drawing.settings.items() if name != "notes"}
    image = _named(options.image, load_image)
    region = _named(options.region, _load_map) if options.region is not None else None
    name = options.drawing.name
    result = touch_up(
        replace(drawing, settings=settings),
        image,
        changes,
        region=region,
        on_progress=lambda progress: bar.update(name, progress.fraction, progress.message),
    )
    save_svg(result.drawing, options.output)
    if options.preview is not None:
        save_png(options.preview, preview_pixels(result.drawing, image))
    if options.report is not None:
        write_output(options.report, json.dumps(result.report, indent=2).encode())
    return result


def _load_map(path: Path) -> np.ndarray:
    """Read a mask: float32 [H, W, 3], or [H, W, 4] with opacity. Raises ImageError."""
    return np.array(list(load_image(path).rows()))


def _named(path: Path, read: Any) -> Any:
    """Return what is read from a file; its errors name the file."""
    try:
        return read(path)
    except SemvecError as error:
        raise type(error)(f"{path}: {error.message}", error.hint) from None


def _summary(report: dict[str, Any]) -> str:
    counts = ", ".join(f"{report[name]} {name}" for name in ("added", "removed", "changed"))
    before, after = report["region_psnr_before"], report["region_psnr"]
    seconds = sum(report["seconds"].values())
    return f"{report['paths']} paths ({counts}), {before:.1f} to {after:.1f} dB, {seconds:.1f} s"


def _complain(message: str) -> None:
    print("semvec: " + message.replace("\n", " "), file=sys.stderr)
