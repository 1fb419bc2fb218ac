# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the command line, and the files that it reads and writes.

The options of settings are generated from settings.py. An existing output is replaced, as other
converters do, but never a file that is also read.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from ..batch.inputs import output_names
from ..decoding.formats import NAMES
from ..errors import SettingsError
from ..settings import Settings, current_setting, former_names
from ..version import VERSION

NOISE = "noise"


@dataclass(frozen=True)
class Job:
    """One image and its output files."""

    image: Path
    svg: Path
    preview: Path | None
    saliency: Path | None
    report: Path | None

    @property
    def outputs(self) -> list[Path]:
        """All output files."""
        files = (self.svg, self.preview, self.saliency, self.report)
        return [path for path in files if path is not None]


@dataclass(frozen=True)
class Request:
    """Content of a command line.

    folders: folders to create where they are missing. saliency: a file's name or NOISE.
    """

    jobs: list[Job]
    folders: list[Path]
    settings: Settings
    saliency: str | None
    masks: list[str]
    quiet: bool


def parse(arguments: Sequence[str] | None = None) -> Request:
    """Return the content of a command line; exits with code 2 and one line where it is invalid."""
    parser = _parser()
    options = parser.parse_args(arguments)
    settings = settings_from(options, parser)
    masks = options.mask_files or []
    images = [Path(image) for image in options.images]
    names = output_names(images, "")
    jobs = [_job(image, name, options, parser) for image, name in zip(images, names, strict=True)]
    _check_files(jobs, [*options.images, *masks, options.saliency or ""], parser)
    outputs = (options.output, options.preview, options.save_saliency, options.report)
    folders = [Path(option) for option in outputs if option and _is_folder(option, options)]
    return Request(jobs, folders, settings, options.saliency, masks, options.quiet)


def settings_from(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Settings:
    """Return the settings of parsed options; exits with code 2 where they are invalid."""
    names = [item.name for item in fields(Settings)]
    given = {name: getattr(options, name) for name in names if hasattr(options, name)}
    try:
        return Settings.from_dict(given)
    except SettingsError as error:
        parser.error(str(error))


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add an option for each setting."""
    settings = parser.add_argument_group("settings")
    for item in fields(Settings):
        _add_setting(settings, item)
        _add_former_option(settings, item)


class OneLineParser(argparse.ArgumentParser):
    """argparse with errors of one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="semvec",
        description="Draw pictures with a fixed budget of clean, editable Bézier curves.",
        epilog="Existing outputs are replaced. Exit codes: 0 all drawn, 1 a picture failed, "
        "2 the command line is wrong, 130 interrupted. 'semvec engine --help' and 'semvec models "
        "--help' tell how to install what prompts and SAM need; 'semvec devices' lists what "
        "--compute can name. 'semvec batch --help' describes many images at once, 'semvec sequence "
        "--help' the frames of a shot, 'semvec refine --help' changes to a finished drawing.",
        allow_abbrev=False,
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help=f"image files: {NAMES}")
    files = parser.add_argument_group("files")
    files.add_argument(
        "-o", "--output", metavar="SVG",
        help="SVG file to write, or a folder; by default beside each image",
    )  # fmt: skip
    files.add_argument(
        "--saliency", metavar="FILE",
        help=f"saliency map, white where details matter; or '{NOISE}' for Gaussian noise",
    )  # fmt: skip
    files.add_argument(
        "--masks", metavar="FILE", action="append", dest="mask_files",
        help="label image, or one mask; repeat the option for several masks",
    )  # fmt: skip
    files.add_argument("--preview", metavar="PNG", help="also write a rendering of the drawing")
    files.add_argument(
        "--save-saliency", metavar="PNG",
        help="also write the saliency map of the given map and the prompt",
    )  # fmt: skip
    files.add_argument("--report", metavar="JSON", help="also write settings, times and quality")
    add_settings(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    parser.add_argument("--version", action="version", version=f"semvec {VERSION}")
    return parser


def _add_setting(group: Any, item: Any) -> None:
    """Add the option for one field of Settings."""
    metadata, kind = item.metadata, type(item.default)
    flags = metadata["flags"] or (_flag(item.name),)
    bounds = ""
    if metadata["minimum"] is not None:
        bounds = f"{metadata['minimum']} to {metadata['maximum']}, "
    default = "" if kind is bool or item.default == "" else f" ({bounds}default {item.default})"
    text = (metadata["help"] + default).replace("%", "%%")
    group.add_argument(*flags, help=text, **_parsing(item))


def _add_former_option(group: Any, item: Any) -> None:
    """Add the option that a renamed setting had in version 0.1, without a line in the help."""
    for former, current in former_names().items():
        if current == item.name and _flag(former) != "--masks":  # now the option for mask files
            group.add_argument(_flag(former), help=argparse.SUPPRESS, **_parsing(item))


def _parsing(item: Any) -> dict[str, Any]:
    """Return the arguments with which argparse parses a field of Settings."""
    kind = type(item.default)
    options: dict[str, Any] = {"dest": item.name, "default": argparse.SUPPRESS}
    if kind is bool:
        return {**options, "action": argparse.BooleanOptionalAction}
    if item.metadata["choices"]:
        choices = tuple(item.metadata["choices"])
        return {
            **options,
            "choices": choices,
            "type": lambda value: current_setting(item.name, value)[1],
        }
    return {**options, "type": kind, "metavar": {int: "N", float: "X", str: "TEXT"}[kind]}


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _job(
    image: Path, name: str, options: argparse.Namespace, parser: argparse.ArgumentParser
) -> Job:
    def target(option: str | None, suffix: str, addition: str = "") -> Path | None:
        if option is None:
            return None
        if _is_folder(option, options):
            return Path(option) / (name + addition + suffix)
        if not option.lower().endswith(suffix):
            parser.error(f"'{option}' must end in {suffix}, or in / for a folder")
        return Path(option)

    return Job(
        image,
        target(options.output, ".svg") or image.parent / (name + ".svg"),
        target(options.preview, ".png"),
        target(options.save_saliency, ".png", "-saliency"),
        target(options.report, ".json"),
    )


def _is_folder(option: str, options: argparse.Namespace) -> bool:
    """Return whether an output option names a folder rather than a file."""
    return len(options.images) > 1 or option.endswith(("/", os.sep)) or os.path.isdir(option)


def _check_files(jobs: list[Job], read: Iterable[str], parser: argparse.ArgumentParser) -> None:
    """Exit where a file would be written twice, or also read."""
    inputs = {os.path.realpath(path) for path in read}
    written: set[str] = set()
    for path in (path for job in jobs for path in job.outputs):
        place = os.path.realpath(path)
        if place in inputs:
            parser.error(f"'{path}' would be read and written; choose another output")
        if place in written:
            parser.error(f"'{path}' would be written twice; draw one image at a time")
        written.add(place)
