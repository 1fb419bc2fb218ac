# SPDX-License-Identifier: GPL-3.0-or-later
"""Line art against the strokes that it was drawn from: `python3 dev.py bench lines`.

The ten drawings of `tests/core/oracles/line_drawings.py` are rendered by resvg at 400 pixels,
traced as strokes, and compared with the true ones. vtracer traces the outlines of the same
pictures on white, at its defaults. For each drawing, and for all of them:

- found: share of the true center lines within 1 px of a traced one, in percent;
- true: share of the traced center lines within 1 px of a true one, in percent;
- width: mean difference of the widths where the lines agree, in pixels;
- junctions: of the traced and of the true lines;
- paths and nodes as a ratio to those of vtracer, the paper included in both;
- time: processor time as a ratio to that of vtracer.

The last line of a picture has the means of the shares and widths, the sums of junctions, and the
ratios of the sums.

Option: `--pictures 4:clear,3:scan`, widths of lines in pixels, and clear, white or scan.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from semvec.core.lines.tracing import trace_lines
from semvec.core.svg import from_svg

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "out" / "bench-lines.json"
sys.path.append(str(ROOT / "tests" / "core" / "oracles"))

from flat import vtraced  # noqa: E402
from line_drawings import (  # noqa: E402
    Line,
    agreement,
    drawings,
    flattened,
    on_white,
    rendered,
    scanned,
    to_svg,
)

LOOKS = {"clear": lambda pixels: pixels, "white": on_white, "scan": scanned}
BUDGET = 4096


class Row(NamedTuple):
    """Figures of one drawing; counts and seconds are semvec's, then vtracer's."""

    name: str
    found: float
    true: float
    width: float
    junctions: tuple[int, int]
    paths: tuple[int, int]
    nodes: tuple[int, int]
    seconds: tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark line art against its own strokes.")
    parser.add_argument("--pictures", default="4:clear,3:scan")
    options = parser.parse_args()
    results = []
    for picture in options.pictures.split(","):
        width, look = picture.split(":")
        print(f"{f'{width} px, {look}':20} found  true width junctions paths nodes  time")
        rows = [measured(name, lines, look) for name, lines in drawings(float(width)).items()]
        show(together(rows))
        results.append({"picture": picture, "rows": [row._asdict() for row in rows]})
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=1), encoding="utf-8")


def measured(name: str, lines: list[Line], look: str) -> Row:
    """Trace a drawing with both, print a line, and return it."""
    pixels = LOOKS[look](rendered(to_svg(lines)))
    started = time.process_time()
    ours = trace_lines(pixels, BUDGET).paths
    traced = time.process_time()
    text = vtraced(on_white(pixels))
    outlined = time.process_time()
    theirs = from_svg(text).paths
    found = agreement(lines, flattened(ours))
    row = Row(
        name,
        100 * found.recall,
        100 * found.precision,
        found.width,
        found.junctions,
        (len(ours), len(theirs)),
        (sum(path.drawn_nodes for path in ours), sum(path.nodes for path in theirs)),
        (traced - started, outlined - traced),
    )
    show(row)
    return row


def together(rows: list[Row]) -> Row:
    """Return the means of shares and widths, and the sums of what is counted."""
    found, true, width = np.array([row[1:4] for row in rows]).mean(axis=0).tolist()
    sums = [tuple(np.sum([row[k] for row in rows], axis=0).tolist()) for k in range(4, 8)]
    return Row("all", found, true, width, *sums)


def show(row: Row) -> None:
    """Print a line of the table."""
    ratios = [ours / max(theirs, 1e-9) for ours, theirs in (row.paths, row.nodes, row.seconds)]
    print(
        f"{row.name:20} {row.found:5.1f} {row.true:5.1f} {row.width:5.2f} "
        f"{'{} of {}'.format(*row.junctions):>9} "
        f"{ratios[0]:5.2f} {ratios[1]:5.2f} {ratios[2]:5.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
