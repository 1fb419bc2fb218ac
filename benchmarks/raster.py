# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of the native rasterizer's speed: `python3 dev.py bench raster`.

The scene: 40 % large shapes of area 1/(0.4·N) of the image, 60 % circles of radius 5 px,
four cubics each, opaque, at random places; and the same with a ramp on every path. Times
are CPU time of one thread, medians of several batches, so that a busy machine disturbs
them little. Where `pydiffvg` can be imported, the same step (2x2 samples, mean squared
error, forward and backward) is timed with it in the same run.
"""

from __future__ import annotations

import importlib.util
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from semvec.core.bezier import circle
from semvec.core.drawing import Path as DrawingPath
from semvec.core.drawing import Ramps, Scene, pack
from semvec.core.rendering.native import FitStep, fit_step, render

SCENES = [  # side in pixels, number of paths
    *[(256, count) for count in (64, 128, 256, 512)],
    *[(512, count) for count in (128, 512, 1024)],
    (1024, 2048),
    (2048, 8192),
    (4096, 16384),
]
TARGETS_MS = {(256, 128): 1.2, (512, 1024): 8.0}
HAS_DIFFVG = importlib.util.find_spec("pydiffvg") is not None
OUTPUT = Path(__file__).resolve().parents[1] / "out" / "bench-raster.json"


def benchmark_scene(side: int, paths: int, seed: int = 0) -> Scene:
    """Return the scene described above, on a canvas of side x side pixels."""
    random = np.random.default_rng(seed)
    large = round(0.4 * paths)
    radii = np.full(paths, 5.0)
    radii[:large] = side / math.sqrt(math.pi * large)
    shapes = []
    for radius in radii:
        points = circle(random.uniform(0, side, 2), radius)
        points += random.uniform(-0.15, 0.15, points.shape).astype(np.float32) * radius
        fill = np.append(random.uniform(0, 1, 3), 1.0).astype(np.float32)
        shapes.append(DrawingPath([points], fill))
    return pack(shapes)


def with_ramps(scene: Scene) -> Scene:
    """Linear and radial ramps in turn, across each path's box or from its middle to a corner."""
    boxes = scene.points.reshape(len(scene.colors), -1, 2)
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    kinds = 1 + np.arange(len(boxes), dtype=np.int32) % 2
    starts = np.where(kinds[:, None] == 1, low, (low + high) / 2)
    return scene._replace(ramps=Ramps(kinds, np.hstack([starts, high]), 1 - scene.colors[:, :3]))


def target_image(side: int, seed: int = 1) -> np.ndarray:
    """Something to compare with; what it shows makes no difference to the time."""
    return np.random.default_rng(seed).random((side, side, 3), dtype=np.float32)


def bounding_box_megapixels(scene: Scene, side: int) -> float:
    """Area of the paths' bounding boxes on the canvas, in millions of pixels."""
    boxes = np.clip(scene.points, 0, side).reshape(len(scene.colors), -1, 2)
    return float(np.prod(boxes.max(axis=1) - boxes.min(axis=1), axis=1).sum()) / 1e6


class Times(NamedTuple):
    """CPU milliseconds of one call: median and best of the batches."""

    median: float
    best: float


def cpu_times(job: Callable[[], Any], batches: int = 9, seconds: float = 0.1) -> Times:
    """Return times of a call from batches of about `seconds` each."""
    job()
    repeats = max(1, round(seconds / max(cpu_seconds(job, 1), 1e-6)))
    means = [1e3 * cpu_seconds(job, repeats) for _ in range(batches)]
    return Times(statistics.median(means), min(means))


def cpu_seconds(job: Callable[[], Any], repeats: int) -> float:
    """Mean CPU time of `repeats` calls, all threads of the process together."""
    started = time.process_time()
    for _ in range(repeats):
        job()
    return (time.process_time() - started) / repeats


def thread_speed_up(scene: Scene, target: np.ndarray, rounds: int = 15) -> float:
    """Wall time of one thread over that of two; best of alternating rounds."""
    walls: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for threads, times in walls.items():
            started = time.perf_counter()
            for _ in range(5):
                fit_step(scene, target, threads=threads)
            times.append(time.perf_counter() - started)
    return min(walls[1]) / min(walls[2])


