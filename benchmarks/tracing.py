# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of tracing: nodes a region and error of outlines: `python3 dev.py bench tracing`.

Every photograph of ../shared is cut into 51 and into 400 regions (built-in masks, Ward) and
traced. Means over the photographs, at four samples a pixel:

- nodes: of a path, on average, and the most of any;
- smooth: share of the nodes at which the outline turns by less than 15 degrees;
- off: distance in px between the borders that show and those of the regions, both ways:
  mean, 95th percentile, and largest on an average photograph;
- bare: share of the canvas that no path covers; outside: share of the paths' area beyond it;
- crossing: paths that cross themselves, of all photographs;
- PSNR against the photograph, of the regions in their mean colors and of the paths;
- CPU time of `trace`, mean and largest.

Options: `--regions 51,400`, `--tolerance 1.0`, `--pictures FOLDER` (regions and paths, with
outlines and nodes, three times enlarged).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from metrics.image import psnr
from metrics.shapes import corner_shares, crosses_itself, outside_share
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt

from semvec.core.bezier import flattened
from semvec.core.clustering.merging import cluster
from semvec.core.drawing import Path as DrawingPath
from semvec.core.drawing import pack
from semvec.core.image import load_image, resize
from semvec.core.rendering.native import render
from semvec.core.saliency.maps import uniform
from semvec.core.segmentation.builtin import over_segment
from semvec.core.tracing import trace

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OUTPUT = ROOT / "out" / "bench-tracing.json"
SAMPLES = 4  # a pixel, either way
ENLARGED = 3


def partition(image: np.ndarray, regions: int) -> np.ndarray:
    """Return the built-in masks, merged to this many regions."""
    labels = over_segment(image, max(200, 2 * regions))
    return cluster(labels, image, uniform(*labels.shape), regions, "ward", 20, 0).labels


def topmost(paths: list[DrawingPath], height: int, width: int) -> np.ndarray:
    """Return the region that shows at each sample, -1 where none does: int [4·H, 4·W]."""
    canvas = Image.new("I", (width * SAMPLES, height * SAMPLES), -1)
    brush = ImageDraw.Draw(canvas)
    for path in paths:
        for points in path.subpaths:
            corners = flattened(points) * SAMPLES - 0.5  # the middle of a sample
            brush.polygon([tuple(corner) for corner in corners.tolist()], fill=path.region)
    return np.asarray(canvas)


def borders(labels: np.ndarray) -> np.ndarray:
    """Return samples whose right or lower neighbor has another label."""
    result = np.zeros(labels.shape, bool)
    result[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    result[:-1] |= labels[:-1] != labels[1:]
    return result


def border_distances(shown: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Distances in px from each border to the nearest of the other, both ways."""
    first, second = borders(shown), borders(labels)
    if not (first.any() and second.any()):
        return np.zeros(1)
    there, back = distance_transform_edt(~second)[first], distance_transform_edt(~first)[second]
    return np.concatenate([there, back]) / SAMPLES


def measure(image: np.ndarray, labels: np.ndarray, tolerance: float) -> dict[str, float]:
    started = time.process_time()
    paths = trace(labels, image, tolerance)
    seconds = time.process_time() - started
    height, width = labels.shape
    shown = topmost(paths, height, width)
    distances = border_distances(shown, np.kron(labels, np.ones((SAMPLES, SAMPLES), int)))
    nodes = [path.nodes for path in paths]
    means = np.stack([path.fill[:3] for path in sorted(paths, key=lambda path: path.region)])
    return {
        "nodes": float(np.mean(nodes)),
        "most_nodes": max(nodes),
        "smooth": corner_shares(paths)["smooth_anchors"],
        "off": float(distances.mean()),
        "off_95": float(np.percentile(distances, 95)),
        "off_largest": float(distances.max()),
        "bare": float((shown < 0).mean()),
        "outside": outside_share(paths, width, height),
        "crossing": sum(crosses_itself(path) for path in paths),
        "psnr_regions": psnr(means[labels], image),
        "psnr_paths": psnr(render(pack(paths), width, height), image),
        "cpu_seconds": seconds,
    }


def picture(image: np.ndarray, labels: np.ndarray, tolerance: float) -> Image.Image:
    """Regions on the left, paths with outlines and nodes on the right."""
    paths = trace(labels, image, tolerance)
    means = np.stack([path.fill[:3] for path in sorted(paths, key=lambda path: path.region)])
    regions = Image.fromarray((255 * means[labels]).round().astype(np.uint8))
    size = (labels.shape[1] * ENLARGED, labels.shape[0] * ENLARGED)
    canvas = Image.new("RGB", (2 * size[0] + ENLARGED, size[1]), "white")
    drawn = Image.new("RGB", size)
    brush = ImageDraw.Draw(drawn)
    for path in paths:
        fill = tuple((255 * path.fill[:3]).round().astype(int).tolist())
        for points in path.subpaths:
            corners = [tuple(corner) for corner in (flattened(points) * ENLARGED).tolist()]
            brush.polygon(corners, fill=fill, outline="black")
            for x, y in (points[::3] * ENLARGED).tolist():
                brush.rectangle((x - 2, y - 2, x + 2, y + 2), fill="red")
    canvas.paste(regions.resize(size, Image.Resampling.NEAREST), (0, 0))
    canvas.paste(drawn, (size[0] + ENLARGED, 0))
    return canvas


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--regions", default="51,400")
    parser.add_argument("--tolerance", type=float, default=1.0)
    parser.add_argument("--pictures", type=Path)
    return parser.parse_args()


def summary(rows: list[dict[str, float]]) -> dict[str, float]:
    """Means; sums of crossings; and the largest CPU time too."""
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    means["crossing"] = sum(row["crossing"] for row in rows)
    means["most_cpu_seconds"] = max(row["cpu_seconds"] for row in rows)
    return means


def print_summary(regions: int, means: dict[str, float]) -> None:
    print(
        f"{regions} regions: {means['nodes']:.1f} nodes (most {means['most_nodes']:.0f}, "
        f"{means['smooth']:.0%} smooth), {means['off']:.2f} px off "
        f"(95 %: {means['off_95']:.2f}, largest {means['off_largest']:.1f}), "
        f"bare {means['bare']:.3%}, outside {means['outside']:.1%}, "
        f"{means['crossing']:.0f} crossing, "
        f"PSNR {means['psnr_regions']:.2f} -> {means['psnr_paths']:.2f} dB, "
        f"CPU {means['cpu_seconds']:.2f} s (most {means['most_cpu_seconds']:.2f})"
    )


def main() -> int:
    if not SHARED.is_dir():
        print("The folder 'shared' with photographs is not beside this checkout.")
        return 0
    arguments = parse_arguments()
    results: dict[str, Any] = {}
    files = sorted([*SHARED.glob("images/*.png"), *SHARED.glob("bsds/*.png")])
    for regions in map(int, arguments.regions.split(",")):
        rows = {}
        for file in files:
            image = resize(load_image(file), 512).rgb
            labels = partition(image, regions)
            rows[file.stem] = measure(image, labels, arguments.tolerance)
            if arguments.pictures:
                arguments.pictures.mkdir(parents=True, exist_ok=True)
                name = arguments.pictures / f"{file.stem}-{regions}.png"
                picture(image, labels, arguments.tolerance).save(name)
        means = summary(list(rows.values()))
        print_summary(regions, means)
        results[str(regions)] = {"means": means, "photographs": rows}
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n")
    print(f"written: {OUTPUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
