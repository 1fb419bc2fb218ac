# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec on the 24 Kodak photographs, beside published figures: `python3 dev.py bench kodak`.

Each job is one photograph, number of paths or of coordinates, and kind of fills, drawn at full
size. Its figures are a line of out/bench-kodak/results.jsonl, and its drawing lies beside that as
SVG. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from comparison.measure import figures, perceptual

from semvec.core.cli.progress_bar import ProgressBar
from semvec.core.drawing import Drawing
from semvec.core.image import load_image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import FEWEST_NODES_A_PATH, Settings
from semvec.core.svg import from_svg, to_svg

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
BACKBONE = SHARED / "lpips" / "squeezenet1_1_features_fp16.npz"
BUDGETS = (256, 512, 1024)
COORDINATES = (5120, 10240, 20480)
RESULTS = "results.jsonl"

# PSNR in dB by the number of closed curves, and coordinates of a curve, as other papers' authors
# report them: second-hand, read in notes on the papers. Their LPIPS is of other backbones.
PUBLISHED = {
    "Bézier Splatting": ({256: 24.19, 512: 25.61, 1024: 26.91}, 20),
    "Vector Scaffolding": ({256: 25.18, 512: 26.68, 1024: 28.30}, 20),
}

HEAD = (
    "| paths | method | PSNR dB | SSIM | LPIPS | crossing | coordinates a path | SVG KB | s |\n"
    "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)
EQUAL_HEAD = HEAD.replace("| paths |", "| coordinates at most |")

# Coordinates of a node: of its anchor and two handles; and of a ramp: of its two ends.
_OF_NODE, _OF_RAMP = 6, 4


class Job(NamedTuple):
    """One drawing.

    size: paths at most, or coordinates. resolution: long side, pixels.
    """

    file: Path
    size: int
    fills: str
    resolution: int
    counts_coordinates: bool = False

    @property
    def key(self) -> str:
        """A name that no other job has; also that of its SVG."""
        unit = "c" if self.counts_coordinates else ""
        return f"{self.file.stem}-{self.size}{unit}-{self.fills}-{self.resolution}px"

    @property
    def settings(self) -> Settings:
        """The settings of the drawing."""
        values = {"kind": "photo", "fills": self.fills, "resolution": self.resolution, "threads": 1}
        if not self.counts_coordinates:
            return Settings.from_dict({**values, "budget": self.size})
        ramp = _OF_RAMP / FEWEST_NODES_A_PATH if self.fills == "gradient" else 0.0
        return Settings.from_dict({**values, "nodes": int(self.size / (_OF_NODE + ramp))})


def run(
    jobs: Sequence[Job], folder: Path, backbone: Path | None
) -> Generator[tuple[int, int, Job], None, None]:
    """Run what has no result in the folder; yields how many of how many are done, and the job."""
    known = read(folder)
    waiting = [job for job in jobs if job.key not in known]
    folder.mkdir(parents=True, exist_ok=True)
    for done, job in enumerate(waiting, start=1):
        record = {"key": job.key, **measured(job, folder, backbone)}
        with (folder / RESULTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        yield done, len(waiting), job


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results in a folder by the keys of their jobs; a line cut off does not count."""
    results = {}
    file = folder / RESULTS
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        results[record["key"]] = record
    return results


def measured(job: Job, folder: Path, backbone: Path | None) -> dict[str, Any]:
    """Return the figures of one drawing, measured from its SVG, which is written."""
    image = load_image(job.file)
    start = time.perf_counter()
    svg = to_svg(vectorize(image, job.settings).drawing)
    seconds = time.perf_counter() - start
    (folder / f"{job.key}.svg").write_text(svg, encoding="utf-8")
    drawing = from_svg(svg)
    return {
        **figures(drawing, image.rgb, None, None),
        **perceptual(drawing, image.rgb, backbone),
        "coordinates": coordinates(drawing),
        "svg_bytes": len(svg.encode()),
        "seconds": seconds,
    }


def coordinates(drawing: Drawing) -> int:
    """Return the numbers that say where outlines and ramps are; colors don't count."""
    ramps = sum(path.ramp is not None for path in drawing.paths)
    return _OF_NODE * sum(path.nodes for path in drawing.paths) + _OF_RAMP * ramps


def rows(jobs: Iterable[Job], results: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the rows of a table: for each number the published ones, then ours.

    jobs: all by paths, or all by coordinates.
    """
    by_size: dict[tuple[int, bool], dict[str, list[dict[str, Any]]]] = {}
    for job in jobs:
        if job.key in results:
            fills = by_size.setdefault((job.size, job.counts_coordinates), {})
            fills.setdefault(job.fills, []).append(results[job.key])
    for (size, counts_coordinates), fills in by_size.items():
        for name, (values, count) in PUBLISHED.items():
            paths = size // count if counts_coordinates else size
            if paths in values:
                cells = f"{values[paths]:.2f} | – | – | allowed | about {count} | – | –"
                yield f"| {size} | {name} (second-hand) | {cells} |"
        for name, records in fills.items():
            yield f"| {size} | semvec, {name} fills | {_cells(records)} |"


def _cells(records: Sequence[dict[str, Any]]) -> str:
    def mean(key: str) -> float:
        return float(np.mean([record.get(key, np.nan) for record in records]))

    paths = sum(record["paths"] for record in records)
    crossing = f"{sum(record['crossing_paths'] for record in records)} of {paths}"
    each = sum(record["coordinates"] for record in records) / max(paths, 1)
    lpips = f"{mean('lpips'):.3f}" if np.isfinite(mean("lpips")) else "–"
    return (
        f"{mean('psnr'):.2f} | {mean('ssim'):.3f} | {lpips} | {crossing} | {each:.1f}"
        f" | {mean('svg_bytes') / 1000:.1f} | {mean('seconds'):.1f}"
    )


def main() -> None:
    """Run all jobs and print the table."""
    options = parse_arguments()
    files = sorted(options.photographs.glob("*.png"))[: options.count]
    if not files:
        sys.exit(f"There are no PNG files in {options.photographs}; name a folder.")
    by_paths, equal = (
        [
            Job(file, size, fills, options.resolution, counts_coordinates)
            for size in sizes
            for fills in options.fills
            for file in files
        ]
        for sizes, counts_coordinates in ((options.budgets, False), (options.coordinates, True))
    )
    bar = ProgressBar(sys.stderr)
    backbone = BACKBONE if BACKBONE.is_file() else None
    for done, count, job in run([*by_paths, *equal], options.output, backbone):
        bar.update("kodak", done / count, job.key)
    bar.finish()
    names = ", ".join(file.stem for file in files)
    print(f"Means over {len(files)} photographs: {names}.")
    print("LPIPS with SqueezeNet 1.1; one thread.")
    for jobs, head in ((by_paths, HEAD), (equal, EQUAL_HEAD)):
        if jobs:
            print("\n".join(["", head, *rows(jobs, read(options.output))]))


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="dev.py bench kodak", description=__doc__.split(":")[0])
    add = parser.add_argument
    add("--photographs", type=Path, default=SHARED / "kodak", metavar="FOLDER")
    add("--count", type=int, help="only so many photographs")
    add("--budgets", nargs="*", type=int, default=list(BUDGETS))
    add("--coordinates", nargs="*", type=int, default=list(COORDINATES))
    add("--fills", nargs="+", choices=("flat", "gradient"), default=["flat", "gradient"])
    add("--resolution", type=int, default=768)
    add("--output", type=Path, default=ROOT / "out" / "bench-kodak")
    return parser.parse_args()


if __name__ == "__main__":
    main()
