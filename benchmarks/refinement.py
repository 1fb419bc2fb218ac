# SPDX-License-Identifier: GPL-3.0-or-later
"""What each part of Stage III is worth: `python3 dev.py bench refinement`.

Draws photographs of ../shared/images at 128 primitives and 512 px, with the schedule as it
is and with one part changed at a time, from the same structural paths. Prints means, and
writes out/bench-refinement.json.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from job import IMAGES, ROOT, corners  # beside this file

from semvec.core.drawing import Drawing, pack
from semvec.core.image import load_image
from semvec.core.metrics import psnr, shape_report
from semvec.core.refinement.refine import CLEAN, PAPER, Refinement, Schedule
from semvec.core.rendering.native import render
from semvec.core.settings import Settings
from semvec.core.structure import Structure, find_structure

NAMES = ("kodim07", "kodim20", "kodim23", "sam_truck", "ski_astronaut", "ski_coffee")
SETTINGS = Settings()
OUTPUT = ROOT / "out" / "bench-refinement.json"


def variants() -> Iterator[tuple[str, Schedule]]:
    """The schedule, and what it is without each of its parts."""

    def forces(**changes: Any) -> Schedule:
        return replace(CLEAN, forces=replace(CLEAN.forces, **changes))

    yield "clean", CLEAN
    yield "paper", PAPER
    yield "outlines may cross", forces(simple=False)
    yield "no fairness", forces(fairness=0.0)
    yield "no smoothness", forces(smoothness=0.0)
    yield "no containment", forces(structural_containment=0.0, detail_containment=0.0)
    yield "structure frozen", forces(structural_rate=0.0)
    yield "structure as fast as detail", forces(structural_rate=CLEAN.forces.detail_rate)
    yield "detail in 8 batches", replace(CLEAN, batches=8)
    yield "nothing born again", replace(CLEAN, rebirths=0)
    yield "never coarse", replace(CLEAN, coarse_above=1 << 30)
    yield "4 cubics a detail shape", replace(CLEAN, detail_segments=4)
    yield "6 cubics a detail shape", replace(CLEAN, detail_segments=6)


def main() -> None:
    files = [IMAGES / f"{name}.png" for name in NAMES]
    if not all(file.is_file() for file in files):
        sys.exit(f"The test photographs are not there: {IMAGES}")
    starts = [find_structure(load_image(file), SETTINGS) for file in files]
    report = {}
    print(f"{'':30} PSNR dB  crossing %  smooth %  spikes %  slivers  CPU s")
    for label, schedule in variants():
        rows = [measure(start, schedule) for start in starts]
        means = {key: statistics.fmean(row[key] for row in rows) for key in rows[0]}
        report[label] = means
        print(
            f"{label:30} {means['psnr']:7.2f} {means['crossing']:10.2f} {means['smooth']:9.1f} "
            f"{means['spikes']:9.2f} {means['slivers']:8.2f} {means['cpu']:6.2f}",
            flush=True,
        )
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=1))


def measure(start: Structure, schedule: Schedule) -> dict[str, float]:
    """Figures of one photograph drawn by one schedule, before the final repair."""
    began = time.process_time()
    refinement = Refinement(
        start.target,
        start.labels,
        schedule=schedule,
        iterations=SETTINGS.iterations,
        threads=1,
    )
    count = SETTINGS.budget - len(start.paths)
    paths = refinement.run(start.paths, count, SETTINGS.seed)
    cpu = time.process_time() - began
    image = start.work
    drawing = Drawing(image.width, image.height, paths)
    shapes, turns = shape_report(drawing), corners(drawing)
    return {
        "psnr": psnr(render(pack(paths), image.width, image.height), image.rgb),
        "crossing": 100 * shapes["crossing_paths"] / len(paths),
        "smooth": 100 * turns["smooth_anchors"],
        "spikes": 100 * turns["spikes"],
        "slivers": shapes["slivers"],
        "cpu": cpu,
    }


if __name__ == "__main__":
    main()
