# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what automatic guidance gains in faces, and what it costs elsewhere.

    python3 dev.py bench portraits PHOTOGRAPH ... [--budget N] [--page FILE.jpg]

Prints PSNR in dB without guidance, and the change with it: of the whole photograph, of the faces
found, and of their eyes and mouths. A photograph without faces must be drawn as before.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import PIL.Image

from semvec.core.drawing import pack
from semvec.core.image import Image, load_image, resize
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.rendering.native import render
from semvec.core.saliency.automatic import face_masks
from semvec.core.settings import Settings

ROW = 320  # height of a row of the page, in pixels


def drawn(image: Image, budget: int, guided: bool) -> np.ndarray:
    """Return the pixels of a drawing: float32 [H, W, 3]."""
    drawing = vectorize(image, Settings(budget=budget, automatic=guided)).drawing
    return render(pack(drawing.paths), image.width, image.height, (0.0, 0.0, 0.0))


def psnr(pixels: np.ndarray, image: Image, mask: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio where the mask is set, in dB; NaN where nowhere."""
    if not mask.any():
        return float("nan")
    return float(-10.0 * np.log10(np.square(pixels - image.rgb)[mask].mean()))


def strip(*pictures: np.ndarray) -> PIL.Image.Image:
    """Return pictures of one size side by side, in the height of a row."""
    whole = np.hstack([picture.clip(0.0, 1.0) for picture in pictures])
    row = PIL.Image.fromarray((255.0 * whole + 0.5).astype(np.uint8))
    return row.resize((round(row.width * ROW / row.height), ROW))


def page(rows: list[PIL.Image.Image]) -> PIL.Image.Image:
    """Return rows below each other, two in each line, on white."""
    lines = [rows[start : start + 2] for start in range(0, len(rows), 2)]
    width = max(sum(row.width + 8 for row in line) for line in lines)
    result = PIL.Image.new("RGB", (width, (ROW + 8) * len(lines)), "white")
    for index, line in enumerate(lines):
        left = 0
        for row in line:
            result.paste(row, (left, index * (ROW + 8)))
            left += row.width + 8
    return result


def measure(file: Path, budget: int) -> tuple[str, PIL.Image.Image]:
    """Return a row of the table and one of the page."""
    image = resize(load_image(file), 512)
    face, features = face_masks(image)
    plain, guided = (drawn(image, budget, guided) for guided in (False, True))
    cells = []
    for mask in (np.ones_like(face), face, features):
        before, after = psnr(plain, image, mask), psnr(guided, image, mask)
        cells.append(f"{before:.2f} | {after - before:+.2f}" if mask.any() else "– | –")
    return f"| {file.stem} | {' | '.join(cells)} |", strip(image.rgb, plain, guided)


def main() -> None:
    """Print the table, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", nargs="+", type=Path)
    parser.add_argument("--budget", type=int, default=128)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    print("| photograph | whole | | face | | eyes, mouth | |\n| --- |" + " ---: |" * 6)
    rows = []
    for file in options.photographs:
        line, row = measure(file, options.budget)
        print(line, flush=True)
        rows.append(row)
    if options.page is not None:
        page(rows).save(options.page, quality=85)


if __name__ == "__main__":
    main()
