# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of a boundary network: `python3 dev.py bench boundaries --network FILE.npz`.

A network of training/boundary_network.py takes part in the merging of regions, on the photographs
of ../shared/bsds with human segments or on others by --folder. Beside it: nothing but the gradient,
as semvec is; the gradient alone, three times as strong; and, as bounds, the person's own borders
and, for drawings, the person's segments as masks.

- F: of the borders found by the best threshold, within 2 px, and of the gradient's;
- recall, precision, accuracy, PSNR of means: see segmentation.py;
- border: share of the pixels that lie on one;
- with --draw: PSNR of the drawing of 128 paths, and VeC (see docs/benchmark.md).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from comparison.measure import compactness, painted
from metrics.image import psnr
from segmentation import COUNTS, SHARED, TOLERANCE, borders, scores, widened

from semvec.core.image import Image, load_image
from semvec.core.models.network import Network, resize_bilinear
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.segmentation.builtin import over_segment
from semvec.core.segmentation.color import lab_planes
from semvec.core.settings import Settings

THRESHOLDS = np.linspace(0.70, 0.98, 15)  # shares of the pixels that are no borders
MULTIPLE = 16  # of pixels, which the network's size must be

Maps = dict[str, np.ndarray]


def boundary_map(network: Network, image: np.ndarray) -> np.ndarray:
    """Return the probability of a border in each pixel of an sRGB image: float32 [H, W]."""
    height, width = image.shape[:2]
    lab = lab_planes(image, np.ones((height, width), bool)).transpose(1, 2, 0)
    lab = lab - np.array([0.5, 0.0, 0.0], np.float32)
    padding = [(0, -height % MULTIPLE), (0, -width % MULTIPLE), (0, 0)]
    (found,) = network.run(np.pad(lab, padding, "edge"))
    rows, columns = found.shape[:2]
    full = resize_bilinear(found, size=[2 * rows, 2 * columns], half_pixel=True)
    return np.ascontiguousarray(full[:height, :width, 0], np.float32)


def color_gradient(image: np.ndarray) -> np.ndarray:
    """Return half the color difference of the neighbors on both sides: float32 [H, W]."""
    lab = lab_planes(image, np.ones(image.shape[:2], bool))
    y, x = np.gradient(lab, axis=(1, 2))
    return np.sqrt((y**2 + x**2).sum(axis=0))


def best_f(maps: list[np.ndarray], truths: list[np.ndarray]) -> float:
    """Return the best F of borders at one threshold for all pictures, within 2 px."""
    values = np.concatenate([values.ravel() for values in maps])
    found = []
    for threshold in np.quantile(values, THRESHOLDS):
        hits = total = recalled = true = 0
        for values, truth in zip(maps, truths, strict=True):
            drawn, real = values > threshold, borders(truth)
            hits += int((drawn & widened(real, TOLERANCE)).sum())
            recalled += int((real & widened(drawn, TOLERANCE)).sum())
            total, true = total + int(drawn.sum()), true + int(real.sum())
        precision, recall = hits / max(total, 1), recalled / true
        found.append(2.0 * precision * recall / max(precision + recall, 1e-9))
    return max(found)


def rivals(network: Network | None) -> dict[str, Callable[[np.ndarray, np.ndarray], Any]]:
    """Return what is added to the gradient, of an image and a person's segments."""
    result: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
        "gradient": lambda image, truth: None,
        "gradient x 3": lambda image, truth: 2.0 * color_gradient(image),
        "person's borders": lambda image, truth: widened(borders(truth), 1).astype(np.float32),
    }
    if network is not None:
        for weight in (0.1, 0.3):
            result[f"network x {weight}"] = lambda image, truth, weight=weight: (
                np.float32(weight) * boundary_map(network, image)
            )
    return result


def drawn(image: np.ndarray, truth: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the figures of the drawing of 128 paths that starts from these masks."""
    settings = Settings(budget=128, exact=True, resolution=max(image.shape[:2]), threads=1)
    drawing = vectorize(Image(image), settings, masks=labels).drawing
    found = compactness(drawing, truth)
    return {
        "drawing": psnr(painted(drawing, *image.shape[:2]), image),
        "vec": 100.0 * found["vec"],
        "no specks": 100.0 * found["vec_no_specks"],
    }


def figures(image: np.ndarray, truth: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return {**scores(labels, truth, image), "border": float(borders(labels).mean())}


def show(name: str, count: int, rows: list[dict[str, float]]) -> None:
    means = {key: statistics.fmean(row[key] for row in rows) for key in rows[0]}
    shown = "  ".join(f"{key} {value:.3f}" for key, value in means.items())
    print(f"{name:18}{count:4}  {shown}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="The effect of a boundary network")
    parser.add_argument("--network", type=Path)
    parser.add_argument("--folder", type=Path, default=SHARED / "bsds")
    parser.add_argument("--draw", action="store_true")
    options = parser.parse_args()
    if not options.folder.is_dir():
        print("The folder with photographs and human segments is not there.")
        return 0
    network = Network.load(options.network) if options.network else None
    pairs = []
    for file in sorted(options.folder.glob("*.png")):
        labels = np.load(file.with_suffix(".npz"))["labels"].astype(int)
        pairs.append((load_image(file).rgb, labels if labels.ndim == 2 else labels[0]))
    truths = [truth for _, truth in pairs]
    print(f"F of the gradient {best_f([color_gradient(i) for i, _ in pairs], truths):.3f}")
    if network is not None:
        print(
            f"F of the network {best_f([boundary_map(network, i) for i, _ in pairs], truths):.3f}"
        )
    for name, find in rivals(network).items():
        for count in COUNTS:
            masks = [over_segment(i, count, boundaries=find(i, truth)) for i, truth in pairs]
            rows = [figures(*pair, labels) for pair, labels in zip(pairs, masks, strict=True)]
            show(name, count, rows)
        if options.draw:
            masks = [over_segment(i, boundaries=find(i, truth)) for i, truth in pairs]
            rows = [drawn(*pair, labels) for pair, labels in zip(pairs, masks, strict=True)]
            show(name, 200, rows)
    if options.draw:
        show("person's segments", 0, [drawn(image, truth, truth) for image, truth in pairs])
    return 0


if __name__ == "__main__":
    sys.exit(main())
