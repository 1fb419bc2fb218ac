# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `semvec`: images in, SVG files out."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.rerun_on_engine import run_on_engine
from ..errors import SemvecError
from ..image import load_image, save_png
from ..pipeline.progress import RunProgress
from ..pipeline.saliency_map import saliency_map
from ..pipeline.vectorize import Result, vectorize
from ..saliency.maps import gaussian_noise, load_saliency
from ..saliency.sources import requests_in
from ..segmentation.partition import load_masks
from ..svg import save_svg
from ..system.files import check_output, make_folder, write_output
from ..system.standard_streams import flush_output, own_streams
from ..version import VERSION
from .arguments import NOISE, Job, Request, parse
from .preview import preview_pixels
from .progress_bar import ProgressBar


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 or 130 (2 leaves at once)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with own_streams():
        try:
            code = _run(given)
        except OSError as error:  # of stdout: all files have typed errors
            if not isinstance(error, BrokenPipeError):
                _complain(f"The output can't be written: {error.strerror or error}.")
            code = 1
        return code if flush_output() else 1


def _run(given: list[str]) -> int:
    if given[:1] in (["engine"], ["models"]):
        from . import engine_commands

        return engine_commands.main(given)
    if given[:1] == ["batch"]:
        from . import batch_command

        return batch_command.main(given[1:])
    if given[:1] == ["simplify"]:
        from . import simplify_command

        return simplify_command.main(given[1:])
    if given[:1] == ["refine"]:
        from . import refine_command

        return refine_command.main(given[1:])
    if given[:1] == ["sequence"]:
        from . import sequence_command

        return sequence_command.main(given[1:])
    if given[:1] == ["devices"]:
        from . import devices_command

        return devices_command.main(given[1:])
    request = parse(given)
    code = run_on_engine(request.settings, given)
    return _vectorize_all(request) if code is None else code


def _vectorize_all(request: Request) -> int:
    """Run all jobs; returns the exit code."""
    for source in (found.source for found in requests_in(request.settings)):
        if reason := source.why_unavailable():
            _complain(f"{source.title} guidance is not available: {reason}.")
    bar = ProgressBar(sys.stderr, request.quiet)
    failures = 0
    try:
        for folder in request.folders:
            make_folder(folder)
        for job in request.jobs:
            failures += not _succeeds(job, request, bar)
    except SemvecError as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        bar.finish()
        _complain("interrupted")
        return 130
    return 1 if failures else 0


def _succeeds(job: Job, request: Request, bar: ProgressBar) -> bool:
    """Run a job and report the result or the error; returns whether it succeeded."""
    try:
        result = _vectorize(job, request, bar)
    except SemvecError as error:
        bar.finish()
        _complain(f"{job.image}: {error}")
    except MemoryError:
        bar.finish()
        _complain(f"{job.image}: There is not enough memory. (Choose a smaller --resolution.)")
    else:
        bar.finish(_summary(job, result))
        for note in result.report["notes"]:
            _complain(f"{job.image}: {note}")
        return True
    return False


def _complain(message: str) -> None:
    print("semvec: " + message.replace("\n", " "), file=sys.stderr)


def _vectorize(job: Job, request: Request, bar: ProgressBar) -> Result:
    """Vectorize the image of a job and write its files."""
    for output in job.outputs:
        check_output(output)
    image = load_image(job.image)
    size = image.height, image.width
    painted = _painted(request, *size)
    cache: dict[str, np.ndarray] = {}
    if job.saliency is not None:  # first: it can be checked during the run
        progress = RunProgress(lambda progress: bar.update(job.image.name, 0.0, progress.message))
        found = saliency_map(
            image, request.settings, painted=painted, cache=cache, progress=progress
        )
        save_png(job.saliency, found)
    result = vectorize(
        image,
        request.settings,
        saliency=painted,
        masks=load_masks(request.masks, size) if request.masks else None,
        on_progress=lambda progress: bar.update(
            job.image.name, progress.fraction, progress.message
        ),
        cache=cache,
    )
    save_svg(result.drawing, job.svg)
    if job.preview is not None:
        save_png(job.preview, preview_pixels(result.drawing, image))
    if job.report is not None:
        write_output(job.report, json.dumps(_report(job, result), indent=2).encode())
    return result


def _painted(request: Request, height: int, width: int) -> np.ndarray | None:
    if request.saliency is None:
        return None
    if request.saliency == NOISE:
        return gaussian_noise(height, width, request.settings.seed)
    return load_saliency(request.saliency, height, width)


def _report(job: Job, result: Result) -> dict[str, Any]:
    """Return the report of a job as plain JSON types."""
    return {
        "image": str(job.image),
        "svg": str(job.svg),
        "size": [result.drawing.width, result.drawing.height],
        **result.report,
        "versions": {
            "semvec": VERSION,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": platform.platform(),
        },
    }


def _summary(job: Job, result: Result) -> str:
    report = result.report
    seconds = sum(report["seconds"].values())
    return (
        f"{job.svg}: {report['budget_used']}, {report['nodes']} nodes, "
        f"{report['psnr']:.1f} dB, {seconds:.1f} s"
    )
