# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurement of the tiny SAM on pictures outside its training data.

    python tests/data/measure_tiny_sam.py [CHECKPOINT] [--sheet FILE.png]

Prints the mean best intersection over union by shape. The sheet shows some of the pictures,
with the masks found beside them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from shapes import SHAPES, Picture, draw_pictures

from semvec.core.image import Image, save_png
from semvec.core.segmentation.sam import MaskSearch, automatic_masks
from semvec.core.segmentation.user_masks import paint_masks

CHECKPOINT = Path(__file__).parent / "tiny_sam.pt"
SEED, COUNT, SIZE = 9_000, 100, 128
SEARCH = MaskSearch(points_per_side=8, predicted_iou=0.85, stability=0.8)
ON_SHEET = 8


def main() -> None:
    """Measure, and draw the sheet."""
    options = _options()
    torch.set_num_threads(1)
    pictures = draw_pictures(SEED, COUNT, SIZE)
    found = [_masks(picture, options.checkpoint) for picture in pictures]
    overlaps: dict[str, list[float]] = {shape: [] for shape in SHAPES}
    for picture, masks in zip(pictures, found, strict=True):
        for name, truth in zip(picture.names, picture.masks, strict=True):
            best = max((_overlap(truth, mask) for mask in masks), default=0.0)
            overlaps[name.split()[1]].append(best)
    for shape, values in overlaps.items():
        print(f"{shape:10} {np.mean(values):.3f}")
    print(f"{'all':10} {np.mean(np.concatenate(list(overlaps.values()))):.3f}")
    print(f"masks a picture {np.mean([len(masks) for masks in found]):.1f}")
    if options.sheet:
        rows = list(zip(pictures, found, strict=True))[:ON_SHEET]
        save_png(options.sheet, _sheet(rows))


def _masks(picture: Picture, checkpoint: Path) -> np.ndarray:
    return automatic_masks(Image(picture.image), picture.image.shape[:2], checkpoint, SEARCH)


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    return np.count_nonzero(a & b) / max(np.count_nonzero(a | b), 1)


def _sheet(rows: list[tuple[Picture, np.ndarray]]) -> np.ndarray:
    """Pictures above, their masks in random colors below; what none covers is black."""
    palette = np.random.default_rng(0).uniform(0.2, 1.0, (1000, 3)).astype(np.float32)
    palette[-1] = 0.0
    masks = [palette[paint_masks(found)] for _, found in rows]
    return np.vstack([np.hstack([picture.image for picture, _ in rows]), np.hstack(masks)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkpoint", type=Path, nargs="?", default=CHECKPOINT)
    parser.add_argument("--sheet", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
