# SPDX-License-Identifier: GPL-3.0-or-later
"""What each part of Stage III is worth: `python3 dev.py bench refinement`.

Draws photographs of ../shared/images at 128 primitives and 512 px, with the schedule as it
is and with one part changed at a time, from the same structural paths; then with each way
of clustering. Prints means, and writes out/bench-refinement.json.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from job import IMAGES, ROOT  # beside this file

from semvec.core.drawing import Drawing, pack
from semvec.core.image import load_image
from semvec.core.metrics import psnr, shape_report, ssim
from semvec.core.pipeline.structural_stage import Structure, find_structure
from semvec.core.refinement import refine
from semvec.core.refinement.refine import PAPER, Refinement, Schedule, structured
from semvec.core.rendering.native import render
from semvec.core.settings import Settings

NAMES = ("kodim07", "kodim20", "kodim23", "sam_truck", "ski_astronaut", "ski_coffee")
SETTINGS = Settings()
CLEAN = structured(refine.CLEAN, SETTINGS.containment)
OUTPUT = ROOT / "out" / "bench-refinement.json"


def variants() -> Iterator[tuple[str, Schedule]]:
    """The schedule, and what it is without each of its parts."""

    def forces(**changes: Any) -> Schedule:
        return replace(CLEAN, forces=replace(CLEAN.forces, **changes))

    yield "clean", CLEAN
    yield "published", PAPER
    yield "outlines may cross", forces(simple=False)
    yield "no fairness", forces(fairness=0.0)
    yield "no smoothness", forces(smoothness=0.0)
    yield "no bluntness", forces(bluntness=0.0)
    yield "needles not cut off", replace(CLEAN, trims=False)
    yield "no sharpness", forces(sharpness=0.0)
    yield "ten times the fairness", forces(fairness=10 * CLEAN.forces.fairness)
    yield "detail at borders too", replace(CLEAN, reach=0.0)
    yield "no containment", forces(structural_containment=0.0, detail_containment=0.0)
    yield "structure frozen", forces(structural_rate=0.0)
    yield "structure as fast as detail", forces(structural_rate=CLEAN.forces.detail_rate)
    yield "detail in 8 batches", replace(CLEAN, batches=8)
    yield "nothing born again", replace(CLEAN, rebirths=0)
    yield "never coarse", replace(CLEAN, coarse_above=1 << 30)
    yield "4 cubics a detail shape", replace(CLEAN, detail_segments=4)
    yield "5 cubics a detail shape", replace(CLEAN, detail_segments=5)


def main() -> None:
    files = [IMAGES / f"{name}.png" for name in NAMES]
    if not all(file.is_file() for file in files):
        sys.exit(f"The test photographs are not there: {IMAGES}")
    starts = [find_structure(load_image(file), SETTINGS) for file in files]
    report = {}
    print(f"{'':30} PSNR dB  SSIM  crossing %  smooth %  spikes %  slivers  CPU s")

    def record(label: str, rows: list[dict[str, float]]) -> None:
        means = {key: statistics.fmean(row[key] for row in rows) for key in rows[0]}
        report[label] = means
        print(
            f"{label:30} {means['psnr']:7.2f} {means['ssim']:5.3f} {means['crossing']:10.2f} "
            f"{means['smooth']:9.1f} {means['spikes']:9.2f} {means['slivers']:8.2f} "
            f"{means['cpu']:6.2f}",
            flush=True,
        )

    for label, schedule in variants():
        record(label, [measure(start, schedule) for start in starts])
    record("gradient fills", [measure(start, CLEAN, ramps=True) for start in starts])
    for method in ("exact", "recolor", "kmeans", "dbscan"):
        settings = replace(SETTINGS, clustering=method)
        others = (find_structure(load_image(file), settings) for file in files)
        record(f"clustering by {method}", [measure(start, CLEAN) for start in others])
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=1))


def measure(start: Structure, schedule: Schedule, ramps: bool = False) -> dict[str, float]:
    """Figures of one photograph drawn by one schedule, before the final repair."""
    began = time.process_time()
    refinement = Refinement(
        start.target,
        start.labels,
        schedule=schedule,
        iterations=SETTINGS.iterations,
        threads=1,
        ramps=ramps,
    )
    count = SETTINGS.budget - len(start.paths)
    paths = refinement.run(start.paths, count, SETTINGS.seed)
    cpu = time.process_time() - began
    image = start.work
    drawing = Drawing(image.width, image.height, paths)
    shapes = shape_report(drawing)
    picture = render(pack(paths), image.width, image.height)
    return {
        "psnr": psnr(picture, image.rgb),
        "ssim": ssim(picture, image.rgb),
        "crossing": 100 * shapes["crossing_paths"] / len(paths),
        "smooth": 100 * shapes["smooth_anchors"],
        "spikes": 100 * shapes["spikes"],
        "slivers": shapes["slivers"],
        "cpu": cpu,
    }


if __name__ == "__main__":
    main()
