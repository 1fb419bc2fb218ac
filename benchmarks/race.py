# SPDX-License-Identifier: GPL-3.0-or-later
"""Race of all methods to a given PSNR: rising numbers of iterations, one processor each.

    python3 dev.py bench race [--count 6] [--budget 128]

A job's figures are kept where `bench quality` keeps its own (out/bench-quality), so a race that
was stopped goes on where it was. Prints the curves, and for some values of PSNR the processor
time at which each method gets there, between two points of its curve; writes them as a chart.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path

import numpy as np
from comparison import jobs
from comparison.charts import Series, scatter
from comparison.methods import FIELD
from comparison.tables import mean
from quality import BACKBONE, FOLDERS, OUTPUT, chosen_files

from semvec.core.cli.progress_bar import ProgressBar

EFFORTS = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)  # of the published iterations
RACERS = ("diffvg", "live", "optimize_reduce", "sglive", "livss", "paper", "ours", "ours_gradient")
DECIBELS = (22.0, 23.0, 24.0, 24.5, 25.0, 25.5, 26.0)


def main() -> None:
    options = parse_arguments()
    files = chosen_files(options)
    todo = {
        (method, effort): [job_of(options, method, effort, file) for file in files]
        for effort in EFFORTS
        for method in RACERS
    }
    everything = [job for of in todo.values() for job in of]
    bar = ProgressBar(sys.stderr)
    for done, count, job in jobs.run(everything, options.processes, set(options.again)):
        bar.update("race", done / count, f"{job.method} {job.effort:g} {job.file.stem}")
    bar.finish()
    curves = {method: [means(todo[method, effort]) for effort in EFFORTS] for method in RACERS}
    print_curves(curves)
    print_arrivals(curves)
    series = [
        Series(FIELD[method].label, [point for point in curve if point[1] >= DECIBELS[0]])
        for method, curve in curves.items()
    ]
    axes = ("processor time, seconds", "PSNR, dB")
    chart = scatter("Fidelity and time", *axes, series, logarithmic=True)
    file = options.output / "race.svg"
    file.write_text(chart.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    print(f"\nwritten: {file}")


def job_of(options: argparse.Namespace, method: str, effort: float, file: Path) -> jobs.Job:
    folder = options.output / f"{options.resolution}px-effort{effort:g}"
    size = (options.budget, options.resolution)
    return jobs.Job(folder, method, file, *size, effort, BACKBONE, threads=1)


def means(of: list[jobs.Job]) -> tuple[float, float]:
    """Processor time in seconds and PSNR in dB."""
    records = [jobs.read(job) for job in of]
    return mean(records, "cpu_seconds"), mean(records, "psnr")


def arrival(curve: list[tuple[float, float]], decibels: float) -> float:
    """Return the seconds after which a curve reaches this PSNR; infinity where it never does."""
    before: tuple[float, float] | None = None
    for seconds, reached in curve:
        if reached >= decibels:
            if before is None:
                return seconds
            share = (decibels - before[1]) / (reached - before[1])
            return float(np.exp((1 - share) * np.log(before[0]) + share * np.log(seconds)))
        before = seconds, reached
    return math.inf


def print_curves(curves: dict[str, list[tuple[float, float]]]) -> None:
    print("| method | " + " | ".join(f"× {effort:g}" for effort in EFFORTS) + " |")
    print("| --- |" + " --- |" * len(EFFORTS))
    for method, curve in curves.items():
        cells = [f"{decibels:.2f} dB, {seconds:.1f} s" for seconds, decibels in curve]
        print(f"| {FIELD[method].label} | " + " | ".join(cells) + " |")


def print_arrivals(curves: dict[str, list[tuple[float, float]]]) -> None:
    print("\n| method | " + " | ".join(f"{decibels:g} dB" for decibels in DECIBELS) + " |")
    print("| --- |" + " ---: |" * len(DECIBELS))
    for method, curve in curves.items():
        times = [arrival(curve, decibels) for decibels in DECIBELS]
        cells = [f"{seconds:.1f} s" if math.isfinite(seconds) else "never" for seconds in times]
        print(f"| {FIELD[method].label} | " + " | ".join(cells) + " |")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench race", description=__doc__.split(":")[0])
    add = parser.add_argument
    add("--photographs", nargs="+", type=Path, default=FOLDERS, metavar="FOLDER")
    add("--count", type=int, default=6, help="so many photographs")
    add("--budget", type=int, default=128)
    add("--resolution", type=int, default=512)
    add("--processes", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    add("--again", nargs="*", default=[], metavar="METHOD", help="don't reuse results of these")
    add("--output", type=Path, default=OUTPUT)
    parser.set_defaults(held_back=False)
    return parser.parse_args()


if __name__ == "__main__":
    main()
