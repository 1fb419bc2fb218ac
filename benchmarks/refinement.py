# SPDX-License-Identifier: GPL-3.0-or-later
"""Ablation of the parts of Stage III: `python3 dev.py bench refinement`.

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
from typing import Any, NamedTuple

import numpy as np
from job import IMAGES, ROOT  # beside this file
from metrics.image import psnr, ssim
from metrics.shapes import shape_report

from semvec.core.clustering.merging import cluster
from semvec.core.drawing import Drawing, Path, pack
from semvec.core.image import Image, load_image, resize
from semvec.core.pipeline.opacity import Opacity
from semvec.core.pipeline.target import refinement_target
from semvec.core.refinement import refine
from semvec.core.refinement.refine import PUBLISHED, Refinement, RefinementSchedule, contained
from semvec.core.refinement.target import Target
from semvec.core.rendering.native import render
from semvec.core.saliency.maps import uniform
from semvec.core.segmentation.builtin import over_segment
from semvec.core.settings import Settings
from semvec.core.tracing.structural import structural_paths

OPAQUE = Opacity(None, None, False)
NAMES = ("kodim07", "kodim20", "kodim23", "sam_truck", "ski_astronaut", "ski_coffee")
SETTINGS = Settings()
CLEAN = contained(refine.CLEAN, SETTINGS.containment)
OUTPUT = ROOT / "out" / "bench-refinement.json"


class Start(NamedTuple):
    """Input of Stage III at working size: image, regions, structural paths and target."""

    work: Image
    labels: np.ndarray
    paths: list[Path]
    target: Target


def start_of(image: Image, clustering: str = SETTINGS.clustering) -> Start:
    """Run the stages before Stage III, without guidance."""
    work = resize(image, SETTINGS.resolution)
    saliency = uniform(work.height, work.width)
    initial = over_segment(work.rgb, SETTINGS.mask_count)
    merged = cluster(initial, work.rgb, saliency, SETTINGS.structural, clustering)
    paths = structural_paths(merged.labels, work.rgb, threads=0)[: SETTINGS.structural]
    target = refinement_target(work, initial, merged.tree, merged.labels, saliency, OPAQUE)
    return Start(work, merged.labels, paths, target)


def variants() -> Iterator[tuple[str, RefinementSchedule]]:
    """Return the schedule, and what it is without each of its parts."""

    def weights(**changes: Any) -> RefinementSchedule:
        return replace(CLEAN, weights=replace(CLEAN.weights, **changes))

    yield "clean", CLEAN
    yield "published", PUBLISHED
    yield "outlines may cross", weights(simple=False)
    yield "no fairness", weights(fairness=0.0)
    yield "no smoothness", weights(smoothness=0.0)
    yield "no spike penalty", weights(spike_penalty=0.0)
    yield "spikes not pruned", replace(CLEAN, prunes_spikes=False)
    yield "no sharpness", weights(sharpness=0.0)
    yield "ten times the fairness", weights(fairness=10 * CLEAN.weights.fairness)
    yield "detail at borders too", replace(CLEAN, border_distance=0.0)
    yield "no containment", weights(structural_containment=0.0, detail_containment=0.0)
    yield "structure frozen", weights(structural_rate=0.0)
    yield "structure as fast as detail", weights(structural_rate=CLEAN.weights.detail_rate)
    yield "detail in 8 batches", replace(CLEAN, batches=8)
    yield "no relocation", replace(CLEAN, relocations=0)
    yield "never coarse", replace(CLEAN, coarse_above=1 << 30)
    yield "4 cubics a detail shape", replace(CLEAN, detail_segments=4)
    yield "5 cubics a detail shape", replace(CLEAN, detail_segments=5)


def main() -> None:
    files = [IMAGES / f"{name}.png" for name in NAMES]
    if not all(file.is_file() for file in files):
        sys.exit(f"The test photographs are not there: {IMAGES}")
    starts = [start_of(load_image(file)) for file in files]
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
        others = (start_of(load_image(file), method) for file in files)
        record(f"clustering by {method}", [measure(start, CLEAN) for start in others])
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=1))


def measure(start: Start, schedule: RefinementSchedule, ramps: bool = False) -> dict[str, float]:
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
