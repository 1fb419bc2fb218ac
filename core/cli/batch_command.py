# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `semvec batch`: many images, on all processors or on a cluster."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..batch.contact_sheet import write_contact_sheet
from ..batch.inputs import find_images, output_names, parse_frames, select_frames
from ..batch.picture import Record
from ..batch.run import Batch, run_batch
from ..engine.rerun_on_engine import run_on_engine
from ..errors import ImageError, SemvecError
from ..system.files import make_folder
from .arguments import OneLineParser, add_settings, settings_from
from .numbers import count
from .progress_bar import ProgressBar


def main(arguments: Sequence[str]) -> int:
    """Run `semvec batch ...`; returns the exit code: 0, 1 or 130."""
    parser = _parser()
    options = parser.parse_args(arguments)
    settings = settings_from(options, parser)
    code = run_on_engine(settings, ["batch", *arguments])
    if code is not None:
        return code
    batch = Batch(
        settings, options.skip_existing, options.jobs, options.chunk, options.scheduler,
        options.transfer == "bytes", options.report,
    )  # fmt: skip
    bar = ProgressBar(sys.stderr, options.quiet)
    try:
        return _run(batch, _pairs(options), options, bar)
    except SemvecError as error:
        bar.finish()
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        bar.finish()
        _complain("interrupted; run it again to continue")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="semvec batch", allow_abbrev=False,
        description="Vectorize many images. Run it again to continue after an interruption: "
        "drawings of the same image with the same settings are kept.",
    )  # fmt: skip
    parser.add_argument(
        "images", nargs="+", metavar="IMAGE", help='files, folders or patterns: "frames/*.png"'
    )
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", type=Path, required=True, help="folder for SVG files"
    )
    parser.add_argument("--frames", metavar="RANGE", help="only these frames: 1-100, 1,5 or 1-9x2")
    parser.add_argument(
        "--skip-existing", action="store_true", help="keep SVG files of other settings as well"
    )
    parser.add_argument(
        "--jobs", metavar="N", type=count, default=0,
        help="images at the same time (default: one a processor)",
    )  # fmt: skip
    parser.add_argument(
        "--chunk", metavar="N", type=count, default=1, help="images per task (default 1)"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", default="",
        help="run on the Dask cluster of tcp://HOST:PORT, or 'local' for one of this machine",
    )  # fmt: skip
    parser.add_argument(
        "--transfer", choices=("path", "bytes"), default="path",
        help="how a cluster gets images: a shared path, or their bytes (default path)",
    )  # fmt: skip
    parser.add_argument(
        "--report", metavar="JSONL", type=Path, help="append one line of JSON for each image"
    )
    parser.add_argument(
        "--contact-sheet", metavar="HTML", type=Path, help="also write a page with all drawings"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    add_settings(parser)
    return parser


def _pairs(options: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Return the images and their outputs. Raises ImageError, SettingsError."""
    images = find_images(options.images)
    names = dict(zip(images, output_names(images), strict=True))  # the same for each part of them
    if options.frames:
        images, missing = select_frames(images, parse_frames(options.frames))
        if missing:
            _complain(f"There is no image of frame {_ranges(missing)}.")
    if not images:
        raise ImageError("No image was found.", "Check the names and --frames.")
    return [(image, options.output / names[image]) for image in images]


def _run(
    batch: Batch,
    pairs: list[tuple[Path, Path]],
    options: argparse.Namespace,
    bar: ProgressBar,
) -> int:
    finished = 0

    def on_record(record: Record) -> None:
        nonlocal finished
        finished += 1
        if record.status == "failed":
            bar.finish()
            _complain(f"{record.image}: {record.error}")
        bar.update("batch", finished / len(pairs), f"{finished} of {len(pairs)} images")

    for file in (batch.report, options.contact_sheet):
        if file is not None:
            make_folder(file.parent)
    records = run_batch(batch, pairs, on_record)
    if options.contact_sheet is not None:
        write_contact_sheet(options.contact_sheet, records)
    counts = {status: sum(record.status == status for record in records) for status in _STATES}
    bar.finish(", ".join(f"{count} {status}" for status, count in counts.items() if count))
    return 1 if counts["failed"] else 0


_STATES = ("done", "skipped", "failed")


def _ranges(frames: Sequence[int]) -> str:
    """Return sorted numbers as text: 1-3, 7."""
    parts: list[list[int]] = []
    for frame in frames:
        if parts and frame == parts[-1][-1] + 1:
            parts[-1].append(frame)
        else:
            parts.append([frame])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in parts)


def _complain(message: str) -> None:
    print("semvec: " + message.replace("\n", " "), file=sys.stderr)
