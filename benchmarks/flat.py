# SPDX-License-Identifier: GPL-3.0-or-later
"""Flat art against the SVG that it was drawn from: `python3 dev.py bench flat`.

Every SVG of ../shared/flat_art, or of another `--folder`, is rendered by resvg on white and on
transparency, at 512 and 64 pixels, and drawn with one and with two times its own number of
shapes. vtracer draws the same pictures at its defaults and tuned (polygon precision and speckle
filter chosen for the best PSNR). Means over the pictures, compared at 512 pixels:

- PSNR over white and over black (the lower one), the mean and the worst;
- paths and nodes as a ratio to those of the SVG, and paths drawn beyond the budget;
- off: pictures in which a flat color is more than 1/255 off, or missing;
- spill: share of the pixels that are painted where the picture is clear, in percent;
- seconds of processor time, mean and largest.

Options: `--sides 512,64`, `--budgets 1,2`, `--no-vtracer`.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import resvg_py
from PIL import Image as Pillow

from semvec.core.drawing import Drawing
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import Settings
from semvec.core.svg import from_svg, to_svg

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT.parent / "shared" / "flat_art"
OUTPUT = ROOT / "out" / "bench-flat.json"
SIDE = 512

# What vtracer is tuned over: the speckle filter, color precision and layer difference.
TUNINGS = [
    (speckle, precision, layers) for speckle in (1, 4) for precision in (6, 8) for layers in (4, 16)
]


class Icon(NamedTuple):
    """An SVG and its rendering [H, W, 4] at 512 pixels, uint8."""

    name: str
    text: str
    pixels: np.ndarray
    paths: int
    nodes: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark flat art against its own SVG.")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--sides", default="512,64")
    parser.add_argument("--budgets", default="1,2")
    parser.add_argument("--no-vtracer", action="store_true")
    options = parser.parse_args()
    icons = [read_icon(path) for path in sorted(options.folder.glob("*.svg"))]
    if not icons:
        parser.error(f"There is no SVG file in {options.folder}.")
    results = []
    print(f"{'':34} PSNR worst paths nodes off spill%  s   most")
    for side in map(int, options.sides.split(",")):
        for ground in ("white", "clear"):
            for factor in map(float, options.budgets.split(",")):
                name = f"semvec, {side} px, {ground}, {factor:g}x"
                results.append(measure(name, icons, side, ground, ours(factor)))
            if not options.no_vtracer:
                for title, draw in (("defaults", vtracer_defaults), ("tuned", vtracer_tuned)):
                    name = f"vtracer {title}, {side} px, {ground}"
                    results.append(measure(name, icons, side, ground, draw))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=1), encoding="utf-8")


def read_icon(path: Path) -> Icon:
    """Render an SVG and count its shapes."""
    text = path.read_text(encoding="utf-8")
    size = rendered(text, None).shape
    scale = SIDE / max(size[:2])
    pixels = rendered(text, (round(size[1] * scale), round(size[0] * scale)))
    drawing = from_svg(text)
    return Icon(path.stem, text, pixels, len(drawing.paths), sum(p.nodes for p in drawing.paths))


def rendered(text: str, size: tuple[int, int] | None) -> np.ndarray:
    """Render SVG text at a size (width, height), or its own: uint8 [H, W, 4]."""
    options = {} if size is None else {"width": size[0], "height": size[1]}
    data = bytes(resvg_py.svg_to_bytes(svg_string=text, **options))
    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGBA"))


def on_ground(pixels: np.ndarray, ground: str) -> np.ndarray:
    """Return pixels, uint8 [H, W, 4], laid on white or as they are."""
    return (
        pixels if ground == "clear" else np.dstack([over(pixels, 1.0), np.ones(pixels.shape[:2])])
    )


def over(pixels: np.ndarray, gray: float) -> np.ndarray:
    """Lay pixels [H, W, 4] over a gray: float64 [H, W, 3]."""
    values = pixels / 255.0
    return values[..., :3] * values[..., 3:] + (1.0 - values[..., 3:]) * gray


def ours(factor: float) -> Callable[[Icon, np.ndarray, str], str]:
    """Return a function that draws with so many times the icon's number of shapes."""

    def draw(icon: Icon, pixels: np.ndarray, ground: str) -> str:
        budget = max(1, round(factor * icon.paths)) + (ground == "white")
        values = pixels.astype(np.float32) / 255
        alpha = values[..., 3] if ground == "clear" else None
        settings = Settings(budget=min(budget, 4096), threads=1)
        return to_svg(vectorize(Image(values[..., :3], alpha), settings).drawing)

    return draw


