# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec against the field, and against itself without its parts: `python3 dev.py bench quality`.

Results go to out/bench-quality: JSON and SVG for each method, photograph and budget, and
report.html to read. A run that was stopped goes on where it was. For all options:

    python3 dev.py bench quality --help
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from comparison import jobs, photographs, tables
from comparison.methods import ABLATIONS, EVERYTHING, FIELD
from comparison.page import page
from comparison.programs import why_missing
from comparison.sam_masks import keep_masks

from semvec.core.cli.progress_bar import ProgressBar
from semvec.core.errors import SemvecError

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OUTPUT = ROOT / "out" / "bench-quality"
FOLDERS = [SHARED / "bsds", SHARED / "images"]
BACKBONE = SHARED / "lpips" / "squeezenet1_1_features_fp16.npz"

BRIEF = tuple(
    column
    for column in tables.COLUMNS
    if column.key in ("psnr", "ssim", "lpips", "vec", "crossing", "nodes", "svg_bytes", "seconds")
)


def main() -> None:
    options = parse_arguments()
    files = chosen_files(options)
    methods = chosen_methods(options)
    folder = options.output / f"{options.resolution}px-effort{options.effort:g}"
    backbone = BACKBONE if BACKBONE.is_file() else None
    bar = ProgressBar(sys.stderr)
    masks = None
    if options.sam:
        folder = folder.with_name(f"{folder.name}-{Path(options.sam).stem}")
        masks = folder / "masks"
        find_masks(files, masks, options, bar)
    todo = [
        jobs.Job(
            *(folder, method, file, budget),
            *(options.resolution, options.effort, backbone, options.threads, masks),
        )
        for file in files
        for budget in options.budgets
        for method in methods
    ]
    for done, count, job in jobs.run(todo, options.processes, set(options.again)):
        bar.update("quality", done / count, f"{job.method} {job.file.stem} {job.budget}")
    bar.finish()
    jobs.add_perceptual(todo)
    report(todo, folder, options)


def find_masks(
    files: list[Path], folder: Path, options: argparse.Namespace, bar: ProgressBar
) -> None:
    """SAM's masks for photographs without labels; says what to do where something lacks."""
    try:
        keep_masks(
            *(files, options.resolution, options.sam, folder),
            lambda share, name: bar.update("masks", share, name),
        )
    except SemvecError as problem:
        sys.exit(f"No masks by SAM: {problem.message} {problem.hint}")


def chosen_files(options: argparse.Namespace) -> list[Path]:
    """Return the photographs asked for; the held-back half only on request."""
    missing = [folder for folder in options.photographs if not folder.is_dir()]
    if missing:
        sys.exit(f"There is no folder {missing[0]}; name others with --photographs.")
    shown, held_back = photographs.halves(photographs.find(options.photographs))
    return (held_back if options.held_back else shown)[: options.count]


def chosen_methods(options: argparse.Namespace) -> list[str]:
    """Return the methods asked for, without those whose programs are missing, which are named."""
    methods = list(options.methods)
    for name in options.ablations:
        methods += ABLATIONS[name]
    for name in methods:
        if why := why_missing(name):
            print(f"skipped: {name}, as {why}")
    return [name for name in dict.fromkeys(methods) if not why_missing(name)]


def report(todo: list[jobs.Job], folder: Path, options: argparse.Namespace) -> None:
    """Tables on the terminal, and the page."""
    count = len({job.file for job in todo})
    kind = "held-back photographs" if options.held_back else "photographs"
    note = (
        f"{count} {kind} at {options.resolution} px, {options.effort:g} times the published"
        f" iterations. python3 dev.py bench quality {' '.join(sys.argv[1:])}"
    )
    records = [jobs.read(job) for job in todo]
    labels = {name: method.label for name, method in EVERYTHING.items()}
    print(note)
    for budget in options.budgets:
        good = [r for r in records if r["budget"] == budget and "error" not in r]
        print(f"\n{budget} paths\n\n{tables.markdown(good, labels, BRIEF)}")
    for record in records:
        if "error" in record:
            print(f"failed: {record['method']} on {record['image']}: {record['error']}")
    file = folder / ("report-held-back.html" if options.held_back else "report.html")
    file.write_text(page(todo, options.pictures, note), encoding="utf-8")
    print(f"\nwritten: {file}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench quality", description=__doc__.split(":")[0])
    add = parser.add_argument
    add(
        "--photographs",
        nargs="+",
        type=Path,
        default=FOLDERS,
        metavar="FOLDER",
        help="folders of pictures; beside NAME.png, NAME.npz holds `labels`, NAME.txt a prompt",
    )
    add(
        "--sam",
        metavar="MODEL",
        help="masks by SAM where no labels lie beside a photograph: sam_vit_b, or a checkpoint",
    )
    add("--count", type=int, help="only so many photographs")
    add("--held-back", action="store_true", help="the photographs that are otherwise left out")
    add("--budgets", nargs="+", type=int, default=[64, 128, 256])
    add("--resolution", type=int, default=512)
    add(
        "--methods",
        nargs="*",
        choices=EVERYTHING,
        default=list(FIELD),
        metavar="METHOD",
        help=", ".join(EVERYTHING),
    )
    add(
        "--ablations",
        nargs="*",
        choices=ABLATIONS,
        default=[],
        metavar="ABLATION",
        help=", ".join(ABLATIONS),
    )
    add("--effort", type=float, default=1.0, help="scales everybody's iterations")
    add("--processes", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    add("--threads", type=int, default=0, help="of each process")
    add("--again", nargs="*", default=[], metavar="METHOD", help="don't reuse results of these")
    add("--pictures", type=int, default=6, help="photographs shown on the page")
    add("--output", type=Path, default=OUTPUT)
    return parser.parse_args()  # fmt: skip


if __name__ == "__main__":
    main()
