# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `semvec sequence`: frames of a shot to drawings that move with the picture."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from ..batch.inputs import find_images, frame_number, parse_frames
from ..engine.rerun_on_engine import run_on_engine
from ..errors import ImageError, SemvecError, SettingsError
from ..pipeline.progress import ProgressEvent
from ..sequence.convert import Conversion, Options, Output, Record
from ..sequence.frames import FileSource, MovieSource, Source, is_movie
from ..settings import Settings
from .arguments import OneLineParser, add_settings, settings_from
from .numbers import amount, count
from .progress_bar import ProgressBar


def main(arguments: Sequence[str]) -> int:
    """Run `semvec sequence ...`; returns the exit code: 0, 1 or 130."""
    parser = _parser()
    options = parser.parse_args(arguments)
    settings = settings_from(options, parser)
    code = run_on_engine(settings, ["sequence", *arguments])
    if code is not None:
        return code
    if settings.layering != Settings().layering:
        _complain("Shapes of a sequence lie on each other, as they move; the layering is ignored.")
    bar = ProgressBar(sys.stderr, options.quiet)
    try:
        source, name = _source(options)
        output = Output(options.output, options.name or name)
        reporter = _Reporter(bar, source.count)
        conversion = Conversion(
            source, settings, output, _options(options), reporter.on_record, reporter.on_progress
        )
        records = conversion.run()
    except SemvecError as error:
        bar.finish()
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        bar.finish()
        _complain("interrupted; run it again to continue")
        return 130
    bar.finish(_summary(records, output, reporter.seconds))
    return 1 if any(record.status == "failed" for record in records) else 0


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="semvec sequence", allow_abbrev=False,
        description="Vectorize an image sequence or a movie so that shapes stay the same from "
        "frame to frame. Run it again to continue after an interruption.",
    )  # fmt: skip
    parser.add_argument(
        "frames_given", nargs="+", metavar="FRAMES",
        help='folder, files, pattern ("shot/####.png", "shot/%%04d.png") or movie',
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", type=Path, required=True, help="folder for all files"
    )
    parser.add_argument("--name", metavar="NAME", help="start of all file names")
    parser.add_argument("--frames", metavar="RANGE", help="only these frames: 1-100, 1,5 or 1-9x2")
    parser.add_argument(
        "--step", metavar="N", type=count, default=1, help="only every Nth frame (default 1)"
    )
    parser.add_argument(
        "--fps", metavar="X", type=_at_most_1000, default=0.0,
        help="frames a second of animations (default: of the movie, else 24)",
    )  # fmt: skip
    parser.add_argument(
        "--smooth", metavar="FRAMES", type=_at_most_1000, default=0.0,
        help="smooth motion over so many frames, forward and backward (default 0, off)",
    )  # fmt: skip
    parser.add_argument(
        "--saliency", metavar="FILE", action="append", default=[],
        help="saliency map of the frame whose number its name has, or of the first; it moves with "
        "the picture; repeat the option, or give a folder or pattern",
    )  # fmt: skip
    parser.add_argument(
        "--masks", metavar="FILE", action="append", default=[], dest="mask_files",
        help="label image or mask of the frame whose number its name has, or of the first",
    )  # fmt: skip
    parser.add_argument("--anew", action="store_true", help="ignore what an earlier run has drawn")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    add_settings(parser)
    return parser


_at_most_1000 = partial(amount, most=1000.0)


def _source(options: argparse.Namespace) -> tuple[Source, str]:
    """Return the frames, and a name for the files. Raises ImageError, SettingsError."""
    wanted = parse_frames(options.frames) if options.frames else None
    files = [path for path in find_images(options.frames_given) if not path.name.startswith(".")]
    movies = [path for path in files if is_movie(path)]
    if movies:
        if len(files) > 1:
            raise SettingsError("A movie can't be combined with other files.", "Give one movie.")
        chosen = wanted[:: options.step] if wanted else None
        if chosen is None and options.step > 1:
            chosen = list(range(1, 1_000_000, options.step))
        return MovieSource(movies[0], chosen), movies[0].stem
    numbered = _numbered(files)
    if wanted is not None:
        known = set(wanted)
        numbered = [pair for pair in numbered if pair[0] in known]
    if not numbered:
        raise ImageError("No frame was found.", "Check the names and --frames.")
    expected = _expected([number for number, _ in numbered]) if wanted is None else wanted
    present, first = {number for number, _ in numbered}, numbered[0][0]
    _tell_missing([n for n in expected if n not in present and (n - first) % options.step == 0])
    chosen_files = _every(numbered, options.step)
    numbers, paths = zip(*chosen_files, strict=True)
    return FileSource(paths, numbers), _common_name(paths[0])