def peak_megabytes() -> float | None:
    """Highest memory use of this process so far; None where the system doesn't tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def added_memory(side: int, paths: int) -> float | None:
    """MB that a step adds to the peak, results included. Call before anything larger ran."""
    scene, target = benchmark_scene(side, paths), target_image(side)
    fit_step(benchmark_scene(16, 2), target_image(16), threads=2)
    before = peak_megabytes()
    fit_step(scene, target, threads=2)
    after = peak_megabytes()
    return None if before is None or after is None else after - before


def diffvg_step(scene: Scene, target: np.ndarray) -> Callable[[], FitStep]:
    """One step of DiffVG on the same scene, 2x2 samples a pixel."""
    from semvec.core.rendering.diffvg import DiffVG

    renderer = DiffVG(samples=2)
    return lambda: renderer.fit_step(scene, target)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of the angle between two arrays, taken as vectors."""
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def compare_with_diffvg(scene: Scene, target: np.ndarray, step_ms: float) -> dict[str, float]:
    """CPU time and agreement of DiffVG on the same scene; empty where it isn't installed."""
    if not HAS_DIFFVG:
        return {}
    step = diffvg_step(scene, target)
    theirs, ours = step(), fit_step(scene, target, threads=1)
    cpu_ms = 1e3 * min(cpu_seconds(step, 1) for _ in range(2))
    return {
        "diffvg_cpu_ms": cpu_ms,
        "diffvg_ratio": cpu_ms / step_ms,
        "diffvg_image_difference": float(np.abs(theirs.image - ours.image).mean()),
        "diffvg_point_cosine": cosine(theirs.point_gradient, ours.point_gradient),
        "diffvg_color_cosine": cosine(theirs.color_gradient[:, :3], ours.color_gradient[:, :3]),
    }


def measure(side: int, paths: int) -> dict[str, Any]:
    """All figures of one scene."""
    scene, target = benchmark_scene(side, paths), target_image(side)
    step = cpu_times(lambda: fit_step(scene, target, threads=1))
    plain = cpu_times(lambda: render(scene, side, side, threads=1))
    ramped = with_ramps(scene)
    ramps = cpu_times(lambda: fit_step(ramped, target, threads=1))
    area = bounding_box_megapixels(scene, side)
    return {
        "side": side,
        "paths": paths,
        "step_cpu_ms": step.median,
        "step_best_cpu_ms": step.best,
        "target_ms": TARGETS_MS.get((side, paths)),
        "render_cpu_ms": plain.median,
        "ramps_ratio": ramps.best / step.best,
        "box_megapixels": area,
        "box_megapixels_per_second": 1e3 * area / step.median,
        "two_thread_speed_up": thread_speed_up(scene, target),
        **compare_with_diffvg(scene, target, step.median),
    }


HEADER = " side paths | step ms   best target | render ms | ramps | box Mpx  Mpx/s | 2 threads"
DIFFVG_HEADER = " | DiffVG ms  ratio  diff/255  points  colors"


def report_line(figures: dict[str, Any]) -> str:
    """One row of the printed table."""
    line = (
        f"{figures['side']:5d} {figures['paths']:5d} |"
        f" {figures['step_cpu_ms']:7.2f} {figures['step_best_cpu_ms']:6.2f}"
        f" {figures['target_ms'] or '':>6} | {figures['render_cpu_ms']:9.2f} |"
        f" {figures['ramps_ratio']:5.2f} |"
        f" {figures['box_megapixels']:7.3f} {figures['box_megapixels_per_second']:6.0f} |"
        f" {figures['two_thread_speed_up']:9.2f}"
    )
    if "diffvg_cpu_ms" in figures:
        line += (
            f" | {figures['diffvg_cpu_ms']:9.0f} {figures['diffvg_ratio']:6.0f}"
            f" {255 * figures['diffvg_image_difference']:9.2f}"
            f" {figures['diffvg_point_cosine']:7.3f} {figures['diffvg_color_cosine']:7.4f}"
        )
    return line


def main() -> None:
    """Measure every scene, print a table and write out/bench-raster.json."""
    memory = added_memory(1024, 2048)
    print(HEADER + DIFFVG_HEADER if HAS_DIFFVG else HEADER)
    rows = []
    for side, paths in SCENES:
        rows.append(measure(side, paths))
        print(report_line(rows[-1]), flush=True)
    if memory is not None:
        print(f"memory added by a step at 1024 px, 2048 paths: {memory:.0f} MB (target 100)")
    if not HAS_DIFFVG:
        print("pydiffvg is not installed: no comparison with DiffVG")
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps({"memory_megabytes": memory, "scenes": rows}, indent=2) + "\n")
    print(f"written: {OUTPUT}")


if __name__ == "__main__":
    main()
