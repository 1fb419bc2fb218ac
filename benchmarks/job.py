# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole job, from pixels to SVG: `python3 dev.py bench job`.

Every photograph of ../shared/images is drawn with 128 primitives at 512 px with the
built-in masks, in a process of its own as the add-on's worker is one, and again with a
saliency painted over its main object. For comparison, the same renderer refines as many
random circles for as many iterations, which is what DiffVG's own example does.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from metrics.image import psnr
from metrics.memory import peak_memory
from metrics.shapes import shape_report

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, pack
from semvec.core.drawing import Path as DrawingPath
from semvec.core.image import Image, load_image, save_png
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.refinement.optimization import Optimization
from semvec.core.refinement.refine import PUBLISHED
from semvec.core.refinement.target import Target
from semvec.core.rendering.native import render
from semvec.core.settings import Settings
from semvec.core.svg import from_svg, to_svg

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT.parent / "shared" / "images"
OUTPUT = ROOT / "out" / "bench-job"

SETTINGS = Settings(budget=128, resolution=512)

# The main object of each photograph as an ellipse, by eye: center and radii as shares of
# the width and height.
MAIN_OBJECTS = {
    "kodim03": (0.25, 0.37, 0.16, 0.25),
    "kodim07": (0.53, 0.45, 0.10, 0.20),
    "kodim13": (0.50, 0.75, 0.30, 0.22),
    "kodim19": (0.60, 0.37, 0.12, 0.22),
    "kodim20": (0.25, 0.50, 0.15, 0.30),
    "kodim23": (0.70, 0.50, 0.18, 0.35),
    "sam_truck": (0.55, 0.48, 0.40, 0.24),
    "ski_astronaut": (0.45, 0.24, 0.17, 0.18),
    "ski_chelsea": (0.50, 0.50, 0.40, 0.30),
    "ski_coffee": (0.48, 0.35, 0.22, 0.30),
}


def main() -> None:
    if not IMAGES.is_dir():
        sys.exit(f"The test photographs are not there: {IMAGES}")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    rows = []
    for file in sorted(IMAGES.glob("*.png")):
        rows.append(in_own_process(measure, file))
        print_row(rows[-1])
    print_summary(rows)
    (OUTPUT / "report.json").write_text(json.dumps(rows, indent=1))