def _expected(numbers: Sequence[int]) -> range:
    """Return the numbers from first to last, in the smallest step between two of them."""
    steps = (b - a for a, b in itertools.pairwise(numbers))
    return range(numbers[0], numbers[-1] + 1, min(steps, default=1))


def _numbered(files: Sequence[Path]) -> list[tuple[int, Path]]:
    """Return files with their frame numbers, rising. Raises SettingsError."""
    numbers = [frame_number(file) for file in files]
    if len(files) == 1 and numbers[0] is None:
        return [(1, files[0])]
    without = [file for file, number in zip(files, numbers, strict=True) if number is None]
    if without:
        raise SettingsError(
            f"'{without[0]}' has no frame number in its name.", "Name frames as shot_0001.png."
        )
    pairs = sorted((n, file) for n, file in zip(numbers, files, strict=True) if n is not None)
    for (number, file), (following, other) in itertools.pairwise(pairs):
        if number == following:
            raise SettingsError(
                f"'{file.name}' and '{other.name}' are both frame {number}.",
                "Give the frames of one shot, by a pattern.",
            )
    return pairs


def _every(numbered: list[tuple[int, Path]], step: int) -> list[tuple[int, Path]]:
    first = numbered[0][0]
    return [pair for pair in numbered if (pair[0] - first) % step == 0]


def _common_name(path: Path) -> str:
    """Return a frame's name without its number, or that of its folder."""
    return path.stem.rstrip("0123456789").rstrip("_-. ") or path.absolute().parent.name or "frame"


def _tell_missing(numbers: Sequence[int]) -> None:
    if numbers:
        shown = ", ".join(map(str, numbers[:10])) + (" ..." if len(numbers) > 10 else "")
        _complain(f"There is no image of frame {shown}; its neighbors are connected.")


def _options(options: argparse.Namespace) -> Options:
    masks: dict[int, list[str]] = {}
    for number, path in _by_frame(options.mask_files):
        masks.setdefault(number, []).append(str(path))
    guides = dict(_by_frame(options.saliency))
    return Options(options.fps, options.smooth, guides, masks, options.anew)


def _by_frame(patterns: Iterable[str]) -> list[tuple[int, Path]]:
    """Return files with the numbers of their frames; -1, the first, for a name without one."""
    found = []
    for path in find_images(patterns):
        number = frame_number(path)
        found.append((-1 if number is None else number, path))
    return found


class _Reporter:
    """Progress of the frames, with the time left by the mean of those drawn so far."""

    def __init__(self, bar: ProgressBar, count: int | None) -> None:
        self._bar, self._count, self._done = bar, count, 0
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._started

    def on_record(self, record: Record) -> None:
        self._done += 1
        if record.note:
            self._bar.finish()
            _complain(f"{record.name}: {record.note}")
        self._update(0.0, "")

    def on_progress(self, event: ProgressEvent) -> None:
        self._update(event.fraction, f", {event.message.lower()}")

    def _update(self, part: float, message: str) -> None:
        if self._count:
            text = f"frame {min(self._done + 1, self._count)} of {self._count}{message}"
            self._bar.update("sequence", (self._done + part) / self._count, text)


def _summary(records: Sequence[Record], output: Output, seconds: float) -> str:
    counts = {status: sum(r.status == status for r in records) for status in _STATES}
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return f"{output.animation}: {told} in {seconds:.0f} s"


_STATES = ("done", "kept", "failed")


def _complain(message: str) -> None:
    print("semvec: " + message.replace("\n", " "), file=sys.stderr)
