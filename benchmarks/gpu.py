# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of Stage III on each device against the CPU: `python3 dev.py bench gpu`.

First the time of one step (rendering, gradients, Adam, keeping outlines simple), as wall time
over `STEPS` steps with the result read back at the end; then whole drawings of the photographs in
../shared/images. Both sides of a ratio are measured in the same run, one after the other. The
CPU uses all its threads. Software drivers only get the smallest scene: their speed says nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from semvec.core.bezier import circle
from semvec.core.drawing import Path as DrawingPath
from semvec.core.drawing import pack
from semvec.core.errors import GpuError
from semvec.core.image import load_image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.refinement.device_optimization import AnyOptimization, DeviceOptimization
from semvec.core.refinement.optimization import Optimization, Target
from semvec.core.refinement.refine import CLEAN
from semvec.core.rendering.gpu import scene_buffers
from semvec.core.rendering.gpu.device import Device, list_devices, open_device
from semvec.core.rendering.gpu.layouts import memory_needed
from semvec.core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT.parent / "shared" / "images"
OUTPUT = ROOT / "out" / "bench-gpu.json"

# Width and height in pixels, and number of paths.
SCENES = [
    (128, 128, 64),
    (512, 512, 128),
    (1024, 1024, 512),
    (2040, 1344, 2048),
    (2040, 1344, 4096),
    (4096, 4096, 2048),
    (4096, 4096, 16384),
]
STEPS = 20
RUNS = [(512, 128), (1024, 512), (2040, 2048)]  # resolution and budget


def scene(width: int, height: int, count: int) -> list[DrawingPath]:
    """Return discs of six cubics that cover the canvas about 2.7 times, as a drawing's paths do."""
    random = np.random.default_rng(0)
    radius = np.sqrt(2.7 * width * height / (np.pi * count))
    centers = random.uniform(0, (width, height), (count, 2))
    fills = np.append(random.random((count, 3)), np.ones((count, 1)), axis=1).astype(np.float32)
    return [
        DrawingPath([circle(center, radius, 6)], fill, "detail")
        for center, fill in zip(centers, fills, strict=True)
    ]


def noise(width: int, height: int) -> Target:
    """Return a target of noise; what it shows makes no difference to the time."""
    image = np.random.default_rng(1).random((height, width, 3), dtype=np.float32)
    regions = np.zeros((height, width), np.int32)
    weight = np.ones((height, width), np.float32)
    return Target(image, weight, np.zeros(3, np.float32), regions, np.zeros(1, np.int32))


def seconds_per_step(optimization: AnyOptimization) -> float:
    """Return the seconds of a step, after a few that compile kernels and fill caches."""
    times = []
    for steps in (3, STEPS):
        started = time.perf_counter()
        for _ in optimization.steps([0.1] * steps, 10):
            pass
        optimization.paths()
        times.append((time.perf_counter() - started) / steps)
    return times[-1]


def compare_steps(device: Device) -> Iterator[dict[str, Any]]:
    """Yield the step's time on the CPU and on a device for each scene."""
    for width, height, count in SCENES if device.info.is_real else SCENES[:1]:
        paths, target = scene(width, height, count), noise(width, height)
        packed = pack(paths)
        pairs = int(1.5 * scene_buffers.expected_pairs(packed, (width, height)))
        memory = memory_needed(width, height, count, len(packed.points), pairs, 1)
        row = {"scene": f"{count} paths, {width} x {height}", "MiB": round(memory / 2**20)}
        try:
            on_device = seconds_per_step(DeviceOptimization(device, paths, target, CLEAN.weights))
        except GpuError as error:
            yield {**row, "failed": error.message}
            continue
        on_cpu = seconds_per_step(Optimization(paths, target, CLEAN.weights, 0))
        yield {
            **row,
            "cpu_ms": round(1e3 * on_cpu, 3),
            "device_ms": round(1e3 * on_device, 3),
            "times": round(on_cpu / on_device, 2),
        }


def compare_runs(device: Device) -> Iterator[dict[str, Any]]:
    """Yield seconds of refinement and PSNR of whole drawings on the CPU and on a device."""
    for file in sorted(IMAGES.glob("*.*")) if device.info.is_real else ():
        image = load_image(file)
        for resolution, budget in RUNS:
            row: dict[str, Any] = {"run": f"{file.stem}, {budget} paths, {resolution} px"}
            for name, compute in (("cpu", "cpu"), ("device", device.info.name)):
                settings = Settings(budget=budget, resolution=resolution, compute=compute)
                report = vectorize(image, settings).report
                row[f"{name}_s"] = report["seconds"]["refinement"]
                row[f"{name}_dB"] = report["psnr"]
            yield {**row, "times": round(row["cpu_s"] / row["device_s"], 2)}


def main() -> None:
    """Print a line for each comparison and write all of them to a file."""
    results: dict[str, list[dict[str, Any]]] = {}
    for info in list_devices():
        print(info, flush=True)
        rows = results.setdefault(str(info), [])
        for compare in (compare_steps, compare_runs):
            for row in compare(open_device(info.name)):
                rows.append(row)
                print("  " + ", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if not results:
        sys.exit("WebGPU finds no device here; see: semvec devices")
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
