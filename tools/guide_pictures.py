# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the user's guide: samples drawn by formulas, and their drawings beside them.

    .venv/bin/python tools/guide_pictures.py

writes docs/guide/pictures. tests/core/test_guide.py runs the commands of the guide on the samples.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "guide" / "pictures"
GAP = 16  # pixels between a sample and its drawing
SMALLEST = 640  # pixels across a picture
SMALLEST_LOGO = 160  # pixels across; smaller ones are icons, whose tracing takes longer
# Samples that have a picture, and the settings of their drawings.
DRAWN: dict[str, dict[str, Any]] = {
    "photo.jpg": {"kind": "photo", "budget": 96},
    "logo.png": {},
    "sprite.png": {},
    "glow.png": {},
}
SMOOTHING = 4  # samples a pixel and axis of shapes that PIL draws without smoothing


def landscape(width: int, height: int) -> Image.Image:
    """Draw hills before an evening sky, with noise, as a photograph has it."""
    x, y = np.meshgrid(np.linspace(0.0, 1.0, width), np.linspace(0.0, 1.0, height))
    low, high = np.array([0.98, 0.72, 0.45]), np.array([0.25, 0.38, 0.66])
    picture = high + (low - high) * (y / 0.6).clip(0.0, 1.0)[..., None] ** 1.3
    away = np.hypot(x - 0.68, (y - 0.42) * height / width)
    picture += 0.25 * np.exp(-((away / 0.18) ** 2))[..., None]
    picture[away < 0.055] = (1.0, 0.95, 0.8)
    hills = (
        (0.52, 0.05, 7.0, 0.3, (0.42, 0.40, 0.52)),
        (0.62, 0.06, 5.0, 2.1, (0.27, 0.33, 0.36)),
        (0.76, 0.07, 3.5, 4.0, (0.13, 0.20, 0.16)),
    )
    for base, swing, waves, phase, color in hills:
        edge = base + swing * np.sin(waves * x + phase) + 0.3 * swing * np.sin(3.1 * waves * x)
        shade = 1.0 + 0.5 * (y - edge)[..., None]
        picture = np.where((y > edge)[..., None], np.array(color) * shade, picture)
    picture += np.random.default_rng(0).normal(0.0, 0.012, picture.shape)
    return Image.fromarray((picture.clip(0.0, 1.0) * 255).astype(np.uint8))


def emblem(size: int) -> Image.Image:
    """Draw a logo of four flat colors on a clear ground."""
    large = size * SMOOTHING
    image = Image.new("RGBA", (large, large))
    draw = ImageDraw.Draw(image)

    def scaled(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * large, y * large) for x, y in points]

    draw.ellipse(scaled((0.06, 0.06), (0.94, 0.94)), fill=(28, 62, 110, 255))
    draw.ellipse(scaled((0.12, 0.12), (0.88, 0.88)), fill=(250, 244, 232, 255))
    draw.polygon(scaled((0.22, 0.7), (0.42, 0.3), (0.62, 0.7)), fill=(214, 69, 65, 255))
    draw.polygon(scaled((0.42, 0.7), (0.6, 0.42), (0.78, 0.7)), fill=(28, 62, 110, 255))
    draw.ellipse(scaled((0.58, 0.22), (0.72, 0.36)), fill=(244, 179, 52, 255))
    return image.resize((size, size), Image.Resampling.BOX)


def sprite() -> Image.Image:
    """Draw a small ghost, 16 x 16, as pixel art."""
    rows = (
        "................", ".....oooooo.....", "....obbbbbbo....", "...obbbbbbbbo...",
        "..obbbbbbbbbbo..", "..obwwbbbwwbbo..", "..obwkbbbwkbbo..", "..obwkbbbwkbbo..",
        "..obbbbbbbbbbo..", "..obbbrrrrbbbo..", "..obbbbbbbbbbo..", "..obbbbbbbbbbo..",
        "..obbbbbbbbbbo..", "..obobbobbobbo..", "...o.oo.oo.oo...", "................",
    )  # fmt: skip
    colors = {
        ".": (0, 0, 0, 0), "o": (34, 32, 52, 255), "b": (120, 200, 220, 255),
        "w": (255, 255, 255, 255), "k": (20, 16, 30, 255), "r": (214, 69, 65, 255),
    }  # fmt: skip
    pixels = np.array([[colors[letter] for letter in row] for row in rows], np.uint8)
    return Image.fromarray(pixels)


def glow(size: int) -> Image.Image:
    """Draw a lamp whose light fades out into a clear ground."""
    x, y = np.meshgrid(np.linspace(-1.0, 1.0, size), np.linspace(-1.0, 1.0, size))
    away = np.hypot(x, y)
    pixels = np.zeros((size, size, 4))
    pixels[..., :3] = (1.0, 0.8, 0.35)
    pixels[..., 3] = 0.8 * (1.0 - away).clip(0.0, 1.0) ** 1.5
    pixels[away < 0.3] = (1.0, 0.95, 0.8, 1.0)
    return Image.fromarray((pixels * 255).round().astype(np.uint8))


def write_samples(folder: Path, scale: float = 1.0) -> None:
    """Write the samples that the guide's commands name into `folder`.

    scale: of all but the sprite; the logo stays larger than an icon. The frames are the
    landscape, darker from one to the next.
    """
    photo = landscape(round(480 * scale), round(320 * scale))
    photo.save(folder / "photo.jpg", quality=92)
    emblem(max(SMALLEST_LOGO, round(320 * scale))).save(folder / "logo.png")
    glow(round(240 * scale)).save(folder / "glow.png")
    sprite().save(folder / "sprite.png")
    mask = Image.new("L", photo.size)
    spot = [photo.width * 0.6, photo.height * 0.25, photo.width * 0.8, photo.height * 0.6]
    ImageDraw.Draw(mask).ellipse(spot, fill=255)
    mask.save(folder / "sun.png")
    (folder / "frames").mkdir(exist_ok=True)
    for number in range(1, 4):
        darker = photo.point([round(value * (1.1 - 0.1 * number)) for value in range(256)] * 3)
        darker.resize((photo.width // 2, photo.height // 2)).save(
            folder / "frames" / f"{number:04}.png"
        )


def side_by_side(sample: Image.Image, file: Path, **settings: Any) -> Image.Image:
    """Return a sample beside its drawing with these settings, both over white, twice as large."""
    import resvg_py

    import semvec

    size = (2 * sample.width, 2 * sample.height)
    svg = semvec.vectorize(file, **settings).svg
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size[0], height=size[1]))
    drawn = Image.open(io.BytesIO(png)).convert("RGBA")
    enlarged = sample.convert("RGBA").resize(size, Image.Resampling.NEAREST)
    joined = Image.new("RGBA", (2 * size[0] + GAP, size[1]), (255, 255, 255, 255))
    joined.alpha_composite(enlarged, (0, 0))
    joined.alpha_composite(drawn, (size[0] + GAP, 0))
    return joined.convert("RGB")


def main() -> None:
    """Write all pictures of the guide."""
    import tempfile

    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_samples(folder, 0.7)
        for file, settings in DRAWN.items():
            picture = side_by_side(Image.open(folder / file), folder / file, **settings)
            if picture.width < SMALLEST:
                factor = SMALLEST // picture.width
                size = (picture.width * factor, picture.height * factor)
                picture = picture.resize(size, Image.Resampling.NEAREST)
            output = PICTURES / f"{Path(file).stem}.png"
            picture.quantize(96).save(output, optimize=True)
            print(output)


if __name__ == "__main__":
    main()
