# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of the import of drawings into Blender as curves: `python3 dev.py bench curves`.

Drawings of 40 % structural paths with 12 nodes and 60 % detail paths with 8. Measured is
CPU time of: adding the objects, Blender's first evaluation of them (what the first redraw
waits for), replacing the drawing by another, giving the curves that are there other shapes (what
a preview does), and reading it back. All that with flat fills and with ramps.
"""

from __future__ import annotations

import itertools
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, Ramp
from semvec.core.drawing import Path as DrawnPath

OUTPUT = Path(__file__).resolve().parents[1] / "out" / "bench-curves.json"
COUNTS = (128, 512, 2048)
REPEATS = 3
TARGETS = {512: 300.0, 2048: 1000.0}  # ms to add


def random_drawing(count: int, with_ramps: bool) -> Drawing:
    rng = np.random.default_rng(count)
    paths = []
    for index in range(count):
        structural = index < 0.4 * count
        outline = circle(rng.uniform(0, 512, 2), rng.uniform(5, 50), 12 if structural else 8)
        fill = np.array([*rng.random(3), 1.0], np.float32)
        kind = "structural" if structural else "detail"
        ramp = Ramp("linear", outline[0], outline[6], 1.0 - fill[:3]) if with_ramps else None
        paths.append(DrawnPath([outline], fill, kind, ramp=ramp))
    return Drawing(512, 384, paths)


def milliseconds(action: Callable[[], Any]) -> float:
    started = time.process_time()
    action()
    return 1000.0 * (time.process_time() - started)


def measure(count: int, with_ramps: bool) -> dict[str, float]:
    """CPU ms of each step, in a file of its own."""
    import bpy

    from semvec.operators.objects.collection import (
        add_drawing,
        find_drawings,
        read_drawing,
        update_drawing,
    )

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene, update = bpy.context.scene, bpy.context.view_layer.update
    drawing = random_drawing(count, with_ramps)
    figures = {"add": milliseconds(lambda: add_drawing(scene, drawing, "a"))}
    figures["evaluate"] = milliseconds(update)
    scene = reopened()
    figures["replace"] = milliseconds(lambda: add_drawing(scene, drawing, "a"))
    (collection,) = find_drawings(reopened(), "a")
    figures["change"] = milliseconds(lambda: update_drawing(collection, drawing))
    bpy.context.view_layer.update()
    figures["read"] = milliseconds(lambda: read_drawing(collection))
    return figures


def reopened() -> Any:
    """Save the file and open it again; returns its scene.

    A window handles the notifiers of changes between two operators. Without one they pile up,
    and Blender looks through all of them for each object that is removed.
    """
    import bpy

    file = str(Path(os.environ["BLENDER_USER_RESOURCES"]) / "bench.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    bpy.context.view_layer.update()
    return bpy.context.scene


def main() -> None:
    results = {}
    rows = [
        "| paths | add, ms | evaluate, ms | replace, ms | change, ms | read, ms | to reach |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for count, with_ramps in itertools.product(COUNTS, (False, True)):
        name = f"{count} ramps" if with_ramps else f"{count}"
        runs = [measure(count, with_ramps) for _ in range(REPEATS)]
        results[name] = best = {step: min(run[step] for run in runs) for step in runs[0]}
        target = f"add ≤ {TARGETS[count]:.0f} ms" if count in TARGETS else ""
        values = " | ".join(f"{value:.1f}" for value in best.values())
        rows.append(f"| {name} | {values} | {target} |")
    print("\n".join(rows))  # after what Blender says of files
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n")
    print(f"written: {OUTPUT}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as configuration:
        os.environ["BLENDER_USER_RESOURCES"] = configuration  # before Blender starts
        main()
