# SPDX-License-Identifier: GPL-3.0-or-later
"""Growth of a run's cost with its budget: `python3 dev.py bench scale [BUDGET ...]`.

Vectorizes one photograph of ../shared/images, enlarged to 2048 px, with growing budgets and ten
iterations, so that what grows with the number of shapes shows. Prints CPU time and its ratio to
that of a run whose time grows in proportion to the paths, and the peak of memory so far; writes
out/bench-scale.json. All in one run, as budgets twice as large each.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import PIL.Image
from job import IMAGES, ROOT  # beside this file
from raster import peak_megabytes

from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import Settings

BUDGETS = (1024, 2048, 4096, 8192, 16384)
PHOTOGRAPH, RESOLUTION, ITERATIONS = "kodim23", 2048, 10
OUTPUT = ROOT / "out" / "bench-scale.json"


def main() -> None:
    file = IMAGES / f"{PHOTOGRAPH}.png"
    if not file.is_file():
        sys.exit(f"The test photographs are not there: {IMAGES}")
    small = PIL.Image.open(file).convert("RGB")
    size = RESOLUTION, RESOLUTION * small.height // small.width
    image = Image(np.asarray(small.resize(size, PIL.Image.Resampling.BICUBIC), np.float32) / 255)
    rows: list[dict[str, Any]] = []
    print("budget   paths   CPU s   of linear   peak MB")
    for budget in [int(argument) for argument in sys.argv[1:]] or BUDGETS:
        started = time.process_time()
        settings = Settings(
            budget=budget,
            resolution=RESOLUTION,
            iterations=ITERATIONS,
            kind="photo",
            compute="cpu",
            exact=True,
        )
        result = vectorize(image, settings)
        seconds, paths = time.process_time() - started, len(result.drawing.paths)
        first = rows[0] if rows else {"cpu": seconds, "paths": paths}
        growth = seconds / paths / (first["cpu"] / first["paths"])
        rows.append(
            {"budget": budget, "paths": paths, "cpu": seconds, "of_linear": growth}
            | {"peak_megabytes": peak_megabytes()}
        )
        print(
            f"{budget:6} {paths:7} {seconds:7.1f} {growth:11.2f} {peak_megabytes() or 0:9.0f}",
            flush=True,
        )
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
