# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurement of prompts with the tiny CLIP, by number and arrangement of its views.

    python tests/data/measure_tiny_clip.py [--pictures 200] [--picture docs/pictures/prompt.png]

Each line: pictures and views; how often the named shape has the highest mean saliency, and
so among queries in which another shape has the same color; how often the brightest pixel
lies on it; the median ratio of its mean to that of all the rest; CPU milliseconds a query.
--picture only draws a few maps: of two prompts, and of both with a comma between.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from semvec.core.image import Image, save_png
from semvec.core.saliency import clip_relevance as look
from semvec.core.saliency.prompt import prompt_saliency
from semvec.core.saliency.views import Views, arrange_views

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from shapes import Picture, draw_picture, draw_pictures  # noqa: E402

SEED = 5_000  # never seen in training
PATCH = 8

Arrange = Callable[[int, int, int, int], Views]


class Score(NamedTuple):
    found: bool
    has_rival: bool
    brightest: bool
    ratio: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--model", default=str(HERE / "tiny_clip.pt"))
    parser.add_argument("--picture", type=Path, help="draw maps into this PNG instead")
    options = parser.parse_args()
    if options.picture is not None:
        draw_maps(options.picture, options.model)
        return
    half, quarter = PATCH // 2, PATCH // 4
    corners = tuple(product((-quarter, quarter), repeat=2))
    arrangements: dict[str, Arrange] = {
        "1 view": shifted(((0, 0),)),
        "2 views": shifted(((0, 0), (half, half))),
        "4 views, as is": shifted(corners),
        "5 views": shifted(((0, 0), *product((-half, half), repeat=2))),
        "9 views": shifted(tuple(product((-half, 0, half), repeat=2))),
    }
    report("64 x 64", arrangements, draw_pictures(SEED, options.pictures), options.model)
    wide = draw_pictures(SEED + 1, options.pictures // 2, 64, 128)
    arrangements = {
        "squeezed, 4 views": squeezed(corners),
        "squares, 1 view": shifted(((0, 0),)),
        "squares, as is": shifted(corners),
    }
    report("128 x 64", arrangements, wide, options.model)
    look._CERTAINTY = 0.0
    report("128 x 64", {"squares, all alike": shifted(corners)}, wide, options.model)


def report(
    title: str, arrangements: dict[str, Arrange], pictures: list[Picture], model: str
) -> None:
    for name, arrange in arrangements.items():
        look.arrange_views, look._last = arrange, None
        started = time.process_time()
        scores = [
            score(picture, i, model) for picture in pictures for i in range(len(picture.names))
        ]
        cost = (time.process_time() - started) / len(scores)
        rivals = [each.found for each in scores if each.has_rival]
        print(
            f"{title:9}  {name:18}  found {np.mean([each.found for each in scores]):.3f}"
            f"  same color {np.mean(rivals):.3f} of {len(rivals)}"
            f"  brightest {np.mean([each.brightest for each in scores]):.3f}"
            f"  ratio {np.median([each.ratio for each in scores]):5.1f}  {1e3 * cost:4.0f} ms",
            flush=True,
        )


def score(picture: Picture, index: int, model: str) -> Score:
    name, mask = picture.names[index], picture.masks[index]
    found = prompt_saliency(Image(picture.image), f"a {name}", model, "cpu", 1)
    means = [found[each].mean() for each in picture.masks]
    colors = [each.split()[0] for each in picture.names]
    return Score(
        int(np.argmax(means)) == index,
        colors.count(name.split()[0]) > 1,
        bool(mask.ravel()[found.argmax()]),
        float(found[mask].mean() / max(found[~mask].mean(), 1e-6)),
    )


def shifted(moves: tuple[tuple[int, int], ...]) -> Arrange:
    """As the product arranges views, with other shifts."""

    def arrange(height: int, width: int, side: int, shift: int) -> Views:
        plain = arrange_views(height, width, side, 0)
        corners = [(top + y, left + x) for top, left in plain.corners for y, x in moves]
        return replace(plain, margin=PATCH // 2, corners=tuple(corners))

    return arrange


def squeezed(moves: tuple[tuple[int, int], ...]) -> Arrange:
    """The whole picture as one square."""
    return lambda height, width, side, shift: shifted(moves)(side, side, side, shift)


def draw_maps(file: Path, model: str) -> None:
    """Two pictures beside the maps of three prompts, in rows."""
    rows = []
    for seed, width in ((2, 128), (4, 220)):
        generator = np.random.default_rng([77, seed])
        picture = draw_picture(generator, 128, width, counts=(4, 4))
        first, second = (f"a {name}" for name in picture.names[:2])
        print(f"{first} | {second} | {first}, {second}")
        cells = [picture.image]
        for prompt in (first, second, f"{first}, {second}"):
            found = prompt_saliency(Image(picture.image), prompt, model, "cpu", 1)
            cells.append(0.85 * found[..., None] + 0.15 * picture.image)
        rows.append(np.hstack([_framed(cell, 2, 2) for cell in cells]))
    width = max(row.shape[1] for row in rows)
    save_png(file, np.vstack([_framed(row, 0, (width - row.shape[1]) // 2) for row in rows]))


def _framed(image: np.ndarray, vertical: int, horizontal: int) -> np.ndarray:
    """The image with so many white pixels on each side."""
    sides = ((vertical, vertical), (horizontal, horizontal), (0, 0))
    return np.pad(image, sides, constant_values=1.0)


if __name__ == "__main__":
    main()