def vtracer_defaults(icon: Icon, pixels: np.ndarray, ground: str) -> str:
    return vtraced(pixels)


def vtracer_tuned(icon: Icon, pixels: np.ndarray, ground: str) -> str:
    """Return the best of TUNINGS, with as many paths as the icon or fewer where there is one."""
    answers = [vtraced(pixels, *tuning) for tuning in TUNINGS]
    allowed = [text for text in answers if text.count("<path") <= 2 * icon.paths + 1]
    size = pixels.shape[1], pixels.shape[0]
    return max(allowed or answers, key=lambda text: psnr(rendered(text, size), pixels))


def vtraced(pixels: np.ndarray, speckle: int = 4, precision: int = 6, layers: int = 16) -> str:
    import vtracer

    data = io.BytesIO()
    Pillow.fromarray(pixels).save(data, "PNG")
    text: str = vtracer.convert_raw_image_to_svg(
        data.getvalue(),
        img_format="png",
        filter_speckle=speckle,
        color_precision=precision,
        layer_difference=layers,
    )
    return text


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return the lower PSNR in dB of those over white and over black."""
    errors = [np.square(over(one, gray) - over(other, gray)).mean() for gray in (0.0, 1.0)]
    return float(-10 * np.log10(max(*errors, 1e-10)))


def measure(
    name: str,
    icons: list[Icon],
    side: int,
    ground: str,
    draw: Callable[[Icon, np.ndarray, str], str],
) -> dict[str, object]:
    """Draw all icons, print a line, and return it."""
    rows = [measured(icon, side, ground, draw) for icon in icons]
    values = np.array(rows)
    mean, most, least = values.mean(axis=0), values.max(axis=0), values.min(axis=0)
    print(
        f"{name:34} {mean[0]:4.1f} {least[0]:5.1f} {mean[1]:5.2f} {mean[2]:5.2f} "
        f"{values[:, 3].sum():3.0f} {mean[4]:6.4f} {mean[5]:4.2f} {most[5]:5.2f}",
        flush=True,
    )
    return {"name": name, "icons": [icon.name for icon in icons], "rows": rows}


def measured(
    icon: Icon, side: int, ground: str, draw: Callable[[Icon, np.ndarray, str], str]
) -> list[float]:
    """Return PSNR, ratios of paths and nodes, whether a color is off, spill and seconds."""
    height, width = icon.pixels.shape[:2]
    size = max(1, round(width * side / SIDE)), max(1, round(height * side / SIDE))
    truth = as_bytes(on_ground(icon.pixels, ground))
    picture = as_bytes(on_ground(rendered(icon.text, size), ground))
    started = time.process_time()
    text = draw(icon, picture, ground)
    seconds = time.process_time() - started
    drawing = from_svg(text)
    # Stretched: the small picture's sides are rounded.
    shown = rendered(to_svg(drawing.scaled(width, height)), (width, height))
    nodes = sum(path.nodes for path in drawing.paths)
    spill = 100 * float(((truth[..., 3] == 0) & (shown[..., 3] > 0)).mean())
    ratios = [len(drawing.paths) / max(icon.paths, 1), nodes / max(icon.nodes, 1)]
    return [psnr(shown, truth), *ratios, float(is_off(drawing, picture)), spill, seconds]


def as_bytes(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.dtype == np.uint8 else np.rint(pixels * 255).astype(np.uint8)


def is_off(drawing: Drawing, picture: np.ndarray) -> bool:
    """Tell whether a color that fills 0.1 % of the picture, in blocks, is none of the fills."""
    block = (picture[1:, 1:] == picture[:-1, :-1]) & (picture[1:, 1:] == picture[1:, :-1])
    block &= picture[1:, 1:] == picture[:-1, 1:]
    flat = picture[1:, 1:][block.all(axis=2)]
    colors, counts = np.unique(flat, axis=0, return_counts=True)
    is_frequent = counts > 1e-3 * picture[..., 0].size
    frequent = colors[is_frequent & (colors[:, 3] == 255), :3].astype(int)
    fills = np.array([np.rint(path.fill[:3] * 255) for path in drawing.paths]).reshape(-1, 3)
    if len(fills) == 0:
        return len(frequent) > 0
    return bool((np.abs(frequent[:, None] - fills).max(axis=2).min(axis=1) > 1).any())


if __name__ == "__main__":
    main()