def in_own_process(function: Any, *arguments: Any) -> Any:
    """Return the function's result, from a fresh process that does nothing else."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def measure(file: Path) -> dict[str, Any]:
    """All figures of one photograph."""
    image = load_image(file)
    first_preview: list[float] = []
    started = time.perf_counter()
    result = vectorize(
        image, SETTINGS, on_preview=lambda _: first_preview.append(time.perf_counter() - started)
    )
    svg = to_svg(result.drawing)
    seconds = time.perf_counter() - started
    memory = peak_memory()
    again = to_svg(vectorize(image, SETTINGS).drawing)
    drawing = from_svg(svg)
    picture = painted(drawing, image)
    inside = main_object(file.stem, image)
    guided = vectorize(image, SETTINGS, saliency=inside.astype(np.float32)).drawing
    guided_picture = painted(guided, image)
    circles = random_circles(image)
    save_png(
        OUTPUT / f"{file.stem}.png",
        np.concatenate([image.rgb, picture, guided_picture, circles], axis=1),
    )
    (OUTPUT / f"{file.stem}.svg").write_text(svg)
    return {
        "image": file.stem,
        "seconds": seconds,
        "stages": result.report["seconds"],
        "first_preview": first_preview[0],
        "memory_mb": memory,
        "psnr": psnr(picture, image.rgb),
        "psnr_circles": psnr(circles, image.rgb),
        "psnr_object": psnr(picture, image.rgb, inside),
        "psnr_object_guided": psnr(guided_picture, image.rgb, inside),
        "psnr_guided": psnr(guided_picture, image.rgb),
        "bytes": len(svg),
        "same_again": svg == again,
        **shape_report(drawing),
    }


def painted(drawing: Drawing, image: Image) -> np.ndarray:
    return render(pack(drawing.paths), image.width, image.height)


def main_object(name: str, image: Image) -> np.ndarray:
    """Return the ellipse over the main object as a mask: bool [H, W]."""
    x, y, across, down = MAIN_OBJECTS.get(name, (0.5, 0.5, 0.25, 0.25))
    columns = (np.arange(image.width) + 0.5) / image.width - x
    rows = (np.arange(image.height) + 0.5) / image.height - y
    return (rows[:, None] / down) ** 2 + (columns / across) ** 2 <= 1


def random_circles(image: Image) -> np.ndarray:
    """Return the picture after refining random circles, all else as in our own run."""
    height, width = image.height, image.width
    random = np.random.default_rng(0)
    radius = 0.5 * np.sqrt(height * width / (np.pi * SETTINGS.budget))
    paths = [
        DrawingPath(
            [circle(random.uniform(0, 1, 2) * (width, height), radius)],
            np.append(random.uniform(0, 1, 3), 1.0).astype(np.float32),
            "detail",
        )
        for _ in range(SETTINGS.budget)
    ]
    target = Target(
        image.rgb,
        np.ones((height, width), np.float32),
        image.rgb.mean(axis=(0, 1)),
        np.zeros((height, width), np.int32),
        np.zeros(1, np.int32),
    )
    optimization = Optimization(paths, target, PUBLISHED.weights, threads=0)
    for _ in range(SETTINGS.iterations):
        optimization.step()
    return optimization.measure().image


def print_row(row: dict[str, Any]) -> None:
    parts = [
        f"{row['image']:14} {row['seconds']:5.1f} s",
        f"preview {row['first_preview']:4.2f} s",
        f"{row['memory_mb']:4.0f} MB",
        f"PSNR {row['psnr']:5.2f} (circles {row['psnr_circles']:5.2f})",
        f"object {row['psnr_object']:5.2f} -> {row['psnr_object_guided']:5.2f}",
        f"paths {row['paths']}",
        f"crossing {row['crossing_paths']}",
        f"slivers {row['slivers']}",
        f"nodes {row['nodes_per_structural_path']:4.1f} / {row['nodes_per_detail_path']:3.1f}",
        "same again" if row["same_again"] else "DIFFERENT the second time",
    ]
    print("  ".join(parts), flush=True)


def print_summary(rows: list[dict[str, Any]]) -> None:
    def mean(key: str) -> float:
        return statistics.fmean(row[key] for row in rows)

    crossing = 100 * sum(row["crossing_paths"] for row in rows) / mean("paths") / len(rows)
    gain = mean("psnr_object_guided") - mean("psnr_object")
    lines = [
        (
            "seconds from pixels to SVG, median",
            statistics.median(r["seconds"] for r in rows),
            "<= 5",
        ),
        ("seconds to the first preview, largest", max(r["first_preview"] for r in rows), "<= 1"),
        ("peak memory of the process, MB, largest", max(r["memory_mb"] for r in rows), "<= 400"),
        ("mean PSNR, dB", mean("psnr"), ""),
        ("  above random circles", mean("psnr") - mean("psnr_circles"), ">= 2"),
        ("PSNR of the main object, painted - not", gain, ">= 1.5"),
        ("  of the whole image", mean("psnr_guided") - mean("psnr"), ""),
        ("paths that cross themselves, %", crossing, "<= 0.5"),
        ("slivers", sum(row["slivers"] for row in rows), "0"),
        ("nodes a structural path, mean", mean("nodes_per_structural_path"), "<= 12"),
        ("nodes a detail path, mean", mean("nodes_per_detail_path"), "<= 8"),
        ("anchors that are smooth, %", 100 * mean("smooth_anchors"), ""),
        ("anchors that are spikes, %", 100 * mean("spikes"), ""),
        ("path area outside of the canvas, %", 100 * mean("outside_share"), ""),
        ("KB an SVG, mean", mean("bytes") / 1000, ""),
    ]
    print()
    for label, value, asked in lines:
        print(f"{label:42} {value:8.2f}   {asked and 'asked: ' + asked}")
    print(f"{SETTINGS.budget} paths each time: {all(r['paths'] == SETTINGS.budget for r in rows)}")
    print(f"the same bytes twice: {all(r['same_again'] for r in rows)}")
    print(f"photograph | drawing | guided by the object | circles: {OUTPUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
